package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SampledClasses;
import dev.lockstep.worker.model.Negatives;
import dev.lockstep.worker.model.objective.Largest;
import dev.lockstep.worker.seed.SplitMix64;
import org.deeplearning4j.nn.api.Layer;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** What an output layer computes while it learns by {@link Negatives}: of each example the sums of its class and of others. */
public final class SampledOutput {
    private final Negatives how;
    private final double[] shares; // summed up, the last is all

    private SplitMix64 random = new SplitMix64(0);
    private SampledClasses products;
    private float[][] sums; // of the last pass, [n][1 + k]
    private float[][] told; // 1 of the class, 0 of the others

    private SampledOutput(Negatives how, int classes) {
        this.how = how;
        this.shares = how.sums(classes);
    }

    /**
     * Lets the last layer of a network learn so.
     *
     * @throws ConfigurationException when DL4J's layer computes, which cannot
     */
    public static SampledOutput install(Layer output, Negatives how, int classes) {
        if (output instanceof FastOutput ours) {
            SampledOutput sampled = new SampledOutput(how, classes);
            ours.learnBy(sampled);
            return sampled;
        }
        throw new ConfigurationException("negatives are computed by Lockstep's layers alone; set LOCKSTEP_KERNELS=on");
    }

    /** @param seed of those that the next passes draw */
    public void draw(long seed) {
        random = new SplitMix64(seed);
    }

    /**
     * Draws, and computes the slopes of the loss.
     *
     * @param x {@code [n, in]}, row by row
     * @param weights {@code [in, classes]}, column by column
     * @param labels {@code [n, classes]}, one-hot
     * @return {@code [n, 1 + k]}
     */
    float[][] slopes(INDArray x, INDArray weights, INDArray labels, ILossFunction loss) {
        products = new SampledClasses(shares.length, (int) x.size(1));
        int[][] classes = classes(labels);
        told = new float[classes.length][1 + how.count()];
        for (float[] row : told) {
            row[0] = 1;
        }
        sums = products.forward(ArrayMemory.of(x), ArrayMemory.of(weights), classes);
        return loss.computeGradient(array(told), array(sums), new ActivationSigmoid(), null)
                .dup('c')
                .toFloatMatrix();
    }

    /** For this pass alone: its memory may be a workspace's. */
    private static INDArray array(float[][] values) {
        return Nd4j.createFromArray(values);
    }

    /** The gradients of that. */
    void backward(float[][] slopes, INDArray weightGradient, INDArray dx) {
        products.backward(slopes, ArrayMemory.of(weightGradient), ArrayMemory.of(dx));
    }

    /** The loss of the last pass, summed over the examples. */
    double loss(ILossFunction loss) {
        return loss.computeScore(array(told), array(sums), new ActivationSigmoid(), null, false);
    }

    /** Of each example its own, then those that are drawn for it. */
    int[][] classes(INDArray labels) {
        NativeFloats all = ArrayMemory.of(labels);
        int[][] classes = new int[(int) labels.size(0)][1 + how.count()];
        float[] row = new float[shares.length];
        for (int n = 0; n < classes.length; n++) {
            all.read(n * row.length, row, 0, row.length);
            classes[n][0] = Largest.of(row);
            for (int k = 1; k < classes[n].length; k++) {
                do {
                    classes[n][k] = drawn(random.nextDouble() * shares[shares.length - 1]);
                } while (classes[n][k] == classes[n][0]);
            }
        }
        return classes;
    }

    /** The first class whose sum is above a point. */
    private int drawn(double point) {
        int least = 0;
        int most = shares.length - 1;
        while (least < most) {
            int middle = (least + most) >>> 1;
            if (shares[middle] > point) {
                most = middle;
            } else {
                least = middle + 1;
            }
        }
        return least;
    }
}
