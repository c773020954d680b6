package dev.lockstep.ml;

import java.util.List;
import java.util.Map;

/** How a fit went. */
public final class LockstepTrainingSummary {
    private final String conf;
    private final String parametersSha256;
    private final long totalIterations;
    private final List<Double> losses;
    private final List<Evaluation> evaluations;

    /**
     * A look at the model while it was trained.
     *
     * @param split {@code validation} or {@code test}
     * @param step how many optimizer steps were done
     * @param loss the mean over the split's rows, without regularisation
     * @param figures of the objective, by name: {@code accuracy}, {@code rmse}, ...
     */
    public record Evaluation(String split, long step, double loss, Map<String, Double> figures) {}

    LockstepTrainingSummary(
            String conf,
            String parametersSha256,
            long totalIterations,
            List<Double> losses,
            List<Evaluation> evaluations) {
        this.conf = conf;
        this.parametersSha256 = parametersSha256;
        this.totalIterations = totalIterations;
        this.losses = List.copyOf(losses);
        this.evaluations = List.copyOf(evaluations);
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

    /** Two fits made the same model exactly when these are equal. */
    public String parametersSha256() {
        return parametersSha256;
    }

    /** All that the fit was told, defaults filled in, as HOCON: with another {@code data} section, for {@code train}. */
    public String conf() {
        return conf;
    }
}
