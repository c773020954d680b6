package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.MetricsLine;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the lines of a run's {@code metrics.jsonl} say, as curves. It takes no more memory for a long run than for one of
 * {@value GrowingCurve#MOST} steps.
 */
public final class MetricsHistory {
    /** Between so many, times are as good as even. */
    private static final int MOST_TIMES = 200;

    /** Whose values a curve has. */
    private record Of(String split, boolean ofStep, String figure) {}

    private final Map<Of, GrowingCurve> figures = new LinkedHashMap<>();
    private final Map<String, GrowingCurve> layers = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private final EvenSample<Point> seconds = new EvenSample<>(GrowingCurve.MOST);
    private Instant began; // null while no line says when it was written
    private long stepsPerEpoch;

    MetricsHistory() {}

    /**
     * Of a run; nothing where it has no such file.
     *
     * @throws DamagedFileException when a line is not one of ours
     */
    public static MetricsHistory read(RunFolder folder) throws IOException {
        MetricsHistory history = new MetricsHistory();
        MetricsLog.read(folder, history::add);
        return history;
    }

    void add(MetricsLine line) {
        line.figures().forEach((name, value) -> {
            names.add(name);
            figures.computeIfAbsent(new Of(line.split(), line.ofStep(), name), none -> new GrowingCurve())
                    .add(line.step(), value);
        });
        line.layerGradientNorms().forEach((layer, norm) -> layers.computeIfAbsent(layer, none -> new GrowingCurve())
                .add(line.step(), norm));
        if (stepsPerEpoch == 0 && line.epoch() == 1 && line.split().equals(MetricsLine.TRAIN)) {
            stepsPerEpoch = line.step() - 1;
        }
        Instant time = time(line);
        began = began == null ? time : began;
        seconds.add(new Point(
                line.step(),
                time == null ? Double.NaN : Duration.between(began, time).toMillis() / 1e3));
    }

    /** @return null where a line does not say it */
    private static Instant time(MetricsLine line) {
        try {
            return line.time() == null ? null : Instant.parse(line.time());
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Whether a line has a figure of that name. */
    boolean has(String figure) {
        return names.contains(figure);
    }

    /** What the run was trained for, as its figures tell; classification while there are none. */
    public Objective objective() {
        return objective(Set.of());
    }

    /** @param others names of figures that are known from elsewhere */
    Objective objective(Collection<String> others) {
        Set<String> all = new HashSet<>(names);
        all.addAll(others);
        return Objective.ofFigures(all);
    }

    /** The values of a figure by step, of each step's batch. */
    public StepCurve steps(String figure) {
        return curve(new Of(MetricsLine.TRAIN, true, figure));
    }

    /** The values of a figure in the evaluations of one split (all of it), by step; what is not a number is NaN. */
    public StepCurve evaluations(String split, String figure) {
        return curve(new Of(split, false, figure));
    }

    private StepCurve curve(Of which) {
        GrowingCurve curve = figures.get(which);
        return curve == null ? StepCurve.of(List.of()) : curve.curve();
    }

    /** By layer. */
    Map<String, StepCurve> gradientNorms() {
        Map<String, StepCurve> norms = new LinkedHashMap<>();
        layers.forEach((layer, curve) -> norms.put(layer, curve.curve()));
        return norms;
    }

    /** When its steps were done. */
    public StepClock clock() {
        List<Point> all = seconds.list();
        int apart = Math.max(1, all.size() / MOST_TIMES);
        List<Point> some = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if ((i % apart == 0 || i == all.size() - 1)
                    && !Double.isNaN(all.get(i).y())) {
                some.add(all.get(i));
            }
        }
        return new StepClock(stepsPerEpoch, some.size() < 2 ? List.of() : some);
    }
}
