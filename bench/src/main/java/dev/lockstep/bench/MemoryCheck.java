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
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Whether training keeps what it takes of the machine: resident memory, threads, open files (connections among them) and
 * mapped areas after 200 steps or a fifth of all, whatever is more (on a cluster, the block managers' pools of threads fill for seven
 * gangs: 5,000 steps are enough then), at ten points on the way, and after the last step, of this process and its children (the
 * executors of a local-cluster). A gang ends every 100 steps. Linux only: it reads {@code /proc}. The resident size follows
 * what the Java heap may grow to, long before anything leaks: give it a fixed, touched heap
 * ({@code LOCKSTEP_JAVA_OPTS="-Xms1g -Xmx1g -XX:+AlwaysPreTouch"}), and one network a process.
 *
 * @param sizes by steps done
 * @param early from how many steps on nothing may grow
 */
record MemoryCheck(SortedMap<Long, Size> sizes, long early) {
    private static final long EARLIEST = 200;
    private static final int EARLY_PART = 5;
    private static final int POINTS = 10;
    private static final double GROWTH_ALLOWED = 0.10;

    /** Between checkpoints, at which a gang ends. */
    private static final int REST = 100;
    /** How many more of what comes one by one there may be: Spark's own come and go. */
    private static final long MORE_ALLOWED = 10;

    /**
     * What there is at one moment.
     *
     * @param resident in MiB; {@code heap}, this process's, is a part of it
     * @param mapped areas of memory
     */
    record Size(long resident, long heap, long threads, long files, long mapped) {
        static Size now() {
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
            return new Size(
                    sum(process -> number(process, "VmRSS:")) >> 10,
                    heap >> 20,
                    sum(process -> number(process, "Threads:")),
                    sum(process -> MemoryCheck.<Path>count(Files::list, process, "fd")),
                    sum(process -> MemoryCheck.<String>count(Files::lines, process, "maps")));
        }

        @Override
        public String toString() {
            return resident + " (heap " + heap + ", threads " + threads + ", files " + files + ", mapped " + mapped
                    + ")";
        }
    }

    static MemoryCheck run(Workload workload, JavaSparkContext spark, String exchange, int steps) throws IOException {
        SortedMap<Long, Size> sizes = new TreeMap<>();
        long early = Math.max(EARLIEST, steps / EARLY_PART);
        try (LockstepMode training = LockstepMode.resting(workload, spark, exchange, REST, step -> {
            if (step == early || step == steps || step % (steps / POINTS) == 0) {
                sizes.put(step, Size.now());
            }
        })) {
            training.run(steps);
        }
        return new MemoryCheck(sizes, early);
    }

    /** The share by which the later size is above the earlier one. */
    double growth() {
        return (double) sizes.get(sizes.lastKey()).resident() / sizes.get(early).resident() - 1;
    }

    boolean passed() {
        Size before = sizes.get(early);
        Size late = sizes.get(sizes.lastKey());
        return growth() <= GROWTH_ALLOWED
                && late.threads() <= before.threads() + MORE_ALLOWED
                && late.files() <= before.files() + MORE_ALLOWED;
    }

    private static long sum(ToLongFunction<Path> figure) {
        ProcessHandle self = ProcessHandle.current();
        return Stream.concat(Stream.of(self), self.descendants())
                .mapToLong(process -> figure.applyAsLong(Path.of("/proc/" + process.pid())))
                .sum();
    }

    private static long number(Path process, String name) {
        return read(Files::lines, process.resolve("status"), lines -> lines.filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0));
    }

    private static <T> long count(Opener<T> opener, Path process, String what) {
        return read(opener, process.resolve(what), Stream::count);
    }

    /** A way to what the system tells of a process. */
    private interface Opener<T> {
        Stream<T> open(Path path) throws IOException;
    }

    private static <T> long read(Opener<T> opener, Path path, ToLongFunction<Stream<T>> figure) {
        try (Stream<T> all = opener.open(path)) {
            return figure.applyAsLong(all);
        } catch (NoSuchFileException e) {
            return 0; // the process ended meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
