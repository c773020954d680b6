package dev.lockstep.worker.model.objective;

import java.io.Serializable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Some metrics, their sums one behind the other. */
public record Metrics(List<Metric> all) implements Serializable {

    public Metrics {
        all = List.copyOf(all);
    }

    /** How many sums all of them keep. */
    public int sums() {
        return all.stream().mapToInt(Metric::sums).sum();
    }

    /** Those whose sums are counts, or the others. */
    public Metrics counting(boolean counts) {
        return new Metrics(
                all.stream().filter(metric -> metric.counts() == counts).toList());
    }

    /** Adds an example to {@link #sums} sums. */
    public void add(float[] output, float[] target, double[] sums) {
        int at = 0;
        for (Metric metric : all) {
            metric.add(output, target, sums, at);
            at += metric.sums();
        }
    }

    /** What the sums say, by name, in the order of the metrics. */
    public Map<String, Double> figures(double examples, double[] sums) {
        Map<String, Double> figures = new LinkedHashMap<>();
        int at = 0;
        for (Metric metric : all) {
            figures.putAll(metric.figures(examples, sums, at));
            at += metric.sums();
        }
        return figures;
    }

    /** What the sums say of each class, label or value, {@code [targets]}, by name. */
    public Map<String, double[]> ofTargets(double examples, double[] sums) {
        Map<String, double[]> figures = new LinkedHashMap<>();
        int at = 0;
        for (Metric metric : all) {
            figures.putAll(metric.ofTargets(examples, sums, at));
            at += metric.sums();
        }
        return figures;
    }

    /** The sums of one of them. */
    public Optional<double[]> sumsOf(String name, double[] sums) {
        int at = 0;
        for (Metric metric : all) {
            if (metric.name().equals(name)) {
                int own = metric instanceof EveryStep of ? of.before() : 0;
                return Optional.of(Arrays.copyOfRange(sums, at + own, at + metric.sums()));
            }
            at += metric.sums();
        }
        return Optional.empty();
    }
}
