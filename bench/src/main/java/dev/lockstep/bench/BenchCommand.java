package dev.lockstep.bench;

import dev.lockstep.bench.mode.ComputeMode;
import dev.lockstep.bench.mode.FitMode;
import dev.lockstep.bench.mode.ForwardMode;
import dev.lockstep.bench.mode.LockstepMode;
import dev.lockstep.bench.mode.Mode;
import dev.lockstep.bench.mode.PeerMode;
import dev.lockstep.bench.mode.StockMode;
import dev.lockstep.bench.mode.Workload;
import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.settings.JvmSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lockstep bench}: what training costs, beside what the processor alone could do and beside stock DL4J. */
@Command(
        name = "bench",
        description = "Throughput and exchange cost, beside stock DL4J in the same run.",
        mixinStandardHelpOptions = true)
public final class BenchCommand implements LockstepCommand.Extra {
    private static final List<String> MODES =
            List.of("compute", "lockstep", "stock-dl4j", "stock-dl4j-kernels", "dl4j", "forward", "audited");
    private static final List<String> MODES_OF_SHARDS = List.of("compute", "lockstep", "audited");
    private static final double AUDIT = 0.01;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results there.")
    private Path json;

    @Option(
            names = "--networks",
            split = ",",
            paramLabel = "NAME",
            description =
                    "lenet, lenet-bn, deep, any configuration that comes with Lockstep, or of sequences lstm-, gru- or "
                            + "transformer-WIDTHxSTEPS, as lstm-128x32 (default: the first three).")
    private List<String> networks = List.of("lenet", "lenet-bn", "deep");

    @Option(
            names = "--modes",
            split = ",",
            paramLabel = "MODE",
            description = "compute, lockstep, stock-dl4j, stock-dl4j-kernels, dl4j (as shipped, without Spark), "
                    + "forward (evaluation alone), audited (lockstep with one percent of the shards computed twice) (default: the first three; with --shards, the first"
                    + " two).")
    private List<String> modes; // null for the default

    @Option(
            names = "--peer",
            paramLabel = "COMMAND",
            description = "Another trainer, run in turn with the modes; its last line of output is JSON with "
                    + "examples_per_second. {network}, {tasks} and {batch} stand for the workload's.")
    private List<String> peers = List.of();

    @Option(
            names = "--exchange",
            split = ",",
            paramLabel = "NAME",
            description = "The exchanges of mode lockstep (default: the one that training takes).")
    private List<String> exchanges = Arrays.asList((String) null);

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark's master (default: what spark-submit gave, else local[*]).")
    private String master;

    @Option(
            names = "--tasks",
            paramLabel = "N",
            description = "Spark tasks a step, or threads without Spark (default: every slot).")
    private int tasks;

    @Option(
            names = "--shards",
            paramLabel = "N",
            description = "Shards of 64 examples a step, for compute, lockstep and peers (default: one for each task).")
    private int shards;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "5",
            description = "Measured windows a mode, of which the median counts (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "2.5",
            description = "Length of a window (default: ${DEFAULT-VALUE}); one of mode lockstep is at least an epoch.")
    private double seconds;

    @Option(
            names = "--examples",
            paramLabel = "N",
            description = "How many of the 12,000 images an epoch has at most (default: all).")
    private int examples = Workload.EXAMPLES;

    @Option(
            names = "--memory",
            description =
                    "Instead: train --steps steps, a gang every 100; fail when the resident size grows by more than"
                            + " 10 %%, or threads or open files by more than 10, after the first fifth.")
    private boolean memory;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Steps of --memory, at least 400 (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Override
    public Integer call() throws IOException {
        List<String> measured = checked();
        SparkConf conf =
                SparkApplication.conf(master, "bench", JvmSettings.assembly().orElse(null));
        try (LateSpark late = new LateSpark(conf)) {
            JavaSparkContext spark = late.context(() -> false);
            List<Workload> workloads = new ArrayList<>();
            for (String network : networks) {
                int threads = tasks > 0 ? tasks : spark.defaultParallelism();
                workloads.add(Workload.of(
                        network, threads, shards > 0 ? shards : threads, examples, spark.hadoopConfiguration()));
            }
            return memory ? checkMemory(workloads, spark) : measure(workloads, measured, spark);
        }
    }

    /**
     * The modes to measure.
     *
     * @throws ConfigurationException when the options do not go together
     */
    List<String> checked() {
        List<String> measured = modes != null ? modes : MODES.subList(0, shards > 0 ? 2 : 3);
        for (String mode : measured) {
            if (!MODES.contains(mode)) {
                throw new ConfigurationException(
                        "--modes: unknown mode '" + mode + "'; expected some of " + String.join(", ", MODES));
            }
        }
        if (!memory && shards > 0 && !MODES_OF_SHARDS.containsAll(measured)) {
            throw new ConfigurationException(
                    "--shards is for --modes compute, lockstep and audited; the others take one for each task, found "
                            + String.join(", ", measured));
        }
        if (steps < 400) {
            throw new ConfigurationException("--steps must be at least 400, found " + steps);
        }
        if (tasks < 0 || shards < 0 || windows < 1 || !(seconds > 0) || examples < 1) {
            throw new ConfigurationException(
                    "--tasks and --shards must be at least 0, --windows and --examples at least 1, and"
                            + " --seconds above 0; found " + tasks + ", " + shards + ", " + windows + ", " + examples
                            + " and " + seconds);
        }
        return measured;
    }

    private int measure(List<Workload> workloads, List<String> measured, JavaSparkContext spark) throws IOException {
        Measurement measurement = new Measurement(windows, seconds);
        List<ModeResult> results = new ArrayList<>();
        System.out.print(ResultTable.header());
        for (Workload workload : workloads) {
            List<Mode> opened = new ArrayList<>();
            try {
                for (String mode : measured) {
                    opened.addAll(open(mode, workload, spark));
                }
                for (String peer : peers) {
                    opened.add(new PeerMode(workload, peer));
                }
                List<ModeResult> found = measurement.of(workload, opened, spark.master());
                System.out.print(ResultTable.rows(found));
                results.addAll(found);
            } finally {
                opened.forEach(Mode::close);
            }
        }
        if (json != null) {
            ModeResult.write(results, json);
        }
        return 0;
    }

    private List<Mode> open(String mode, Workload workload, JavaSparkContext spark) throws IOException {
        return switch (mode) {
            case "compute" -> List.of(new ComputeMode(workload));
            case "lockstep" -> {
                List<Mode> each = new ArrayList<>();
                for (String exchange : exchanges) {
                    each.add(new LockstepMode(workload, spark, exchange));
                }
                yield each;
            }
            case "audited" -> List.of(LockstepMode.audited(workload, spark, AUDIT));
            case "dl4j" -> List.of(new FitMode(workload));
            case "forward" -> List.of(new ForwardMode(workload));
            default -> List.of(StockMode.of(workload, spark, mode.equals("stock-dl4j-kernels")));
        };
    }

    private int checkMemory(List<Workload> workloads, JavaSparkContext spark) throws IOException {
        List<String> grown = new ArrayList<>();
        for (Workload workload : workloads) {
            for (String exchange : exchanges) {
                MemoryCheck check = MemoryCheck.run(workload, spark, exchange, steps);
                System.out.printf(
                        Locale.ROOT,
                        "%s: resident MiB and more by steps %s; %+.1f %% from the first to the last%n",
                        workload.network(),
                        check.sizes(),
                        100 * check.growth());
                if (!check.passed()) {
                    grown.add(workload.network());
                }
            }
        }
        if (!grown.isEmpty()) {
            throw new IllegalStateException(
                    "the resident size grew by more than 10 %, or threads or files by more than 10, with "
                            + String.join(", ", grown));
        }
        return 0;
    }
}
