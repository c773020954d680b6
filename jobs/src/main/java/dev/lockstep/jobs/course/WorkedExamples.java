package dev.lockstep.jobs.course;

import dev.lockstep.worker.network.ActivationFunction;
import dev.lockstep.worker.network.LayerSpec;
import dev.lockstep.worker.network.LayerSpec.Dense;
import dev.lockstep.worker.network.LayerSpec.Loss;
import dev.lockstep.worker.network.LayerSpec.Output;
import dev.lockstep.worker.network.LossFunction;
import dev.lockstep.worker.network.NetworkSpec;
import dev.lockstep.worker.network.OptimizerSpec;
import dev.lockstep.worker.network.Shape;
import dev.lockstep.worker.network.WeightInit;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The course's networks with fixed weights, and every value on the way through them, as its notebooks print them. */
final class WorkedExamples {
    private static final double[][] W1 = {{.1, .3, .5}, {.2, .4, .6}};
    private static final double[] B1 = {.1, .2, .3};
    private static final double[][] W2 = {{.1, .4}, {.2, .5}, {.3, .6}};
    private static final double[] B2 = {.1, .2};
    private static final double LEARNING_RATE = 0.01;

    private WorkedExamples() {}

    static List<Passage> forwardPropagation() {
        return List.of(oneUnit(), threeUnits(), classifier(), regression());
    }

    private static Passage oneUnit() {
        MultiLayerNetwork network = network(new Output(1, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, new double[][] {{.1}, {.2}}, .5);
        INDArray x = row(2, 3);
        return new Passage(
                "One unit",
                new Printout()
                        .values("x", x)
                        .values("W", network.getParam("0_W"))
                        .values("b", network.getParam("0_b"))
                        .values("u = x W + b", network.output(x))
                        .toString());
    }

    private static Passage threeUnits() {
        MultiLayerNetwork network = network(
                new Dense(3, ActivationFunction.SIGMOID),
                new Loss(ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, W1, .9, 1.1, 1.3);
        INDArray x = row(1, 2);
        return new Passage(
                "Three sigmoid units",
                new Printout()
                        .values("x", x)
                        .values("W", network.getParam("0_W"))
                        .values("b", network.getParam("0_b"))
                        .values("u = x W + b", sums(network, 0, x))
                        .values("z = sigmoid(u)", network.output(x))
                        .toString());
    }

    private static Passage classifier() {
        MultiLayerNetwork network = network(
                new Dense(3, ActivationFunction.RELU),
                new Output(4, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
        set(network, 0, W1, B1);
        set(network, 1, new double[][] {{.1, .4, .7, 1}, {.2, .5, .8, 1.1}, {.3, .6, .9, 1.2}}, .1, .2, .3, .4);
        INDArray x = row(1, 2);
        INDArray d = row(0, 0, 0, 1);
        return new Passage(
                "A classifier, 2-3-4",
                forward(network, x, "y = softmax(u2)")
                        .values("d", d)
                        .value("cross-entropy", network.score(new DataSet(x, d)))
                        .toString());
    }

    private static Passage regression() {
        MultiLayerNetwork network = network(
                new Dense(3, ActivationFunction.RELU),
                new Output(2, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, W1, B1);
        set(network, 1, W2, B2);
        INDArray x = row(1, 2);
        INDArray d = row(2, 4);
        // Ours is half the sum of the squares; the course's here, half their mean.
        double sum = network.score(new DataSet(x, d));
        return new Passage(
                "A regression, 2-3-2",
                forward(network, x, "y = u2")
                        .values("d", d)
                        .value("half the sum of the squares", sum)
                        .value("half the mean of the squares", sum / d.length())
                        .toString());
    }

    static List<Passage> backPropagation() {
        MultiLayerNetwork network = network(
                new Dense(3, ActivationFunction.RELU),
                new Output(2, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
        set(network, 0, W1, B1);
        set(network, 1, W2, B2);
        INDArray x = row(1, 5);
        INDArray d = row(0, 1);
        Passage forward = new Passage(
                "Forward",
                forward(network, x, "y = softmax(u2)")
                        .values("d", d)
                        .value("cross-entropy", network.score(new DataSet(x, d)))
                        .toString());
        network.setInput(x);
        network.setLabels(d);
        network.computeGradientAndScore();
        Printout backward = new Printout();
        for (String parameter : List.of("1_W", "1_b", "0_W", "0_b")) {
            backward.values(gradientName(parameter), network.gradient().getGradientFor(parameter));
        }
        network.fit(x, d);
        Printout after = new Printout();
        for (String parameter : List.of("0_W", "0_b", "1_W", "1_b")) {
            after.values(gradientName(parameter).substring(1), network.getParam(parameter));
        }
        after.value("cross-entropy now", network.score(new DataSet(x, d)));
        return List.of(
                forward,
                new Passage("Backward: the gradients", backward.toString()),
                new Passage("After one step, learning rate " + LEARNING_RATE, after.toString()));
    }

    /** DL4J's {@code 0_W} is the course's {@code dW1}. */
    private static String gradientName(String parameter) {
        int layer = Integer.parseInt(parameter.substring(0, 1)) + 1;
        return "d" + parameter.charAt(2) + layer;
    }

    private static Printout forward(MultiLayerNetwork network, INDArray x, String output) {
        List<INDArray> activations = network.feedForward(x);
        return new Printout()
                .values("x", x)
                .values("W1", network.getParam("0_W"))
                .values("b1", network.getParam("0_b"))
                .values("u1 = x W1 + b1", sums(network, 0, x))
                .values("z1 = relu(u1)", activations.get(1))
                .values("W2", network.getParam("1_W"))
                .values("b2", network.getParam("1_b"))
                .values("u2 = z1 W2 + b2", sums(network, 1, activations.get(1)))
                .values(output, activations.get(2));
    }

    private static INDArray sums(MultiLayerNetwork network, int layer, INDArray input) {
        return input.mmul(network.getParam(layer + "_W")).addRowVector(network.getParam(layer + "_b"));
    }

    private static MultiLayerNetwork network(LayerSpec... layers) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NetworkSpec(
                        Shape.vector(2),
                        List.of(layers),
                        new WeightInit.He(),
                        new OptimizerSpec.StochasticGradientDescent(LEARNING_RATE),
                        0,
                        0)
                .dl4j(1, new Sgd(LEARNING_RATE), DataType.DOUBLE)); // as the notebooks compute
        network.init();
        return network;
    }

    private static void set(MultiLayerNetwork network, int layer, double[][] weights, double... bias) {
        network.setParam(layer + "_W", Nd4j.createFromArray(weights));
        network.setParam(layer + "_b", row(bias));
    }

    private static INDArray row(double... values) {
        return Nd4j.createFromArray(new double[][] {values});
    }
}
