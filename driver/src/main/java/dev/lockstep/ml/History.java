package dev.lockstep.ml;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.ml.LockstepTrainingSummary.Evaluation;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.table.Count;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Puts down what a fit's summary tells. */
final class History implements LoopListener {
    private final TreeMap<Integer, List<Double>> losses = new TreeMap<>(); // by epoch
    private final List<Evaluation> evaluations = new ArrayList<>();

    @Override
    public void stepDone(StepReport step) {
        losses.computeIfAbsent(step.metrics().id().epoch(), epoch -> new ArrayList<>())
                .add(step.metrics().loss());
    }

    @Override
    public void evaluated(SplitName split, TrainingState state, Scores scores) {
        evaluations.add(
                new Evaluation(split.name().toLowerCase(Locale.ROOT), state.step(), scores.loss(), scores.figures()));
    }

    LockstepTrainingSummary summary(String conf, TrainingState kept, Count.Bad skipped) {
        List<Double> means = losses.values().stream().map(History::mean).toList();
        return new LockstepTrainingSummary(
                conf, kept.parametersSha256(), kept.step(), means, evaluations, skipped.rows());
    }

    private static double mean(Collection<Double> values) {
        return values.stream().collect(Collectors.averagingDouble(value -> value));
    }
}
