package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.EditDistance;
import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.config.RlParser;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.driver.rl.RlRun;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunLog;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "rl",
        description = "Reinforcement learning: acts in an environment, in parallel, and learns from what comes of it.",
        mixinStandardHelpOptions = true)
final class RlCommand implements Callable<Integer> {
    private static final String DEFAULT = "cartpole-ppo";

    static final List<String> EXERCISES = List.of(
            "gridworld-q",
            "gridworld-dqn",
            "gridworld-reinforce",
            "frozenlake-q",
            "cartpole-dqn",
            "cartpole-reinforce",
            "cartpole-ppo");

    @Spec
    private CommandSpec spec;

    @Option(names = "--conf", paramLabel = "FILE", description = "A HOCON file.")
    private String conf;

    @Parameters(
            paramLabel = "EXERCISE|key=value",
            arity = "0..*",
            description = "An exercise that comes with Lockstep, such as gridworld-q (default: " + DEFAULT
                    + "), and values laid over its configuration.")
    private List<String> words = List.of();

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        SparkConf sparkConf = output.sparkConf("rl");
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(sparkConf);
        RlConfig config = load(hadoop);
        sparkConf.setAppName("lockstep " + config.name());
        RunFolder folder = output.folder(config.name(), hadoop);
        PrintStream display = output.display();
        Interruption interruption = new Interruption();
        display.print(intent(config, sparkConf.get("spark.master")));
        display.println("run folder: " + folder.shown());
        RlRun run = new RlRun(
                config, folder, LockstepCommand.typed(spec), LockstepCommand.Version.text(), display::println);
        try (RunLog log = RunLog.ofProcess(folder);
                LateSpark spark = new LateSpark(sparkConf)) {
            RlRun.Outcome outcome = run.run(() -> spark.context(interruption::requested), interruption::requested);
            return conclude(outcome, config, folder, display);
        } finally {
            TrainCommand.report(folder);
        }
    }

    private RlConfig load(Configuration hadoop) throws IOException {
        List<String> overrides = new ArrayList<>(words);
        String name = !words.isEmpty() && !words.get(0).contains("=") ? overrides.remove(0) : null;
        if (name != null && conf != null) {
            throw new ConfigurationException(
                    "--conf " + conf + ": is given together with the exercise " + name + "; give one of them");
        }
        boolean stored = output.isResumed() && name == null && conf == null;
        Config base = stored
                ? stored(output.given(hadoop))
                : ConfigurationOptions.named(conf != null ? conf : "rl/" + exercise(name == null ? DEFAULT : name));
        Substitutions substitutions =
                stored ? Substitutions.NONE : Substitutions.of(System.getenv(), SparkApplication.namesOfSecrets());
        return RlParser.parse(RunConfigParser.override(base, overrides), substitutions);
    }

    private static String exercise(String name) {
        if (!EXERCISES.contains(name)) {
            String nearest = EXERCISES.stream()
                    .min(Comparator.comparingInt(known -> EditDistance.between(name, known)))
                    .orElseThrow();
            throw new ConfigurationException("there is no exercise '" + Excerpt.of(name) + "'; the nearest is "
                    + nearest + "; known are " + String.join(", ", EXERCISES));
        }
        return name;
    }

    private static Config stored(RunFolder folder) throws IOException {
        Config stored = ConfigurationOptions.resolved(folder);
        if (stored == null) {
            throw new ModelException("--resume --out " + folder.shown() + ": there is no run to go on with (no "
                    + ConfigurationOptions.RESOLVED + "); leave --resume out to start one");
        }
        return stored;
    }

    private static String intent(RlConfig config, String master) {
        return String.format(
                Locale.ROOT,
                "%s in %s, at most %,d iterations of %d episodes of at most %,d steps%non %s%n",
                config.algorithm().method().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                config.world().name(),
                config.algorithm().iterations(),
                config.algorithm().episodes(),
                config.world().stepLimit(),
                master);
    }

    private static int conclude(RlRun.Outcome outcome, RlConfig config, RunFolder folder, PrintStream display)
            throws IOException {
        if (outcome.status() == RunRecord.Status.INTERRUPTED) {
            display.println(
                    "interrupted after iteration " + outcome.experience().iterations() + "; go on with: "
                            + LockstepCommand.here("lockstep rl --resume --out " + folder.shown()));
            return ExitCode.INTERRUPTED;
        }
        if (folder.has(RlRun.POLICY)) {
            display.print(new String(folder.read(RlRun.POLICY), StandardCharsets.UTF_8));
        }
        display.printf(
                Locale.ROOT,
                "test return %.2f on average over %d episodes (%.2f to %.2f), after %,d episodes of %,d steps;"
                        + " report: %s/report.html%n",
                outcome.test().get("return"),
                config.examination().episodes(),
                outcome.test().get("return_least"),
                outcome.test().get("return_most"),
                outcome.experience().episodes(),
                outcome.experience().steps(),
                folder.shown());
        return ExitCode.DONE;
    }
}
