package dev.lockstep.worker.model;

import java.util.List;

/** A network that can learn. The optimizer's state is a flat vector of float32, too. */
public interface TrainableModel extends Model {

    /** Writes the parameters to an array, from {@code at} on. */
    void readParameters(float[] into, int at);

    /** The length of the optimizer's state. */
    int optimizerStateCount();

    /** @param values {@code [optimizerStateCount]} */
    void setOptimizerState(float[] values);

    /** Writes the optimizer's state to an array, from {@code at} on. */
    void readOptimizerState(float[] into, int at);

    /**
     * The gradient of a batch with the present parameters, which stay as they are.
     *
     * @param step from 0
     * @param seed of what is random in it (dropout)
     * @param sum takes the gradient summed over the examples, each times its weight, without regularisation,
     *     {@code [parameters]}; of running statistics, their change
     */
    Learnt gradient(Batch batch, int step, int epoch, long seed, float[] sum);

    /** @param seed of what the next gradient draws, where {@link NetworkDefinition#negatives} has it draw */
    void drawNegatives(long seed);

    /**
     * The same, added to a sum of other batches in its array.
     *
     * @param statistics what the running statistics' part of the gradient is multiplied by before
     */
    Learnt addGradient(Batch batch, int step, int epoch, long seed, float[] onto, float statistics);

    /**
     * What the network showed while its gradient was computed.
     *
     * @param loss the mean over the examples, weighted, or as {@link #sumsLosses} says their sum, with regularisation
     * @param metrics the sums of the objective's metrics over the examples
     */
    record Learnt(double loss, double[] metrics) {}

    /**
     * Says what the next gradients begin with.
     *
     * @param states of each example, all layers' one behind the other, {@code [examples][...]}; null for 0
     */
    void begin(float[] states);

    /** The same behind the examples of the last gradient. */
    float[] end();

    /** Puts the present parameters of frozen layers in the place of other values, {@code [parameters]}. */
    void keepFrozen(float[] values);

    /** Whether a loss is the sum over the examples, and not their mean. */
    boolean sumsLosses();

    /** What regularisation adds to a loss, with the present parameters. */
    double penalty();

    /**
     * Takes one optimizer step.
     *
     * @param sum over examples, as {@link #gradient} gives it; left as it is
     * @param weight of the examples together: what the sum is divided by
     */
    void step(float[] sum, double weight, int step, int epoch);

    /**
     * Whether a step can be taken by ranges of the parameters, in the same bits: what each becomes depends on nothing but
     * itself, its gradient and its state.
     */
    boolean stepsByElement();

    /** Takes the step for parameters {@code [from, to)} alone, of a model that {@linkplain #stepsByElement can}. */
    void step(float[] sum, double weight, int step, int epoch, int from, int to);

    /** Makes parameters {@code [from, to)} those of an equal model, whose step was taken for them. */
    void takeParameters(TrainableModel equal, int from, int to);

    /** Writes parameters {@code [from, to)} to the same places of an array. */
    void readParameters(float[] into, int from, int to);

    /** Makes parameters {@code [from, to)} what is in the same places of an array. */
    void takeParameters(float[] values, int from, int to);

    /** Makes parameters from {@code at} on what an array holds. */
    void setParameters(float[] values, int at);

    /** Keeps all of the optimizer's state from now on; what it is at first is to be given before a step. */
    void keepWholeOptimizerState();

    /**
     * Keeps the optimizer's state of some parameters alone, and no memory for that of others, until all of it is {@linkplain
     * #setOptimizerState set} or {@linkplain #keepWholeOptimizerState kept}. Until then, to read all of it, or to take a step of all
     * parameters, is an {@link IllegalStateException}. What it is at first is to be {@linkplain #takeOptimizerState given} before a step.
     *
     * @param ranges those that steps are taken for from now on, of a model that {@linkplain #stepsByElement can}
     */
    void keepOptimizerState(List<ParameterRange> ranges);

    /** Whether anything of elements {@code [from, to)} of the optimizer's whole state is kept. */
    boolean keepsOptimizerState(int from, int to);

    /**
     * Takes over what is kept of some elements of the optimizer's whole state; the others are passed over.
     *
     * @param values of elements beside each other
     * @param at the place of the first one in the whole state, {@code [optimizerStateCount]}
     */
    void takeOptimizerState(float[] values, int at);

    /** What is kept of the optimizer's state: all of it, or that of the ranges. */
    List<StatePiece> keptOptimizerState();

    /**
     * Some elements of the optimizer's whole state, {@code [optimizerStateCount]}.
     *
     * @param at the place of the first one
     * @param values float32, one behind the other
     */
    record StatePiece(int at, float[] values) {}

    /** The rate of a step; 1 when the optimizer knows no rate. */
    double learningRate(int step, int epoch);

    /** Which code computes each layer. */
    List<LayerKernel> kernels();
}
