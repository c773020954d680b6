package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.jobs.course.Result.VariantResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A variant with what its trials showed, one for each seed.
 *
 * @param trials at least one, unless the course was interrupted before
 */
record VariantScores(VariantResult variant, List<TrialCurves> trials) {

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

    /** The mean over the seeds; NaN when there is none. */
    double mean(ToDoubleFunction<TrialCurves> value) {
        return trials.stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    /** Mean and, of several seeds, standard deviation (with n - 1): {@code 0.9123 ± 0.0041}. */
    String spread(ToDoubleFunction<TrialCurves> value) {
        double mean = mean(value);
        if (trials.size() < 2 || !Double.isFinite(mean)) {
            return Numbers.decimal(mean);
        }
        double squares = trials.stream()
                .mapToDouble(value)
                .map(each -> (each - mean) * (each - mean))
                .sum();
        return Numbers.decimal(mean) + " ± " + Numbers.decimal(Math.sqrt(squares / (trials.size() - 1)));
    }

    /** The mean curve over the seeds; where some ended early, of the others. */
    List<Point> curve(Function<TrialCurves, List<Point>> curve) {
        Map<Double, Double> means = new TreeMap<>(trials.stream()
                .flatMap(trial -> curve.apply(trial).stream())
                .collect(Collectors.groupingBy(Point::x, Collectors.averagingDouble(Point::y))));
        return means.entrySet().stream()
                .map(mean -> new Point(mean.getKey(), mean.getValue()))
                .toList();
    }

    /** What went wrong; empty when nothing did. */
    String problems() {
        return trials.stream()
                .map(TrialCurves::problem)
                .filter(Objects::nonNull)
                .distinct()
                .collect(Collectors.joining("; "));
    }
}
