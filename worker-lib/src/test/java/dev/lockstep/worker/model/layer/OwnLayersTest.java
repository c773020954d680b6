package dev.lockstep.worker.model.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Kernel.Values;
import dev.lockstep.worker.natives.Natives;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Every layer that computes itself: its gradients against finite differences in float32, and that a model file brings it back. */
class OwnLayersTest {
    private static final int EXAMPLES = 5;
    private static final Shape IMAGE = new Shape(4, 2, 3);
    private static final Shape VECTOR = Shape.vector(6);

    static Stream<Arguments> layers() {
        return Stream.of(
                Arguments.of(new PRelu(), IMAGE),
                Arguments.of(new DepthwiseConvolution(2, 1, 0, 1, 1), IMAGE),
                Arguments.of(new DepthwiseConvolution(3, 2, 1, 1, 2), new Shape(2, 5, 4)),
                Arguments.of(new DepthwiseConvolution(2, 1, Convolution.SAME, 2, 1), new Shape(2, 3, 4)),
                Arguments.of(new ChannelSlice(1, 3), IMAGE),
                Arguments.of(new ChannelSlice(2, 6), VECTOR),
                Arguments.of(new GroupNorm(2, 1e-5), IMAGE),
                Arguments.of(new GroupNorm(3, 0.3), VECTOR));
    }

    /** E = sum of c y with fixed c, so that dy is c: the slope of E against what the kernel says. */
    @ParameterizedTest
    @MethodSource("layers")
    void gradientsAreTheSlope(OwnLayer layer, Shape shape) {
        Natives.ready();
        Random random = new Random(3);
        Values x = values(random, shape);
        Values y = values(random, layer.output(shape));
        Values c = values(random, layer.output(shape));
        Values dx = values(random, shape);
        List<NativeFloats> parameters = new ArrayList<>();
        List<NativeFloats> gradients = new ArrayList<>();
        for (OwnLayer.Parameter parameter : layer.parameters(shape)) {
            parameters.add(memory(random, parameter.length()));
            gradients.add(memory(random, parameter.length()));
        }
        Kernel kernel = layer.kernel(shape);
        kernel.forward(x, parameters, y, true);
        kernel.backward(x, parameters, c, gradients, dx);
        check(x.memory(), dx.memory(), kernel, x, parameters, y, c);
        for (int i = 0; i < parameters.size(); i++) {
            check(parameters.get(i), gradients.get(i), kernel, x, parameters, y, c);
        }
    }

    private static void check(
            NativeFloats of,
            NativeFloats gradient,
            Kernel kernel,
            Values x,
            List<NativeFloats> parameters,
            Values y,
            Values c) {
        float step = 1f / 256;
        float[] at = read(of);
        float[] found = read(gradient);
        for (int i = 0; i < at.length; i++) {
            double above = moved(of, i, at[i] + step, kernel, x, parameters, y, c);
            double below = moved(of, i, at[i] - step, kernel, x, parameters, y, c);
            of.write(i, at, i, 1);
            assertThat((double) found[i]).as("value %d", i).isCloseTo((above - below) / (2 * step), within(2e-3));
        }
    }

    private static double moved(
            NativeFloats of,
            int index,
            float to,
            Kernel kernel,
            Values x,
            List<NativeFloats> parameters,
            Values y,
            Values c) {
        of.write(index, new float[] {to}, 0, 1);
        kernel.forward(x, parameters, y, true);
        float[] out = read(y.memory());
        float[] weight = read(c.memory());
        double sum = 0;
        for (int i = 0; i < out.length; i++) {
            sum += (double) out[i] * weight[i];
        }
        return sum;
    }

    /** Between DL4J's layers, in the order of their memory: the slope of the loss by the weights below. */
    @ParameterizedTest
    @MethodSource("layers")
    void theGradientGoesThroughIt(OwnLayer layer, Shape shape) {
        Network network = Networks.build(spec(layer, shape), 7, new Sgd(1), DataType.FLOAT);
        network.prepareForTraining();
        Random random = new Random(5);
        INDArray x = input(random, shape);
        INDArray d = Nd4j.zeros(DataType.FLOAT, EXAMPLES, 3);
        for (int i = 0; i < EXAMPLES; i++) {
            d.putScalar(i, i % 3, 1);
        }
        network.computeGradient(x, d);
        float[] gradient = network.gradients().dup().data().asFloat(); // summed over the examples
        INDArray parameters = network.parameters();
        float step = 1f / 256; // the less, the fewer values cross a bend
        for (int i = 0; i < Math.min(20, gradient.length); i++) {
            float at = parameters.getFloat(i);
            parameters.putScalar(i, at + step);
            double above = network.computeGradient(x, d);
            parameters.putScalar(i, at - step);
            double below = network.computeGradient(x, d);
            parameters.putScalar(i, at);
            assertThat(gradient[i] / EXAMPLES)
                    .as("parameter %d", i)
                    .isCloseTo((float) ((above - below) / (2 * step)), within(1e-3f));
        }
    }

    @ParameterizedTest
    @MethodSource("layers")
    void comesBackFromTheModelFile(OwnLayer layer, Shape shape) {
        NetworkSpec spec = spec(layer, shape);
        Network network = Networks.build(spec, 1);
        Network restored =
                Network.fromJson(Networks.stock(spec).configurationJson()).init();
        restored.parameters().assign(network.parameters());
        INDArray x = input(new Random(1), shape);
        assertThat(restored.output(x).data().asFloat())
                .isEqualTo(network.output(x).data().asFloat());
    }

    private static NetworkSpec spec(OwnLayer layer, Shape shape) {
        Layer below = shape.isImage()
                ? new Convolution(shape.channels(), 3, 1, 1, ActivationFunction.IDENTITY)
                : new Dense(shape.channels(), ActivationFunction.IDENTITY);
        return CourseNetworks.of(shape, List.of(below, layer, CourseNetworks.softmax(3)));
    }

    private static INDArray input(Random random, Shape shape) {
        INDArray flat = Nd4j.createFromArray(floats(random, EXAMPLES * shape.size()));
        return shape.isImage()
                ? flat.reshape(EXAMPLES, shape.channels(), shape.height(), shape.width())
                : flat.reshape(EXAMPLES, shape.size());
    }

    private static Values values(Random random, Shape shape) {
        int positions = shape.isImage() ? shape.height() * shape.width() : 1;
        return new Values(memory(random, shape.size() * EXAMPLES), shape.channels(), positions, EXAMPLES);
    }

    private static NativeFloats memory(Random random, int length) {
        NativeFloats memory = NativeFloats.allocate(length);
        memory.write(0, floats(random, length), 0, length);
        return memory;
    }

    /** Away from 0, where a slope may jump. */
    private static float[] floats(Random random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (random.nextBoolean() ? 1 : -1) * (0.1f + random.nextFloat());
        }
        return values;
    }

    private static float[] read(NativeFloats memory) {
        float[] values = new float[memory.length()];
        memory.read(0, values, 0, values.length);
        return values;
    }
}
