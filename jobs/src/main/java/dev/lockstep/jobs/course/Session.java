package dev.lockstep.jobs.course;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.driver.sweep.TrialResult;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What an exercise is run with.
 *
 * @param place the exercise's folder
 * @param spark null for an exercise that needs none
 * @param scheduler runs trials into the folder
 * @param display where lines for people go
 */
record Session(
        CoursePlan plan,
        Datasets datasets,
        RunFolder place,
        JavaSparkContext spark,
        Scheduler scheduler,
        PrintStream display) {

    /** Runs trials, side by side. */
    interface Scheduler {
        /** @return in the order of the trials; fewer when it was stopped */
        List<TrialResult> run(List<Trial> trials) throws IOException;
    }

    /** Where the examples of a run are from, in words. */
    String data(RunConfig config) {
        Dataset dataset = datasets.of(config);
        RunConfig.Generated generated = config.data().generated();
        return String.format(
                Locale.ROOT,
                "%s: %,d training and %,d test examples",
                generated == null
                        ? config.data().path()
                        : "made up, rule " + generated.rule().name().toLowerCase(Locale.ROOT),
                dataset.train().size(),
                dataset.test().size());
    }
}
