package dev.lockstep.worker.model;

import static dev.lockstep.worker.model.ActivationFunction.IDENTITY;
import static dev.lockstep.worker.model.ActivationFunction.RELU;
import static dev.lockstep.worker.model.ActivationFunction.SIGMOID;
import static dev.lockstep.worker.model.ActivationFunction.SOFTMAX;
import static dev.lockstep.worker.model.ActivationFunction.TANH;
import static dev.lockstep.worker.model.LossFunction.BINARY_CROSS_ENTROPY;
import static dev.lockstep.worker.model.LossFunction.CROSS_ENTROPY;
import static dev.lockstep.worker.model.LossFunction.SQUARED_ERROR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.DenseBlock;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Flatten;
import dev.lockstep.worker.model.layer.GlobalAveragePool;
import dev.lockstep.worker.model.layer.InstanceNorm;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.LayerNorm;
import dev.lockstep.worker.model.layer.LocalResponseNorm;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Pooling;
import dev.lockstep.worker.model.layer.Residual;
import dev.lockstep.worker.model.layer.Residual.Shortcut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Every layer and loss we offer: each parameter's gradient against (E(w + h) - E(w - h)) / 2h in double precision. E is
 * the mean loss of a batch in training mode (batch norm on the batch's statistics, dropout with a fixed mask),
 * regularisation included.
 */
class FiniteDifferenceTest {
    private static final int EXAMPLES = 4;
    private static final double STEP = 1e-5;
    private static final double RELATIVE = 1e-5;
    /** E carries about 1e-16, so the quotient carries about 1e-11: smaller differences say nothing. */
    private static final double NOISE = 1e-10;

    private static final int MOST_OF_AN_ARRAY = 40;
    private static final long MASK_SEED = 5;
    private static final Shape VECTOR = Shape.vector(5);
    private static final Shape IMAGE = new Shape(2, 5, 6);

    static Stream<Arguments> networks() {
        List<Arguments> cases = new ArrayList<>();
        // Every activation and loss that go together. (Cross-entropy is behind softmax only.)
        for (ActivationFunction function : ActivationFunction.values()) {
            if (function == ActivationFunction.STEP) {
                continue; // it has no slope
            }
            Layer hidden = new Dense(4, function);
            cases.add(of("dense " + function, VECTOR, hidden, softmax()));
            cases.add(
                    of("activation " + function, VECTOR, new Dense(4, IDENTITY), new Activation(function), softmax()));
            cases.add(of("squared error of " + function, VECTOR, hidden, new Output(3, function, SQUARED_ERROR)));
            cases.add(of(
                    "loss, squared error of " + function,
                    VECTOR,
                    new Dense(3, IDENTITY),
                    new Loss(function, SQUARED_ERROR)));
        }
        cases.add(of("cross-entropy", VECTOR, softmax()));
        cases.add(of("binary cross-entropy", VECTOR, new Output(3, SIGMOID, BINARY_CROSS_ENTROPY)));
        cases.add(
                of("loss, binary cross-entropy", VECTOR, new Dense(3, TANH), new Loss(SIGMOID, BINARY_CROSS_ENTROPY)));
        cases.add(of("loss, cross-entropy", VECTOR, new Dense(3, TANH), new Loss(SOFTMAX, CROSS_ENTROPY)));

        for (ActivationFunction function : List.of(IDENTITY, RELU, SIGMOID, TANH)) {
            cases.add(of("convolution " + function, IMAGE, new Convolution(3, 3, 1, 0, function), softmax()));
        }
        cases.add(of("convolution, stride 2", IMAGE, new Convolution(3, 3, 2, 0, TANH), softmax()));
        cases.add(of("convolution, padding 1", IMAGE, new Convolution(3, 3, 1, 1, TANH), softmax()));
        cases.add(of("convolution, stride 2, padding 2", IMAGE, new Convolution(2, 4, 2, 2, TANH), softmax()));
        cases.add(of("convolution of 1 x 1", IMAGE, new Convolution(3, 1, 1, 0, TANH), softmax()));
        for (int stride = 1; stride <= 2; stride++) {
            for (int kernel = 2; kernel <= 3; kernel++) {
                cases.add(of(
                        "convolution " + kernel + ", same padding, stride " + stride,
                        IMAGE,
                        new Convolution(3, kernel, stride, Convolution.SAME, 1, TANH, null),
                        softmax()));
            }
        }
        cases.add(of(
                "convolution of 1 x 1, same padding, stride 3",
                IMAGE,
                new Convolution(3, 1, 3, Convolution.SAME, 1, TANH, null),
                softmax()));
        cases.add(of("convolution, dilation 2", IMAGE, new Convolution(3, 2, 1, 1, 2, TANH, null), softmax()));
        cases.add(of(
                "convolution, dilation 2, same padding",
                IMAGE,
                new Convolution(3, 3, 2, Convolution.SAME, 2, TANH, null),
                softmax()));
        cases.add(of(
                "convolution on convolution",
                IMAGE,
                new Convolution(2, 3, 2, 1, TANH),
                new Convolution(3, 2, 1, 1, RELU),
                softmax()));

        // A convolution below each pooling, so that its input gradient is looked at.
        for (Pooling.Kind kind : Pooling.Kind.values()) {
            Layer below = new Convolution(2, 3, 1, 1, IDENTITY);
            cases.add(of(kind + " pooling", IMAGE, below, new Pooling(kind, 2, 2, 0), softmax()));
            cases.add(of(kind + " pooling, overlapping", IMAGE, below, new Pooling(kind, 3, 1, 0), softmax()));
            cases.add(of(kind + " pooling, with gaps", IMAGE, below, new Pooling(kind, 2, 3, 0), softmax()));
            cases.add(of(kind + " pooling, padding 1", IMAGE, below, new Pooling(kind, 3, 2, 1), softmax()));
            cases.add(of(
                    kind + " pooling, then the loss",
                    new Shape(1, 4, 4),
                    new Convolution(3, 2, 1, 0, RELU),
                    new Pooling(kind, 3, 1, 0),
                    new Loss(SOFTMAX, CROSS_ENTROPY)));
        }

        Layer norm = new BatchNorm(0.9, 1e-5);
        cases.add(of("batch norm", VECTOR, new Dense(4, IDENTITY), norm, new Activation(TANH), softmax()));
        cases.add(of("batch norm of the input", VECTOR, norm, softmax()));
        cases.add(of("batch norm, large epsilon", VECTOR, new Dense(4, TANH), new BatchNorm(0.5, 0.3), softmax()));
        cases.add(of(
                "batch norm of an image",
                IMAGE,
                new Convolution(3, 3, 1, 0, IDENTITY),
                norm,
                new Activation(RELU),
                new Pooling(Pooling.Kind.MAX, 2, 2, 0),
                softmax()));

        Layer conv = new Convolution(4, 3, 1, 1, IDENTITY);
        cases.add(of("layer norm", VECTOR, new Dense(4, TANH), new LayerNorm(1e-5), new Activation(TANH), softmax()));
        cases.add(of("layer norm of the input", VECTOR, new LayerNorm(0.1), softmax()));
        cases.add(of("layer norm of an image", IMAGE, conv, new LayerNorm(1e-5), new Activation(TANH), softmax()));
        cases.add(of("instance norm", IMAGE, conv, new InstanceNorm(1e-5), new Activation(TANH), softmax()));
        cases.add(of(
                "instance norm, large epsilon",
                IMAGE,
                conv,
                new InstanceNorm(0.3),
                new Pooling(Pooling.Kind.MAX, 2, 2, 0),
                softmax()));
        cases.add(of("global average pooling", IMAGE, conv, new Activation(TANH), new GlobalAveragePool(), softmax()));
        cases.add(of("flatten, then batch norm by value", IMAGE, conv, new Flatten(), norm, softmax()));
        cases.add(of("dense block", IMAGE, new DenseBlock(2, 2, 0), softmax()));
        cases.add(of("dense block with bottlenecks", IMAGE, new DenseBlock(2, 2, 3), softmax()));
        cases.add(of(
                "residual block",
                IMAGE,
                conv,
                new Residual(List.of(new Activation(TANH), conv, norm), Shortcut.IDENTITY, RELU),
                new GlobalAveragePool(),
                softmax()));
        cases.add(of(
                "residual block with a projection",
                IMAGE,
                new Residual(
                        List.of(new Convolution(3, 3, 2, 1, TANH), new InstanceNorm(1e-5)), Shortcut.PROJECTION, TANH),
                new Flatten(),
                new Dense(4, TANH),
                softmax()));
        cases.add(of(
                "residual block in a residual block, of vectors",
                VECTOR,
                new Residual(
                        List.of(
                                new Residual(List.of(new Dense(5, TANH)), Shortcut.IDENTITY, IDENTITY),
                                new Activation(TANH),
                                new Dense(5, IDENTITY),
                                new Dropout(0.3)),
                        Shortcut.IDENTITY,
                        IDENTITY),
                softmax()));

        cases.add(of("dropout", VECTOR, new Dense(8, TANH), new Dropout(0.4), softmax()));
        cases.add(of("dropout of an image", IMAGE, new Convolution(3, 3, 1, 0, TANH), new Dropout(0.5), softmax()));
        cases.add(of("dropout of the input", VECTOR, new Dropout(0.2), new Dense(4, TANH), softmax()));
        cases.add(of(
                "dropout of the logits",
                VECTOR,
                new Dense(6, RELU),
                new Dropout(0.3),
                new Dense(3, IDENTITY),
                new Dropout(0.5),
                new Loss(SOFTMAX, CROSS_ENTROPY)));

        for (double[] weights : new double[][] {{0.1, 0}, {0, 0.1}, {0.05, 0.1}}) {
            List<Layer> layers = List.of(new Convolution(2, 3, 2, 0, IDENTITY), norm, new Dense(3, TANH), softmax());
            cases.add(Arguments.of(
                    "l1 " + weights[0] + ", l2 " + weights[1],
                    new NetworkSpec(
                            IMAGE,
                            layers,
                            new WeightInit.Xavier(),
                            new dev.lockstep.worker.model.optimizer.Sgd(1),
                            weights[0],
                            weights[1])));
        }
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void gradientIsTheSlopeOfTheLoss(String name, NetworkSpec spec) {
        check(name, spec, RELATIVE);
    }

    /**
     * DL4J's gradient of local response norm, which computes here in double precision, divides by u_i what should be
     * divided by each u_j of the sum; with the usual alpha of 1e-4 that is below what training would notice. Our kernel's
     * is exact: see FastResponseNormTest.
     */
    @Test
    void theGradientOfLocalResponseNormIsNearlyTheSlope() {
        NetworkSpec spec = CourseNetworks.of(
                IMAGE,
                List.of(new Convolution(7, 3, 1, 1, IDENTITY), new LocalResponseNorm(5, 2, 1e-4, 0.75), softmax()));
        check("local response norm", spec, 2e-4);
    }

    private static void check(String name, NetworkSpec spec, double relative) {
        // With a rate of 1, what plain SGD would subtract is the gradient itself: mean over the batch + regularisation.
        Network network = Networks.build(spec, 7, new Sgd(1), DataType.DOUBLE);
        network.initGradients();
        Random random = new Random(name.hashCode());
        INDArray parameters = network.parameters();
        for (long i = 0; i < parameters.length(); i++) {
            parameters.putScalar(i, parameters.getDouble(i) + 0.2 * random.nextGaussian()); // biases away from 0
        }
        INDArray input = input(spec.input(), random);
        INDArray labels = labels(spec, random);

        Nd4j.getRandom().setSeed(MASK_SEED);
        network.computeGradient(input.dup(), labels); // dropout of the input writes into it
        network.updater().update(network.model().gradient(), 0, 0, EXAMPLES, LayerWorkspaceMgr.noWorkspacesImmutable());
        double[] gradient = network.gradients().dup().data().asDouble();

        double largest = 0;
        for (int i : checked(network)) {
            double at = parameters.getDouble(i);
            parameters.putScalar(i, at + STEP);
            double above = loss(network, input, labels);
            parameters.putScalar(i, at - STEP);
            double below = loss(network, input, labels);
            parameters.putScalar(i, at);
            double slope = (above - below) / (2 * STEP);
            double allowed = relative * Math.max(Math.abs(slope), Math.abs(gradient[i])) + NOISE;
            assertThat(Math.abs(gradient[i] - slope))
                    .as("parameter %d of %d: gradient %s, slope %s", i, gradient.length, gradient[i], slope)
                    .isLessThanOrEqualTo(allowed);
            largest = Math.max(largest, Math.abs(slope));
        }
        assertThat(largest).isGreaterThan(1e-2);
    }

    /** A forward pass alone: after a backward pass DL4J's loss layer takes the score of an input it has overwritten. */
    private static double loss(Network network, INDArray input, INDArray labels) {
        Nd4j.getRandom().setSeed(MASK_SEED);
        DataSet batch = new DataSet(input.dup(), labels);
        return network.model() instanceof ComputationGraph graph
                ? graph.score(batch, true)
                : ((MultiLayerNetwork) network.model()).score(batch, true);
    }

    private static INDArray input(Shape shape, Random random) {
        double[] values = random.doubles((long) EXAMPLES * shape.size(), -1, 1).toArray();
        INDArray flat = Nd4j.createFromArray(values);
        return shape.isImage()
                ? flat.reshape(EXAMPLES, shape.channels(), shape.height(), shape.width())
                : flat.reshape(EXAMPLES, shape.size());
    }

    /** One-hot for the cross-entropies; any numbers for squared error. */
    private static INDArray labels(NetworkSpec spec, Random random) {
        Part last = spec.layers().get(spec.layers().size() - 1);
        LossFunction loss = last instanceof Output output ? output.loss() : ((Loss) last).loss();
        double[][] labels = new double[EXAMPLES][spec.classes()];
        for (double[] label : labels) {
            if (loss != SQUARED_ERROR) {
                label[random.nextInt(label.length)] = 1;
            } else {
                Arrays.setAll(label, k -> random.nextGaussian());
            }
        }
        return Nd4j.createFromArray(labels);
    }

    /**
     * All parameters of small arrays, an even sample of large ones. Not batch norm's running statistics: their update is
     * no gradient (see ReplicaTest).
     */
    private static int[] checked(Network network) {
        IntStream.Builder found = IntStream.builder();
        int from = 0;
        for (Trainable part : network.parts().values()) {
            for (var parameter : part.paramTable(false).entrySet()) {
                int to = from + Math.toIntExact(parameter.getValue().length());
                if (part.updaterDivideByMinibatch(parameter.getKey())) {
                    int stride = 1 + (to - from) / MOST_OF_AN_ARRAY;
                    for (int i = from; i < to; i += stride) {
                        found.add(i);
                    }
                }
                from = to;
            }
        }
        return found.build().toArray();
    }

    private static Layer softmax() {
        return new Output(3, SOFTMAX, CROSS_ENTROPY);
    }

    private static Arguments of(String name, Shape input, Part... layers) {
        return Arguments.of(name, CourseNetworks.of(input, List.of(layers)));
    }
}
