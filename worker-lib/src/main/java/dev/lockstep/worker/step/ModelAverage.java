package dev.lockstep.worker.step;

import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * A round of parameter averaging in one task. Each shard is a replica of its own: from the model that all shards share it
 * takes every step of the round on its own examples. Then the models are averaged, weighted by the examples they saw:
 *
 * <pre>
 *   model = sum over shards s of (n_s / n) model_s,    a model being parameters and optimizer state
 * </pre>
 *
 * The sum runs along the reduction tree as that of gradients does, over vectors
 * {@code [parameters | optimizer state | loss, gradient norm, mean of each metric's sums, norm of each layer, for each step]}; the numbers of
 * a step are weighted by its own examples (a loss that is a sum over them is not). A shard alone keeps its bits (weight exactly 1).
 *
 * <p>Where examples have weights, n_s is what the shard's weigh together. What all weigh is known with the sum alone, so n
 * stays their number, and the sum is divided by their mean weight; of each step that is one more element. Metrics count
 * every example once.
 */
public final class ModelAverage {
    private static final int LOSS = 0;
    private static final int GRADIENT_NORM = 1;
    private static final int OTHERS = 2;

    private final Replica replica;
    private final List<StepId> steps;
    private final int length;
    private final long examples;
    private final float[] parameters;
    private final float[] optimizerState;

    /**
     * A round that starts from the model which is in the replica.
     *
     * @param steps of the round, in order, with the examples of all shards
     * @param longest the steps of the longest round of the run: all rounds' vectors have one length
     */
    public ModelAverage(Replica replica, List<StepId> steps, int longest) {
        this.replica = replica;
        this.steps = steps;
        this.length = length(replica, longest);
        this.examples = steps.stream().mapToLong(StepId::examples).sum();
        this.parameters = replica.parameters();
        this.optimizerState = replica.optimizerState();
    }

    /** The length of the vectors that are summed. */
    public static int length(Replica replica, int longest) {
        return replica.parameterCount() + replica.optimizerStateCount() + longest * width(replica);
    }

    private static int width(Replica replica) {
        return OTHERS + replica.metrics().sums() + replica.trainedLayers().length + (replica.isWeighted() ? 1 : 0);
    }

    /**
     * Takes a shard's steps. Leaves the shard's model in the replica. A step that is not finite is told by a loss that is
     * not a number, and is the shard's last.
     *
     * @param examplesOfStep the shard's examples, packed, of the round's step at a place from 0; may be empty
     * @return the shard's part of the average; null when it has no example in the whole round
     */
    public PartialSum shard(int shard, IntFunction<List<byte[]>> examplesOfStep) {
        replica.setParameters(parameters);
        replica.setOptimizerState(optimizerState);
        int model = parameters.length + optimizerState.length;
        float[] part = replica.spare(length);
        Arrays.fill(part, model, length, 0);
        int at = model;
        Tally tally = null;
        for (int i = 0; i < steps.size(); i++) {
            List<byte[]> own = examplesOfStep.apply(i);
            if (!own.isEmpty()) {
                StepId step = steps.get(i);
                StepId alone = new StepId(step.step(), step.epoch(), own.size());
                PartialSum gradient = replica.gradient(alone, shard, own);
                tally = tally == null ? gradient.tally() : tally.plus(gradient.tally());
                double penalty = replica.penalty(); // of the parameters before the step, as the loss
                try {
                    write(replica.step(alone, gradient), gradient.tally(), penalty, step.examples(), part, at);
                } catch (DivergenceException e) {
                    part[at + LOSS] = Float.NaN;
                    break;
                } finally {
                    replica.recycle(gradient);
                }
            }
            at += width(replica);
        }
        if (tally == null) {
            return null;
        }
        if (tally.examples() == examples) {
            tally = new Tally(tally.examples(), examples, tally.sums()); // alone in the average
        }
        float weight = (float) share(tally, examples);
        replica.readModel(part);
        for (int i = 0; i < model; i++) {
            part[i] *= weight;
        }
        return new PartialSum(new Span(shard, shard + 1), part, tally);
    }

    /** What a shard's numbers are multiplied by: its part of so many examples, of mean weight 1 if it is all of them. */
    private static double share(Tally own, long examples) {
        return own.examples() == examples ? 1 : own.weight() / examples;
    }

    private void write(StepMetrics metrics, Tally tally, double penalty, int examples, float[] part, int at) {
        double weight = share(tally, examples);
        double count = (double) tally.examples() / examples;
        part[at + LOSS] = (float) replica.share(metrics.loss(), penalty, weight);
        part[at + GRADIENT_NORM] = (float) (metrics.gradientNorm() * weight);
        int next = at + OTHERS;
        for (double sum : tally.metrics()) {
            part[next++] = (float) (sum / tally.examples() * count);
        }
        for (int layer : replica.trainedLayers()) {
            part[next++] = (float) (metrics.layerGradientNorms().get(layer) * weight);
        }
        if (replica.isWeighted()) {
            part[next] = (float) weight;
        }
    }

    /**
     * Puts the average into a replica.
     *
     * @param sum over all shards
     * @return what each step showed: the means over the shards, weighted by examples
     * @throws DivergenceException when a shard's loss or gradient was not finite; nothing has changed then
     */
    public static List<StepMetrics> install(Replica replica, List<StepId> steps, PartialSum sum) {
        float[] average = sum.gradient();
        int parameters = replica.parameterCount();
        int model = parameters + replica.optimizerStateCount();
        List<StepMetrics> metrics = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            metrics.add(read(replica, steps.get(i), average, model + i * width(replica)));
        }
        double meanWeight = sum.weight() / sum.examples();
        float[] averaged = divided(average, 0, parameters, meanWeight);
        replica.model().keepFrozen(averaged); // an average of equals may be off by its roundings
        replica.setParameters(averaged);
        replica.setOptimizerState(divided(average, parameters, model, meanWeight));
        return metrics;
    }

    private static float[] divided(float[] sum, int from, int to, double divisor) {
        float[] values = Arrays.copyOfRange(sum, from, to);
        for (int i = 0; divisor != 1 && i < values.length; i++) {
            values[i] = (float) (values[i] / divisor);
        }
        return values;
    }

    private static StepMetrics read(Replica replica, StepId id, float[] average, int at) {
        double rate = replica.learningRate(id);
        double weight = replica.isWeighted() ? average[at + width(replica) - 1] : 1;
        double loss = average[at + LOSS] / weight;
        double norm = average[at + GRADIENT_NORM] / weight;
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new DivergenceException("training diverged at step " + id.step() + " (epoch " + id.epoch()
                    + "): the loss, the gradient or batch norm's statistics of a shard are not finite; the steps since"
                    + " the last synchronisation were not applied; try a smaller optimizer.learning-rate than " + rate);
        }
        Map<Integer, Double> norms = new TreeMap<>();
        int next = at + OTHERS;
        double[] means = new double[replica.metrics().sums()];
        for (int i = 0; i < means.length; i++) {
            means[i] = average[next++];
        }
        for (int layer : replica.trainedLayers()) {
            norms.put(layer, average[next++] / weight);
        }
        return new StepMetrics(id, loss, replica.metrics().figures(1, means), norm, norms, rate);
    }
}
