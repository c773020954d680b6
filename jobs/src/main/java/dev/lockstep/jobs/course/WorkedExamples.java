package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.worker.dl4j.DoubleNetwork;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Sgd;
import java.util.Arrays;
import java.util.List;

/** The course's networks with fixed weights, and every value on the way through them, as its notebooks print them. */
final class WorkedExamples {
    private static final double[][] W1 = {{.1, .3, .5}, {.2, .4, .6}};
    private static final double[] B1 = {.1, .2, .3};
    private static final double[][] W2 = {{.1, .4}, {.2, .5}, {.3, .6}};
    private static final double[] B2 = {.1, .2};
    private static final double LEARNING_RATE = 0.01;

    private WorkedExamples() {}

    /** @param turned the unit's own {@code x}, {@code w} and {@code b}; where any is there, the unit alone is shown */
    static List<Passage> forwardPropagation(Config turned) {
        double[] x = turned.hasPath("x") ? numbers(turned, "x") : new double[] {2, 3};
        double[] w = turned.hasPath("w") ? numbers(turned, "w") : new double[] {.1, .2};
        if (x.length != w.length) {
            throw new IllegalArgumentException("x has " + x.length + " values and w " + w.length);
        }
        Passage unit = oneUnit(x, w, turned.hasPath("b") ? turned.getDouble("b") : .5);
        return turned.isEmpty() ? List.of(unit, threeUnits(), classifier(), regression()) : List.of(unit);
    }

    private static double[] numbers(Config turned, String key) {
        return turned.getDoubleList(key).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private static Passage oneUnit(double[] inputs, double[] weights, double bias) {
        DoubleNetwork network =
                network(inputs.length, new Output(1, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        double[][] column = new double[weights.length][];
        Arrays.setAll(column, i -> new double[] {weights[i]});
        set(network, 0, column, bias);
        double[][] x = row(inputs);
        return new Passage(
                "One unit",
                new Printout()
                        .values("x", x)
                        .values("W", network.get("0_W"))
                        .values("b", network.get("0_b"))
                        .values("u = x W + b", last(network.activations(x)))
                        .toString());
    }

    private static Passage threeUnits() {
        DoubleNetwork network = network(
                new Dense(3, ActivationFunction.SIGMOID),
                new Loss(ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, W1, .9, 1.1, 1.3);
        double[][] x = row(1, 2);
        return new Passage(
                "Three sigmoid units",
                new Printout()
                        .values("x", x)
                        .values("W", network.get("0_W"))
                        .values("b", network.get("0_b"))
                        .values("u = x W + b", network.sums(0, x))
                        .values("z = sigmoid(u)", last(network.activations(x)))
                        .toString());
    }

    private static Passage classifier() {
        DoubleNetwork network = network(
                new Dense(3, ActivationFunction.RELU),
                new Output(4, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
        set(network, 0, W1, B1);
        set(network, 1, new double[][] {{.1, .4, .7, 1}, {.2, .5, .8, 1.1}, {.3, .6, .9, 1.2}}, .1, .2, .3, .4);
        double[][] x = row(1, 2);
        double[][] d = row(0, 0, 0, 1);
        return new Passage(
                "A classifier, 2-3-4",
                forward(network, x, "y = softmax(u2)")
                        .values("d", d)
                        .value("cross-entropy", network.loss(x, d))
                        .toString());
    }

    private static Passage regression() {
        DoubleNetwork network = network(
                new Dense(3, ActivationFunction.RELU),
                new Output(2, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR));
        set(network, 0, W1, B1);
        set(network, 1, W2, B2);
        double[][] x = row(1, 2);
        double[][] d = row(2, 4);
        // Ours is half the sum of the squares; the course's here, half their mean.
        double sum = network.loss(x, d);
        return new Passage(
                "A regression, 2-3-2",
                forward(network, x, "y = u2")
                        .values("d", d)
                        .value("half the sum of the squares", sum)
                        .value("half the mean of the squares", sum / d[0].length)
                        .toString());
    }

    static List<Passage> backPropagation() {
        DoubleNetwork network = network(
                new Dense(3, ActivationFunction.RELU),
                new Output(2, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY));
        set(network, 0, W1, B1);
        set(network, 1, W2, B2);
        double[][] x = row(1, 5);
        double[][] d = row(0, 1);
        Passage forward = new Passage(
                "Forward",
                forward(network, x, "y = softmax(u2)")
                        .values("d", d)
                        .value("cross-entropy", network.loss(x, d))
                        .toString());
        Printout backward = new Printout();
        for (String parameter : List.of("1_W", "1_b", "0_W", "0_b")) {
            backward.values(gradientName(parameter), network.gradient(parameter, x, d));
        }
        network.step(x, d);
        Printout after = new Printout();
        for (String parameter : List.of("0_W", "0_b", "1_W", "1_b")) {
            after.values(gradientName(parameter).substring(1), network.get(parameter));
        }
        after.value("cross-entropy now", network.loss(x, d));
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

    private static Printout forward(DoubleNetwork network, double[][] x, String output) {
        List<double[][]> activations = network.activations(x);
        return new Printout()
                .values("x", x)
                .values("W1", network.get("0_W"))
                .values("b1", network.get("0_b"))
                .values("u1 = x W1 + b1", network.sums(0, x))
                .values("z1 = relu(u1)", activations.get(0))
                .values("W2", network.get("1_W"))
                .values("b2", network.get("1_b"))
                .values("u2 = z1 W2 + b2", network.sums(1, activations.get(0)))
                .values(output, activations.get(1));
    }

    private static double[][] last(List<double[][]> activations) {
        return activations.get(activations.size() - 1);
    }

    private static DoubleNetwork network(Layer... layers) {
        return network(2, layers);
    }

    private static DoubleNetwork network(int inputs, Layer... layers) {
        return new DoubleNetwork(new NetworkSpec(
                Shape.vector(inputs), List.of(layers), new WeightInit.He(), new Sgd(LEARNING_RATE), 0, 0));
    }

    private static void set(DoubleNetwork network, int layer, double[][] weights, double... bias) {
        network.set(layer + "_W", weights);
        network.set(layer + "_b", row(bias));
    }

    private static double[][] row(double... values) {
        return new double[][] {values};
    }
}
