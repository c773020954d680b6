package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.worker.model.ActivationFunction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A network learns a function of real numbers, one example a step.
 *
 * @param settings of each variant
 */
record RegressionExercise(Outline outline, List<Config> settings) implements Exercise {
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    static RegressionExercise of(Outline outline, Config file) {
        return new RegressionExercise(outline, List.copyOf(file.getConfigList("variants")));
    }

    @Override
    public boolean needsSpark() {
        return true;
    }

    @Override
    public Result run(Session session, Result begun) {
        List<Regression> regressions = new ArrayList<>();
        for (Config variant : settings) {
            for (int repetition = 0; repetition < session.plan().seeds(this); repetition++) {
                regressions.add(new Regression(
                        Exercise.trialName(variant.getString("name"), repetition),
                        ActivationFunction.valueOf(
                                variant.getString("activation").toUpperCase(Locale.ROOT)),
                        variant.getDouble("from"),
                        variant.getDouble("to"),
                        1 + repetition));
            }
        }
        List<Regression.Outcome> outcomes = Jobs.collect(
                session.spark(),
                session.spark().parallelize(regressions, regressions.size()).map(Regression::run),
                title(),
                DEADLINE);
        for (Regression.Outcome outcome : outcomes) {
            session.display()
                    .printf(
                            Locale.ROOT,
                            "  %-20s loss of the last 100 steps %.6f, of examples never seen %.6f%n",
                            outcome.name(),
                            outcome.lastLoss(),
                            outcome.testLoss());
        }
        return begun.withRegressions(outcomes);
    }
}
