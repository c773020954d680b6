package dev.lockstep.worker.model.objective;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well each of several labels is told, an output above 1/2 saying that an example has it: of a label, precision, recall
 * and F1; their mean; F1 of all labels together; and the share of the examples whose labels are all told.
 */
public record Labels(int labels) implements Metric {
    public static final String EXACT = "exact_match";

    /** Of a label: rightly told, wrongly told, not told. */
    private static final int EACH = 3;

    @Override
    public String name() {
        return "labels";
    }

    @Override
    public int sums() {
        return 1 + EACH * labels;
    }

    @Override
    public void add(float[] output, float[] target, double[] sums, int at) {
        boolean exact = true;
        for (int k = 0; k < labels; k++) {
            boolean told = output[k] > 0.5f;
            boolean has = target[k] > 0.5f;
            if (told || has) {
                sums[at + 1 + EACH * k + (told && has ? 0 : told ? 1 : 2)]++;
            }
            exact &= told == has;
        }
        sums[at] += exact ? 1 : 0;
    }

    @Override
    public Map<String, Double> figures(double examples, double[] sums, int at) {
        double[] all = new double[EACH];
        for (int i = 0; i < EACH * labels; i++) {
            all[i % EACH] += sums[at + 1 + i];
        }
        double[] each = new double[labels];
        Arrays.setAll(each, k -> f1(sums, at + 1 + EACH * k));
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(EXACT, sums[at] / examples);
        figures.put(
                "macro_f1",
                Arrays.stream(each)
                        .filter(value -> !Double.isNaN(value))
                        .average()
                        .orElse(Double.NaN));
        figures.put("micro_f1", f1(all, 0));
        return figures;
    }

    @Override
    public Map<String, double[]> ofTargets(double examples, double[] sums, int at) {
        double[][] columns = new double[4][labels];
        for (int k = 0; k < labels; k++) {
            int of = at + 1 + EACH * k;
            columns[0][k] = sums[of] + sums[of + 2];
            columns[1][k] = sums[of] / (sums[of] + sums[of + 1]);
            columns[2][k] = sums[of] / (sums[of] + sums[of + 2]);
            columns[3][k] = f1(sums, of);
        }
        Map<String, double[]> figures = new LinkedHashMap<>();
        figures.put("examples", columns[0]);
        figures.put("precision", columns[1]);
        figures.put("recall", columns[2]);
        figures.put("f1", columns[3]);
        return figures;
    }

    private static double f1(double[] sums, int of) {
        return 2 * sums[of] / (2 * sums[of] + sums[of + 1] + sums[of + 2]);
    }
}
