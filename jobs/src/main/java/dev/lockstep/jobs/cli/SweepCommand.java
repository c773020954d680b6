package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.driver.config.SweepParser;
import dev.lockstep.driver.report.SweepReport;
import dev.lockstep.driver.run.Ending;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.FolderLock;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunLog;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.run.SweepRecord;
import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.driver.sweep.Search;
import dev.lockstep.driver.sweep.Sweep;
import dev.lockstep.driver.sweep.SweepTable;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialScheduler;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "sweep",
        description = "Trains many variants as parallel jobs, and says which is best and how to train it again."
                + " key=v1,v2,... adds a key and its values to the search space.",
        mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {
    /** The sweep as it was given, so that it can be resumed. */
    private static final String CONFIGURATION = "sweep.conf";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private OutputOptions output;

    @Option(names = "--yes", description = "More than 10,000 trials are meant.")
    private boolean large;

    @Option(names = "--dry-run", description = "Check all trials, list them, and end.")
    private boolean dryRun;

    @Override
    public Integer call() throws IOException {
        SparkConf sparkConf = output.sparkConf("sweep");
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(sparkConf);
        Config before = output.isResumed() ? before(output.given(hadoop)) : null;
        Substitutions substitutions = configuration.substitutions(before);
        Config config = substitutions.written(configuration.loadSweep(before));
        if (before != null) {
            refuseOther(before, config);
        }
        try (LateSpark spark = new LateSpark(sparkConf)) {
            Datasets datasets = new Datasets(hadoop, spark::session);
            Search search = Search.of(SweepParser.parse(config, substitutions), datasets, large);
            String name = search.trials().get(0).config().name();
            sparkConf.setAppName("lockstep sweep " + name); // unless a table has had Spark start
            return run(config, search, datasets, output.folder(name, hadoop), spark);
        }
    }

    private int run(Config config, Search search, Datasets datasets, RunFolder folder, LateSpark late)
            throws IOException {
        TrialScheduler.refuseOthers(folder, search.trials(), datasets);
        if (dryRun) {
            SparkApplication.requireReachable(late.conf());
            list(search, folder);
            return ExitCode.DONE;
        }
        folder.create();
        try (FolderLock lock = FolderLock.take(folder)) {
            int exitCode = run(config, search, datasets, folder, lock, late);
            lock.require();
            return exitCode;
        }
    }

    private int run(Config config, Search search, Datasets datasets, RunFolder folder, FolderLock lock, LateSpark late)
            throws IOException {
        PrintStream display = output.display();
        display.println("sweep folder: " + folder.shown());
        SweepRecord record = begun(search, folder);
        folder.write(CONFIGURATION, Hocon.text(config));
        record.write(folder);
        Interruption interruption = new Interruption();
        SweepTable table = new SweepTable(display, System.console() != null, search);
        Sweep sweep = new Sweep(search, datasets, folder, table, () -> interruption.requested() || !lock.isHeld());
        RunRecord.Status status = RunRecord.Status.FAILED;
        int exitCode = ExitCode.FAULT;
        String error = null;
        long began = System.nanoTime();
        try (RunLog log = RunLog.ofProcess(folder);
                late) {
            JavaSparkContext spark = late.context(interruption::requested);
            record = record.with(
                    new SweepRecord.Place(spark.master(), spark.sc().applicationId(), SparkApplication.slots(spark)));
            boolean whole = sweep.run(new TrialScheduler(
                    spark, datasets, folder, LockstepCommand.typed(spec), LockstepCommand.Version.text(), sweep));
            table.conclude();
            record = conclude(sweep, whole, folder, record, display);
            if (!whole && interruption.requested()) {
                exitCode = ExitCode.INTERRUPTED;
                status = RunRecord.Status.INTERRUPTED;
            } else if (!whole) {
                throw new IllegalStateException("Spark ended before all trials did");
            } else if (sweep.best().isPresent()) {
                exitCode = ExitCode.DONE;
                status = RunRecord.Status.FINISHED;
            } else {
                TrialResult first = sweep.firstFailure();
                error = "none of the " + search.trials().size() + " trials finished; the first that did not, "
                        + first.trial().name() + ": " + first.error();
                exitCode = LockstepCommand.ended(spec, first.exitCode(), error);
            }
        } catch (IOException | RuntimeException | Error e) {
            exitCode = ExitCode.of(e);
            error = ExitCode.message(e);
            throw e;
        } finally {
            double seconds = (System.nanoTime() - began) / 1e9;
            double ofTrials =
                    sweep.results().stream().mapToDouble(TrialResult::seconds).sum();
            if (lock.isHeld()) {
                Ending ending = new Ending(
                        status, exitCode, error, seconds, Instant.now().toString());
                end(record.with(ending, ofTrials), folder);
            }
        }
        return exitCode;
    }

    /** What is wrong with the folder must not hide how the sweep ended. */
    private static void end(SweepRecord record, RunFolder folder) {
        try {
            record.write(folder);
            SweepReport.write(folder);
        } catch (IOException | RuntimeException e) {
            System.err.println("lockstep: no report: " + ExitCode.message(e));
        }
    }

    /** @return the record with the best trial */
    private static SweepRecord conclude(
            Sweep sweep, boolean whole, RunFolder folder, SweepRecord record, PrintStream display) {
        SweepRecord concluded = record;
        if (sweep.best().isPresent()) {
            TrialResult best = sweep.best().get();
            String again = record.identity().train() + " " + words(best.trial().values());
            concluded = record.with(new SweepRecord.Best(best.trial().name(), again, best.parametersSha256()));
            display.println("best trial: " + best.trial().name() + (whole ? "" : " so far"));
            display.println("train it again with: " + LockstepCommand.here(again));
        }
        if (whole) {
            display.println("report: " + folder.shown() + "/report.html");
        } else {
            display.println("not all trials ended; go on with: "
                    + LockstepCommand.here("lockstep sweep --resume --out " + folder.shown()));
        }
        return concluded;
    }

    /** The record of a sweep that begins, or goes on: how it is trained again is as it was said first. */
    private SweepRecord begun(Search search, RunFolder folder) throws IOException {
        Optional<SweepRecord.Identity> earlier =
                Optional.ofNullable(SweepRecord.read(folder)).map(SweepRecord::identity);
        return SweepRecord.of(new SweepRecord.Identity(
                LockstepCommand.Version.text(),
                LockstepCommand.typed(spec),
                earlier.map(SweepRecord.Identity::train).orElseGet(this::train),
                search.metric().toString(),
                search.trials().size(),
                earlier.map(SweepRecord.Identity::started)
                        .orElseGet(() -> Instant.now().toString())));
    }

    /** The command that trains what all trials share. */
    private String train() {
        return "lockstep train"
                + configuration.words().stream().map(word -> " " + quoted(word)).collect(Collectors.joining());
    }

    private static String words(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> quoted(entry.getKey() + "=" + entry.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** As a shell takes it for one word. */
    private static String quoted(String word) {
        return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static Config before(RunFolder folder) throws IOException {
        Config before = ConfigurationOptions.stored(folder, CONFIGURATION);
        if (before == null) {
            throw new ModelException("--resume --out " + folder.shown() + ": there is no sweep to go on with (no "
                    + CONFIGURATION + "); leave --resume out to start one");
        }
        return before;
    }

    /** Trials of one sweep and of another must not be mixed. */
    private static void refuseOther(Config before, Config now) {
        Map<String, ConfigValue> there = values(before);
        Map<String, ConfigValue> here = values(ConfigFactory.parseString(Hocon.text(now)));
        List<String> keys = new ArrayList<>(there.keySet());
        keys.addAll(here.keySet());
        for (String key : keys) {
            ConfigValue was = there.get(key);
            ConfigValue is = here.get(key);
            if (was == null || !was.equals(is)) {
                throw new ModelException("--resume: the sweep in the folder has " + key + " = " + shown(was)
                        + ", this command " + shown(is) + "; leave out --conf and key=value to go on with it as it was,"
                        + " or choose another --out");
            }
        }
    }

    private static Map<String, ConfigValue> values(Config config) {
        Map<String, ConfigValue> values = new TreeMap<>();
        config.entrySet().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
        return values;
    }

    private static String shown(ConfigValue value) {
        return value == null ? "nothing" : value.render(ConfigRenderOptions.concise());
    }

    private void list(Search search, RunFolder folder) {
        for (Trial trial : search.trials()) {
            System.out.println(trial.name() + "  " + words(trial.values()));
        }
        System.out.printf(
                Locale.ROOT,
                "%d trials by %s%s; would write to %s%n",
                search.trials().size(),
                search.metric(),
                search.budgets().isEmpty()
                        ? ""
                        : ", halving at "
                                + search.budgets().stream()
                                        .map(Object::toString)
                                        .collect(Collectors.joining(", ")),
                folder.shown());
    }
}
