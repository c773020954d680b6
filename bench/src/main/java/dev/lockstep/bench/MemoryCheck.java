package dev.lockstep.bench;

import dev.lockstep.bench.mode.LockstepMode;
import dev.lockstep.bench.mode.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Whether training keeps its memory: the resident size after 200 steps, at ten points on the way, and after the last
 * step, of this process and its children (the executors of a local-cluster). Linux only: it reads {@code /proc}. The resident size follows what the Java heap may
 * grow to, long before anything leaks: give it a fixed, touched heap ({@code LOCKSTEP_JAVA_OPTS="-Xms1g -Xmx1g
 * -XX:+AlwaysPreTouch"}), and one network a process.
 *
 * @param sizes by steps done
 */
record MemoryCheck(SortedMap<Long, Size> sizes) {
    private static final long EARLY = 200;
    private static final int POINTS = 10;
    private static final double GROWTH_ALLOWED = 0.10;

    /** What there is at one moment, in MiB: resident memory, and this process's Java heap, which is a part of it. */
    record Size(long resident, long heap) {
        static Size now() {
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
            return new Size(residentMebibytes(), heap >> 20);
        }

        @Override
        public String toString() {
            return resident + " (heap " + heap + ")";
        }
    }

    static MemoryCheck run(Workload workload, JavaSparkContext spark, String exchange, int steps) throws IOException {
        SortedMap<Long, Size> sizes = new TreeMap<>();
        try (LockstepMode training = new LockstepMode(workload, spark, exchange, step -> {
            if (step == EARLY || step == steps || step % (steps / POINTS) == 0) {
                sizes.put(step, Size.now());
            }
        })) {
            training.run(steps);
        }
        return new MemoryCheck(sizes);
    }

    /** The share by which the later size is above the earlier one. */
    double growth() {
        return (double) sizes.get(sizes.lastKey()).resident() / sizes.get(EARLY).resident() - 1;
    }

    boolean passed() {
        return growth() <= GROWTH_ALLOWED;
    }

    private static long residentMebibytes() {
        ProcessHandle self = ProcessHandle.current();
        return Stream.concat(Stream.of(self), self.descendants())
                        .mapToLong(process -> residentKibibytes(process.pid()))
                        .sum()
                >> 10;
    }

    private static long residentKibibytes(long process) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + process + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (NoSuchFileException e) {
            return 0; // it ended meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
