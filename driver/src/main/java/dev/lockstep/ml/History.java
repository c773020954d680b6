package dev.lockstep.ml;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.ml.LockstepTrainingSummary.Evaluation;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.table.Count;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** Puts down what a fit's summary tells. */
final class History implements LoopListener {
    private final TreeMap<Integer, DoubleSummaryStatistics> losses = new TreeMap<>(); // by epoch
    private final List<Evaluation> evaluations = new ArrayList<>();

    @Override
    public void stepDone(StepReport step) {
        losses.computeIfAbsent(step.metrics().id().epoch(), epoch -> new DoubleSummaryStatistics())
                .accept(step.metrics().loss());
    }

    @Override
    public void evaluated(SplitName split, TrainingState state, Scores scores) {
        evaluations.add(
                new Evaluation(split.name().toLowerCase(Locale.ROOT), state.step(), scores.loss(), scores.figures()));
    }

    LockstepTrainingSummary summary(String conf, TrainingState kept, Count.Bad skipped) {
        List<Double> means = losses.values().stream()
                .map(DoubleSummaryStatistics::getAverage)
                .toList();
        return new LockstepTrainingSummary(
                conf, kept.parametersSha256(), kept.step(), means, evaluations, skipped.rows());
    }
}
