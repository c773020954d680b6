package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.jobs.course.Course;
import dev.lockstep.jobs.course.CourseRun;
import dev.lockstep.jobs.course.Exercise;
import dev.lockstep.worker.failure.ConfigurationException;
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
            description = "A folder of IDX files, such as MNIST's (default: the bundled data).")
    private String data;

    @Option(
            names = "--cifar10",
            paramLabel = "PATH",
            description = "A folder of CIFAR-10's binary files, for the exercises that need it.")
    private String cifar10;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "1",
            description = "Train each variant with this many seeds; means and deviations are reported.")
    private int seeds;

    @Mixin
    private OutputOptions output;

    @Override
    public Integer call() throws IOException {
        List<String> names = new ArrayList<>();
        List<String> overrides = new ArrayList<>();
        for (String word : words) {
            (word.contains("=") ? overrides : names).add(word);
        }
        if (names.isEmpty() || names.equals(List.of("list"))) {
            System.out.print(list());
            return ExitCode.DONE;
        }
        if (seeds < 1) {
            throw new ConfigurationException("--seeds: expected a whole number from 1, found " + seeds);
        }
        if (data != null) {
            overrides.add("data.path=" + data);
        }
        SparkConf sparkConf = output.sparkConf("course");
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(sparkConf);
        CourseRun.Plan plan = new CourseRun.Plan(Course.named(names), overrides, cifar10, seeds);
        RunFolder folder = output.isResumed() ? output.given(hadoop) : output.folder("course", hadoop);
        PrintStream display = output.display();
        CourseRun course = new CourseRun(
                plan,
                new Datasets(hadoop),
                folder,
                display,
                "lockstep "
                        + String.join(
                                " ", spec.root().commandLine().getParseResult().originalArgs()),
                LockstepCommand.Version.text());
        course.check();
        Interruption interruption = new Interruption();
        boolean whole;
        if (plan.needsSpark()) {
            try (JavaSparkContext spark = SparkApplication.start(sparkConf, interruption::requested)) {
                whole = course.run(spark, interruption::requested);
            }
        } else {
            whole = course.run(null, interruption::requested);
        }
        display.println("\nreport: " + OutputOptions.shown(folder) + "/report.html");
        return whole ? ExitCode.DONE : ExitCode.INTERRUPTED;
    }

    private static String list() {
        StringBuilder text = new StringBuilder();
        for (Exercise exercise : Course.exercises()) {
            text.append(String.format(Locale.ROOT, "%-34s %s%n", exercise.name(), exercise.row()));
            text.append(String.format(Locale.ROOT, "    %s%n", exercise.about()));
            if (!exercise.saw().isEmpty()) {
                text.append(String.format(Locale.ROOT, "    the course saw: %s%n", exercise.saw()));
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
