package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Figures;
import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.StepClock;
import dev.lockstep.driver.report.StepCurve;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.jobs.course.Result.VariantResult;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A variant with what its trials showed. Only those that finished have figures; the others have a status.
 *
 * @param trials one for each seed
 */
record VariantScores(VariantResult variant, List<TrialCurves> trials) {
    private static final int DIGITS = 8;

    static List<VariantScores> read(Result result, RunFolder folder) throws IOException {
        List<VariantScores> scores = new ArrayList<>();
        for (VariantResult variant : result.variants()) {
            List<TrialCurves> trials = new ArrayList<>();
            for (String trial : variant.trials()) {
                trials.add(TrialCurves.read(folder.folder("trials").folder(trial)));
            }
            scores.add(new VariantScores(variant, trials));
        }
        return scores;
    }

    /** What they were trained for: classification but where one says otherwise. */
    static Objective objective(List<VariantScores> variants) {
        return Objective.ofFigures(variants.stream()
                .flatMap(variant -> variant.trials().stream())
                .map(trial -> trial.objective().figure())
                .filter(name -> !name.equals(Objective.CLASSIFICATION.figure()))
                .toList());
    }

    private List<TrialCurves> finished() {
        return trials.stream().filter(TrialCurves::isFinished).toList();
    }

    boolean isBegun() {
        return trials.stream().anyMatch(trial -> !trial.status().equals(TrialCurves.NOT_BEGUN));
    }

    boolean hasFigures() {
        return trials.stream().anyMatch(TrialCurves::isFinished);
    }

    /** What its trials were trained for is judged by: {@code accuracy}, {@code RMSE}. */
    String figure() {
        return Figures.name(objective(List.of(this)).figure());
    }

    /** The status that all trials share, or how many of them finished. */
    String status() {
        List<String> each = trials.stream().map(TrialCurves::status).distinct().toList();
        return each.size() == 1 ? each.get(0) : finished().size() + " of " + trials.size() + " finished";
    }

    /** The mean over the seeds that finished; NaN when none did. */
    double mean(ToDoubleFunction<TrialCurves> value) {
        return finished().stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    /** Mean and, of several seeds, standard deviation (with n - 1): {@code 0.9123 ± 0.0041}. */
    String spread(ToDoubleFunction<TrialCurves> value) {
        double mean = mean(value);
        List<TrialCurves> finished = finished();
        if (finished.size() < 2 || !Double.isFinite(mean)) {
            return Numbers.figure(mean);
        }
        double squares = finished.stream()
                .mapToDouble(value)
                .map(each -> (each - mean) * (each - mean))
                .sum();
        return Numbers.figure(mean) + " ± " + Numbers.figure(Math.sqrt(squares / (finished.size() - 1)));
    }

    /** What curves are called: what is not of finished trials says so. */
    String label() {
        return hasFigures() ? variant.name() : variant.name() + " (" + status() + ")";
    }

    /** The mean curve over the seeds that finished, or over all when none did; where some ended early, of the others. */
    List<Point> curve(Function<TrialCurves, StepCurve> curve) {
        Map<Double, Double> means = new TreeMap<>((hasFigures() ? finished() : trials)
                .stream()
                        .flatMap(trial -> curve.apply(trial).means().stream())
                        .collect(Collectors.groupingBy(Point::x, Collectors.averagingDouble(Point::y))));
        return means.entrySet().stream()
                .map(mean -> new Point(mean.getKey(), mean.getValue()))
                .toList();
    }

    /** When the steps of its first run were done. */
    StepClock clock() {
        return trials.isEmpty() ? StepClock.NONE : trials.get(0).clock();
    }

    /** Which parameters its first run ended with: their hash, short. */
    Html parameters() {
        String hash = trials.isEmpty() ? null : trials.get(0).parameters();
        return hash == null
                ? new Html().text(Numbers.NONE)
                : new Html().copyable(hash.substring(0, Math.min(DIGITS, hash.length())), hash);
    }

    /** What went wrong; empty when nothing did. */
    String problems() {
        return trials.stream()
                .filter(trial -> !trial.isFinished())
                .map(trial -> trial.status() + (trial.error() == null ? "" : ": " + trial.error()))
                .distinct()
                .collect(Collectors.joining("; "));
    }
}
