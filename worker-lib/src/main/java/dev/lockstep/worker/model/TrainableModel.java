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

    /** The same of the optimizer's state. */
    void takeOptimizerState(TrainableModel equal, int from, int to);

    /** The rate of a step; 1 when the optimizer knows no rate. */
    double learningRate(int step, int epoch);

    /** Which code computes each layer. */
    List<LayerKernel> kernels();
}
