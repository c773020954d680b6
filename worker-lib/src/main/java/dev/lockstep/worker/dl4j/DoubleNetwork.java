package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.natives.Natives;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Layers one behind the other in double precision, whose every value can be read: for examples that are worked by hand.
 * Matrices are {@code [row][column]}, vectors one row. Parameters are called as DL4J does: "0_W", "0_b".
 */
public final class DoubleNetwork {
    private final MultiLayerNetwork network;

    /** @throws IllegalArgumentException when it is no stack */
    public DoubleNetwork(NetworkSpec spec) {
        if (!spec.isStack()) {
            throw new IllegalArgumentException("expected layers that each read the one before");
        }
        Natives.ready();
        network = new MultiLayerNetwork(Networks.stack(spec, 1, Updaters.exact(spec.optimizer()), DataType.DOUBLE));
        network.init();
    }

    public void set(String parameter, double[][] values) {
        network.setParam(parameter, Nd4j.createFromArray(values));
    }

    public double[][] get(String parameter) {
        return network.getParam(parameter).toDoubleMatrix();
    }

    /** The outputs of each layer, in evaluation mode. */
    public List<double[][]> activations(double[][] x) {
        return network.feedForward(array(x), false).stream()
                .skip(1) // the input itself
                .map(INDArray::toDoubleMatrix)
                .toList();
    }

    /** x W + b of a layer. */
    public double[][] sums(int layer, double[][] x) {
        return array(x).mmul(network.getParam(layer + "_W"))
                .addRowVector(network.getParam(layer + "_b"))
                .toDoubleMatrix();
    }

    /** The mean over the examples. */
    public double loss(double[][] x, double[][] d) {
        return network.score(new DataSet(array(x), array(d)));
    }

    /** The gradient of a parameter, summed over the examples. */
    public double[][] gradient(String parameter, double[][] x, double[][] d) {
        network.setInput(array(x));
        network.setLabels(array(d));
        network.computeGradientAndScore();
        return network.gradient().getGradientFor(parameter).toDoubleMatrix();
    }

    /** Takes one optimizer step. */
    public void step(double[][] x, double[][] d) {
        network.fit(array(x), array(d));
    }

    private static INDArray array(double[][] values) {
        return Nd4j.createFromArray(values);
    }
}
