package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.FolderLock;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.jobs.course.Course;
import dev.lockstep.jobs.course.CoursePlan;
import dev.lockstep.jobs.course.CourseRun;
import dev.lockstep.jobs.course.Exercise;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "course",
        description = "The course's exercises, side by side with what the course saw.",
        mixinStandardHelpOptions = true)
final class CourseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "list|all|NAME|key=value",
            arity = "0..*",
            description = "list (the default), all, or exercises by name or the beginning of it (2_4, 2_5_dropout);"
                    + " values laid over every trial's configuration.")
    private List<String> words = List.of();

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description =
                    "A folder of IDX files, such as MNIST's, for the exercises on images (default: the bundled data).")
    private String data;

    @Option(
            names = "--cifar10",
            paramLabel = "PATH",
            description = "A folder of CIFAR-10's binary files, for the exercises that need it.")
    private String cifar10;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description =
                    "Train each variant, and each ensemble, with this many seeds (default: as the exercise says, mostly 1);"
                            + " means and deviations are reported.")
    private Integer seeds;

    @Option(
            names = "--conf",
            paramLabel = "FILE",
            description = "An exercise of your own, a file as those in conf/course.")
    private String conf;

    @Option(names = "--dry-run", description = "Check all, say what would be run (trials, steps, minutes), and end.")
    private boolean dryRun;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        List<String> names = new ArrayList<>();
        List<String> overrides = new ArrayList<>();
        for (String word : words) {
            (word.contains("=") ? overrides : names).add(word);
        }
        if (names.equals(List.of("list")) || names.isEmpty() && conf == null && !output.isResumed()) {
            refuseMore(names, overrides);
            System.out.print(list());
            return ExitCode.DONE;
        }
        if (seeds != null && seeds < 1) {
            throw new ConfigurationException("--seeds: expected a whole number from 1, found " + seeds);
        }
        SparkConf sparkConf = output.sparkConf("course");
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(sparkConf);
        List<Exercise> exercises = named(names);
        RunFolder folder = output.isResumed() ? output.given(hadoop) : output.folder("course", hadoop);
        CoursePlan whole = output.isResumed()
                ? before(folder).resumed(exercises, overrides, data, cifar10, seeds)
                : new CoursePlan(exercises, overrides, data, cifar10, seeds == null ? 0 : seeds, conf);
        if (!output.isResumed()) {
            whole.requireUseOfData();
        }
        return run(whole, exercises.isEmpty() ? whole : whole.of(exercises), folder, hadoop, sparkConf);
    }

    private List<Exercise> named(List<String> names) {
        List<String> words = new ArrayList<>(names);
        if (conf != null) {
            if (output.isResumed()) {
                throw new ConfigurationException("--conf: a course that is resumed knows its exercises; leave it out");
            }
            words.add(Course.own(conf).name());
        }
        return Course.named(words, conf);
    }

    private static CourseRun.Outcome run(CourseRun course, CoursePlan plan, FolderLock lock, LateSpark late)
            throws IOException {
        Interruption interruption = new Interruption();
        try (late) {
            JavaSparkContext spark = plan.needsSpark() ? late.context(interruption::requested) : null;
            return course.run(spark, lock, interruption::requested);
        }
    }

    /**
     * @param whole what the folder is to hold in the end
     * @param plan what of it is run now
     */
    private int run(CoursePlan whole, CoursePlan plan, RunFolder folder, Configuration hadoop, SparkConf sparkConf)
            throws IOException {
        try (LateSpark spark = new LateSpark(sparkConf)) { // a table is read by it before anything trains
            return run(whole, plan, folder, new Datasets(hadoop, spark::session), spark);
        }
    }

    private int run(CoursePlan whole, CoursePlan plan, RunFolder folder, Datasets datasets, LateSpark spark)
            throws IOException {
        PrintStream display = output.display();
        CourseRun course = new CourseRun(
                plan, datasets, folder, display, LockstepCommand.typed(spec), LockstepCommand.Version.text());
        course.check();
        if (dryRun) {
            System.out.print(course.dryRun());
            return ExitCode.DONE;
        }
        folder.create();
        CourseRun.Outcome outcome;
        try (FolderLock lock = FolderLock.take(folder)) {
            whole.write(folder);
            outcome = run(course, plan, lock, spark);
            lock.require();
        }
        conclude(outcome, plan, folder, display);
        if (!outcome.whole()) {
            return ExitCode.INTERRUPTED;
        }
        TrialResult failure = outcome.failure();
        return failure == null
                ? ExitCode.DONE
                : LockstepCommand.ended(
                        spec,
                        failure.exitCode(),
                        "there is an exercise none of whose trials finished; its first, "
                                + failure.trial().name() + ": " + failure.error());
    }

    private static void conclude(CourseRun.Outcome outcome, CoursePlan plan, RunFolder folder, PrintStream display) {
        List<String> others = plan.exercises().stream()
                .filter(exercise -> !outcome.run().contains(exercise))
                .map(Exercise::name)
                .toList();
        display.println("\nreport: " + folder.shown() + "/report.html");
        if (!outcome.whole()) {
            display.println("interrupted; go on with: "
                    + LockstepCommand.here("lockstep course --resume --out " + folder.shown()));
        }
        display.println(outcome.run().size() + " of " + plan.exercises().size() + " exercises run"
                + (others.isEmpty() ? "" : ", " + others.size() + " not run: " + String.join(", ", others)));
    }

    /** The list takes nothing: who said more meant to run something. */
    private void refuseMore(List<String> names, List<String> overrides) {
        boolean more = output.isGiven()
                || output.isResumed()
                || data != null
                || cifar10 != null
                || seeds != null
                || conf != null
                || dryRun
                || !overrides.isEmpty();
        if (more) {
            throw new ConfigurationException((names.isEmpty()
                            ? "course: no exercise is named"
                            : "course list: shows the exercises and runs none")
                    + "; name those to run, or all (lockstep course list shows them)");
        }
    }

    /** What the course in a folder was told. */
    private static CoursePlan before(RunFolder folder) throws IOException {
        Config stored = ConfigurationOptions.stored(folder, CoursePlan.FILE);
        if (stored == null) {
            throw new ModelException("--resume --out " + folder.shown()
                    + ": there is no course to go on with (no " + CoursePlan.FILE
                    + "); leave --resume out to start one");
        }
        return CoursePlan.of(stored, folder.path(CoursePlan.FILE).toString());
    }

    private static String list() {
        StringBuilder text = new StringBuilder();
        for (Exercise exercise : Course.exercises()) {
            text.append(String.format(Locale.ROOT, "%-34s %s%n", exercise.name(), exercise.row()));
            text.append(String.format(Locale.ROOT, "    %s%n", exercise.about()));
            if (!exercise.saw().isEmpty()) {
                text.append(String.format(Locale.ROOT, "    the course saw: %s%n", exercise.saw()));
            }
            if (!exercise.outline().turns().isEmpty()) {
                text.append(String.format(
                        Locale.ROOT,
                        "    to turn: %s%n",
                        String.join(" ", exercise.outline().turns())));
            }
            for (Exercise.Variant variant : exercise.variants()) {
                text.append(String.format(
                        Locale.ROOT,
                        "      %-26s %s%n",
                        variant.name(),
                        variant.saw().words()));
            }
        }
        return text.toString();
    }
}
