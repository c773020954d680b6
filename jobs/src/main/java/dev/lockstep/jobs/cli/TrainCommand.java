package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.live.LiveReport;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.MemoryNeed;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.report.LayerRow;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.RunReport;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ProgressLine;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunLog;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.StartingPoint;
import dev.lockstep.driver.run.TeacherModel;
import dev.lockstep.driver.run.TrainingRun;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "train",
        description = "Trains a network. With no arguments: the default CNN on the bundled data, on this machine.",
        mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private OutputOptions output;

    @Option(names = "--dry-run", description = "Check configuration and data, say what would be done, and end.")
    private boolean dryRun;

    @Option(names = "--watch", description = "Also serve the report while it runs, live, to a browser on this machine.")
    private boolean watch;

    @Option(
            names = "--other-kernels",
            description =
                    "With --resume: go on though the steps so far were computed with other kernels or on another kind"
                            + " of processor, in bits of neither; run.json says so.")
    private boolean otherKernels;

    @Override
    public Integer call() throws IOException {
        SparkConf sparkConf = output.sparkConf("train");
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(sparkConf);
        RunConfig config = configuration.load(output.isResumed() ? resolvedOf(output.given(hadoop)) : null);
        MemoryNeed.check(config, sparkConf.get("spark.master")); // before anything is taken for it
        sparkConf.setAppName("lockstep " + config.name());
        RunFolder folder = output.folder(config.name(), hadoop);
        try (LateSpark spark = new LateSpark(sparkConf)) {
            Dataset dataset = Dataset.open(
                    config.data(), config.network().input(), config.network().target(), hadoop, spark::session);
            Trainer.check(config, dataset, hadoop);
            if (dryRun) {
                StartingPoint.of(config, hadoop); // or it says why not
                TeacherModel.of(config, dataset, hadoop);
                SparkApplication.requireReachable(sparkConf);
                plan(config, dataset, folder, sparkConf.get("spark.master"));
                return ExitCode.DONE;
            }
            return train(config, dataset, folder, spark, sparkConf.get("spark.master"));
        }
    }

    private int train(RunConfig config, Dataset dataset, RunFolder folder, LateSpark spark, String master)
            throws IOException {
        Interruption interruption = new Interruption();
        Objective objective = config.network().objective();
        PrintStream display = output.display();
        LoopListener listener =
                LoopListener.of(new ProgressLine(display, System.console() != null, objective), interruption);
        display.print(intent(config, dataset, master));
        display.println("run folder: " + folder.shown());
        TrainingRun run =
                new TrainingRun(config, dataset, folder, LockstepCommand.typed(spec), LockstepCommand.Version.text());
        try (RunLog log = RunLog.ofProcess(folder);
                LiveReport live = watch ? new LiveReport(folder, 0) : null) {
            if (live != null) {
                display.println("watch it at " + live.address() + " (on this machine alone)");
            }
            TrainingRun.Outcome outcome = run.recorded(() -> {
                try (spark) {
                    return run.train(spark.context(interruption::requested), listener, null, otherKernels);
                }
            });
            conclude(outcome, folder, display, objective);
            return outcome.status() == RunRecord.Status.INTERRUPTED ? ExitCode.INTERRUPTED : ExitCode.DONE;
        } finally {
            report(folder);
        }
    }

    /** A report that cannot be written must not hide how the run ended. */
    static void report(RunFolder folder) {
        try {
            if (folder.has(RunRecord.FILE)) { // or it was deleted, which has been said
                RunReport.write(folder);
            }
        } catch (IOException | RuntimeException e) {
            System.err.println("lockstep: no report: " + ExitCode.message(e));
        }
    }

    private static void conclude(
            TrainingRun.Outcome outcome, RunFolder folder, PrintStream display, Objective objective) {
        if (outcome.status() == RunRecord.Status.INTERRUPTED) {
            display.println("interrupted after step " + outcome.state().step() + "; go on with: "
                    + LockstepCommand.here("lockstep train --resume --out " + folder.shown()));
        } else if (outcome.test() != null) {
            String shown = folder.shown();
            display.println("next: " + LockstepCommand.here("lockstep evaluate --model " + shown));
            display.println(
                    "      " + LockstepCommand.here("lockstep predict --model " + shown + " --out predictions.csv"));
            display.println("      " + LockstepCommand.here("lockstep compare " + shown + " OTHER_RUN"));
            display.printf(
                    Locale.ROOT,
                    "test %s %.4f, loss %.4f; report: %s/report.html%n",
                    objective.figure().replace('_', ' '),
                    outcome.test().figure(objective.figure()),
                    outcome.test().loss(),
                    folder.shown());
        }
    }

    /** What is going to be done, in three lines: data, network, cluster. */
    private static String intent(RunConfig config, Dataset dataset, String sparkMaster) {
        List<LayerRow> layers = LayerRow.of(config.network());
        return String.format(
                Locale.ROOT,
                "data: %,d training and %,d test examples of %s from %s%n"
                        + "network: %d layers, %,d parameters, about %s FLOPs a step%n"
                        + "cluster: %s, batches of %d in %d shards, %s%n",
                dataset.train().size(),
                dataset.test().size(),
                dataset.shape(),
                config.redacted(config.data().path()),
                layers.size(),
                layers.stream().mapToLong(LayerRow::parameters).sum(),
                Numbers.count(LayerRow.flopsOfStep(layers, config.training().batchSize())),
                sparkMaster,
                config.training().batchSize(),
                config.training().shards(),
                config.training().length());
    }

    private void plan(RunConfig config, Dataset dataset, RunFolder folder, String sparkMaster) {
        System.out.print(SummaryCommand.table(config));
        System.out.printf(
                Locale.ROOT,
                "%d training and %d test examples from %s%n%s, batches of %d in %d shards, exchange %s, on %s%nwould write to %s%n",
                dataset.train().size(),
                dataset.test().size(),
                config.redacted(config.data().path()),
                config.training().length(),
                config.training().batchSize(),
                config.training().shards(),
                config.training().exchange().name().toLowerCase(Locale.ROOT),
                sparkMaster,
                folder.shown());
    }

    /**
     * The configuration that a run left behind: what --resume goes on with when no other is named.
     *
     * @return null when another is named
     */
    private Config resolvedOf(RunFolder folder) throws IOException {
        if (!folder.has(RunRecord.FILE) && !folder.has(ConfigurationOptions.RESOLVED)) {
            throw new ModelException("--resume --out " + folder.shown()
                    + ": there is no run to go on with (no " + RunRecord.FILE + " and " + ConfigurationOptions.RESOLVED
                    + "); leave --resume out to start one");
        }
        Config resolved = configuration.isGiven() ? null : ConfigurationOptions.resolved(folder);
        if (resolved == null && !configuration.isGiven()) {
            throw new ModelException("--resume --out " + folder.shown() + ": " + ConfigurationOptions.RESOLVED
                    + " is missing; name the --conf that the run was started with");
        }
        return resolved;
    }
}
