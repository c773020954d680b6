package dev.lockstep.worker.model.objective;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Some metrics, their sums one behind the other. */
public record Metrics(List<Metric> all) implements Serializable {

    public Metrics {
        all = List.copyOf(all);
    }

    /** How many sums all of them keep. */
    public int sums() {
        return all.stream().mapToInt(Metric::sums).sum();
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
    public Map<String, Double> figures(long examples, double[] sums) {
        Map<String, Double> figures = new LinkedHashMap<>();
        int at = 0;
        for (Metric metric : all) {
            figures.putAll(metric.figures(examples, sums, at));
            at += metric.sums();
        }
        return figures;
    }
}
