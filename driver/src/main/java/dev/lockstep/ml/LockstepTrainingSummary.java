package dev.lockstep.ml;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** How a fit went. */
public final class LockstepTrainingSummary {
    private final String conf;
    private final String parametersSha256;
    private final long totalIterations;
    private final List<Double> losses;
    private final List<Evaluation> evaluations;
    private final long skippedRows;

    /**
     * A look at the model while it was trained.
     *
     * @param split {@code validation} or {@code test}
     * @param step how many optimizer steps were done
     * @param loss the mean over the split's rows, without regularisation
     * @param figures of the objective, by name: {@code accuracy}, {@code rmse}, ...
     */
    public record Evaluation(String split, long step, double loss, Map<String, Double> figures) {

        private double figure(String name) {
            Double value = figures.get(name);
            if (value == null) {
                throw new IllegalArgumentException("there is no figure '" + name + "'; expected loss or one of "
                        + new TreeSet<>(figures.keySet()));
            }
            return value;
        }
    }

    LockstepTrainingSummary(
            String conf,
            String parametersSha256,
            long totalIterations,
            List<Double> losses,
            List<Evaluation> evaluations,
            long skippedRows) {
        this.conf = conf;
        this.parametersSha256 = parametersSha256;
        this.totalIterations = totalIterations;
        this.losses = List.copyOf(losses);
        this.evaluations = List.copyOf(evaluations);
        this.skippedRows = skippedRows;
    }

    /** The mean loss of each epoch's steps, with regularisation; of a fit that went on from a checkpoint, from there. */
    public double[] objectiveHistory() {
        return losses.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The optimizer steps that are in the model. */
    public long totalIterations() {
        return totalIterations;
    }

    /** Validation and test, in order; none where no rows are held back. */
    public List<Evaluation> evaluations() {
        return evaluations;
    }

    /**
     * A figure of the evaluations, in their order.
     *
     * @param split {@code validation} or {@code test}
     * @param figure {@code loss}, {@code accuracy}, {@code rmse}, ...
     * @return empty where no rows are held back
     * @throws IllegalArgumentException when there are evaluations, but without this figure
     */
    public double[] metricHistory(String split, String figure) {
        return evaluations.stream()
                .filter(each -> each.split().equals(split))
                .mapToDouble(each -> figure.equals("loss") ? each.loss() : each.figure(figure))
                .toArray();
    }

    /** The rows that were left out because they are no examples ({@code data.on-bad-row = skip}). */
    public long skippedRows() {
        return skippedRows;
    }

    /** Two fits made the same model exactly when these are equal. */
    public String parametersSha256() {
        return parametersSha256;
    }

    /** All that the fit was told, defaults filled in, as HOCON: with another {@code data} section, for {@code train}. */
    public String conf() {
        return conf;
    }
}
