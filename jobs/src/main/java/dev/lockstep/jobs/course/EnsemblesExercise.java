package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.driver.ensemble.BiasVariance;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.jobs.course.Result.EnsembleResult;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Single models, and what is made of several of them.
 *
 * @param members of an ensemble of bagging or boosting
 * @param networks of stacking's members
 * @param top the network on top of them
 */
record EnsemblesExercise(Outline outline, int members, List<Config> networks, Config top) implements Exercise {

    static EnsemblesExercise of(Outline outline, Config file) {
        return new EnsemblesExercise(
                outline, file.getInt("members"), List.copyOf(file.getConfigList("networks")), file.getConfig("top"));
    }

    @Override
    public boolean trains() {
        return true;
    }

    /** Of each method as its variant is; the members' own follow from what others came to. */
    @Override
    public List<Trial> trials(CoursePlan plan) {
        return new TrialsExercise(outline, false, false, false, Analogies.NONE).trials(plan);
    }

    /** Its members and, of a stack, the network on top. */
    @Override
    public int runs(Trial trial) {
        return trial.name().startsWith("stacking") ? networks.size() + 1 : members;
    }

    @Override
    public Result run(Session session, Result begun) throws IOException {
        String data = session.data(session.plan().config(this, variants().get(0), 0));
        return begun.withEnsembles(
                data, new EnsembleRun(this, session).run(ensemble -> show(ensemble, session.display())));
    }

    private static void show(EnsembleResult ensemble, PrintStream display) {
        if (ensemble.problem() != null) {
            display.println("  " + ensemble.method() + ": no ensemble: " + ensemble.problem());
        } else {
            display.printf(
                    Locale.ROOT,
                    "  %s: ensembles %.4f, their members %.4f in the mean of %d seed%s; bias %s, variance %s%n",
                    ensemble.method(),
                    Result.mean(ensemble.accuracy()),
                    Result.mean(ensemble.memberAccuracy()),
                    ensemble.accuracy().size(),
                    ensemble.accuracy().size() == 1 ? "" : "s",
                    fromTo(ensemble, BiasVariance::bias),
                    fromTo(ensemble, BiasVariance::variance));
        }
    }

    private static String fromTo(EnsembleResult ensemble, ToDoubleFunction<BiasVariance> part) {
        double before = part.applyAsDouble(ensemble.before());
        return ensemble.after() == null
                ? String.format(Locale.ROOT, "%.4f of the members", before)
                : String.format(Locale.ROOT, "%.4f to %.4f", before, part.applyAsDouble(ensemble.after()));
    }
}
