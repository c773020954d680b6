package dev.lockstep.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Sgd;
import java.util.List;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The course's worked examples through our layers, in float32 as we train. */
class GoldenValuesTest {
    private static final Offset<Double> EXACT = within(1e-6);
    private static final float[][] W1 = {{.1f, .3f, .5f}, {.2f, .4f, .6f}};
    private static final float[] B1 = {.1f, .2f, .3f};

    @Test
    void oneUnit() {
        MultiLayerNetwork network = network(2, new Output(1, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, new float[][] {{.1f}, {.2f}}, .5f);
        assertThat(network.output(row(2, 3)).getDouble(0)).isCloseTo(1.3, EXACT);
    }

    @Test
    void threeSigmoidUnits() {
        MultiLayerNetwork network = network(
                2,
                new Dense(3, ActivationFunction.SIGMOID),
                new Loss(ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, W1, .9f, 1.1f, 1.3f); // u = [1.4, 2.2, 3.0]
        close(network.output(row(1, 2)), .80218389, .90024951, .95257413);
    }

    @Test
    void softmaxAndCrossEntropy() {
        MultiLayerNetwork network = network(
                2,
                new Dense(3, ActivationFunction.RELU),
                new Output(4, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
        set(network, 0, W1, B1);
        set(
                network,
                1,
                new float[][] {{.1f, .4f, .7f, 1f}, {.2f, .5f, .8f, 1.1f}, {.3f, .6f, .9f, 1.2f}},
                .1f,
                .2f,
                .3f,
                .4f);
        INDArray x = row(1, 2);
        network.setInput(x);
        close(network.feedForwardToLayer(0, x).get(1), .6, 1.3, 2);
        close(network.output(x), .01602796, .05707321, .20322929, .72366954);
        assertThat(network.score(new DataSet(x, row(0, 0, 0, 1)))).isCloseTo(.3234202934, EXACT);
    }

    /** The course's value is half the *mean* of the squares; ours, ½ Σ (y - d)², is K = 2 times that. */
    @Test
    void regression() {
        MultiLayerNetwork network = network(
                2,
                new Dense(3, ActivationFunction.RELU),
                new Output(2, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, W1, B1);
        set(network, 1, new float[][] {{.1f, .4f}, {.2f, .5f}, {.3f, .6f}}, .1f, .2f);
        close(network.output(row(1, 2)), 1.02, 2.29);
        assertThat(network.score(new DataSet(row(1, 2), row(2, 4)))).isCloseTo(2 * .971125, EXACT);
        // Its gradient is y - d, with no factor.
        network.setInput(row(1, 2));
        network.setLabels(row(2, 4));
        network.computeGradientAndScore();
        close(network.gradient().getGradientFor("1_b"), 1.02 - 2, 2.29 - 4);
    }

    @Test
    void backPropagation() {
        MultiLayerNetwork network = network(
                2,
                new Dense(3, ActivationFunction.RELU),
                new Output(2, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
        set(network, 0, W1, B1);
        set(network, 1, new float[][] {{.1f, .4f}, {.2f, .5f}, {.3f, .6f}}, .1f, .2f);
        INDArray x = row(1, 5);
        INDArray d = row(0, 1);
        close(network.output(x), .08706577, .91293423);

        network.setInput(x);
        network.setLabels(d);
        network.computeGradientAndScore();
        close(
                network.gradient().getGradientFor("1_W"),
                .10447893,
                -.10447893,
                .21766443,
                -.21766443,
                .33084994,
                -.33084994);
        close(network.gradient().getGradientFor("0_b"), -.02611973, -.02611973, -.02611973);

        network.fit(x, d); // one step of SGD, learning rate 0.01
        close(network.getParam("0_W"), .1002612, .3002612, .5002612, .20130599, .40130599, .60130599);
        close(network.getParam("0_b"), .1002612, .2002612, .3002612);
        close(network.getParam("1_b"), .1 - .01 * .08706577, .2 + .01 * .08706577);
    }

    private static MultiLayerNetwork network(int inputs, Layer... layers) {
        MultiLayerNetwork network = new MultiLayerNetwork(
                Networks.stack(CourseNetworks.of(Shape.vector(inputs), List.of(layers), new Sgd(0.01)), 1));
        network.init();
        return network;
    }

    private static void set(MultiLayerNetwork network, int layer, float[][] weights, float... bias) {
        network.setParam(layer + "_W", Nd4j.createFromArray(weights));
        network.setParam(layer + "_b", row(bias));
    }

    private static INDArray row(float... values) {
        return Nd4j.createFromArray(new float[][] {values});
    }

    private static void close(INDArray actual, double... expected) {
        double[] values = actual.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        assertThat(values).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i]).as("value %d", i).isCloseTo(expected[i], EXACT);
        }
    }
}
