package dev.lockstep.worker.model;

import static dev.lockstep.worker.model.CourseNetworks.conv;
import static dev.lockstep.worker.model.CourseNetworks.pool;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.optimizer.Momentum;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

class NetworkSpecTest {

    static Stream<Arguments> networks() {
        return Stream.of(
                Arguments.of("mlp", CourseNetworks.multiLayerNet(40, 20), 32_430, "40 20 10"),
                Arguments.of(
                        "mlp 100x6",
                        CourseNetworks.multiLayerNet(100, 100, 100, 100, 100, 100),
                        130_010,
                        "100 100 100 100 100 100 10"),
                Arguments.of("lenet", CourseNetworks.lenet(), 431_080, "20x24x24 20x12x12 50x8x8 50x4x4 500 500 10"),
                Arguments.of(
                        "lenet-bn",
                        CourseNetworks.lenetWithBatchNorm(),
                        431_360,
                        "20x24x24 20x24x24 20x24x24 20x12x12 50x8x8 50x8x8 50x8x8 50x4x4 500 500 10"),
                Arguments.of("simple-convnet", CourseNetworks.simpleConvNet(), 433_890, "30x24x24 30x12x12 100 10"),
                Arguments.of(
                        "double-convnet",
                        CourseNetworks.doubleConvNet(),
                        75_430,
                        "10x24x24 10x12x12 20x12x12 20x6x6 100 10"),
                Arguments.of(
                        "deep-convnet",
                        CourseNetworks.deepConvNet(),
                        123_552,
                        "16x28x28 16x28x28 16x14x14 32x14x14 32x16x16 32x8x8 64x8x8 64x8x8 64x4x4 50 50 10 10 10"),
                Arguments.of("lenet-5", CourseNetworks.lenet5(), 61_706, "6x28x28 6x14x14 16x10x10 16x5x5 120 84 10"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("networks")
    void hasTheCoursesParametersAndShapes(String name, NetworkSpec spec, int parameters, String shapes) {
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 1));
        network.init();
        assertThat(network.numParams()).isEqualTo(parameters);
        assertThat(Networks.initialParameters(spec, 1)).hasSize(parameters);
        assertThat(spec.outputs().stream().map(Shape::toString).collect(Collectors.joining(" ")))
                .isEqualTo(shapes);
        assertThat(spec.classes()).isEqualTo(10);

        // What DL4J computes has the shapes we say.
        Shape in = spec.input();
        INDArray input = in.isImage() ? Nd4j.rand(2, in.channels(), in.height(), in.width()) : Nd4j.rand(2, in.size());
        List<INDArray> activations = network.feedForward(input);
        for (int i = 0; i < spec.layers().size(); i++) {
            Shape shape = spec.outputs().get(i);
            long[] expected = shape.isImage()
                    ? new long[] {2, shape.channels(), shape.height(), shape.width()}
                    : new long[] {2, shape.size()};
            assertThat(activations.get(i + 1).shape()).as("layer " + i).isEqualTo(expected);
        }
    }

    @Test
    void initialParametersAreAFunctionOfTheSeed() throws Exception {
        NetworkSpec spec = CourseNetworks.of(new Shape(1, 8, 8), List.of(conv(3, 3, 0), pool(), softmax(4)));
        float[] one = Networks.initialParameters(spec, 1);
        assertThat(Networks.initialParameters(spec, 1)).isEqualTo(one);
        assertThat(Networks.initialParameters(spec, 2)).isNotEqualTo(one);
        float[][] elsewhere = new float[1][];
        Thread thread = new Thread(() -> {
            Nd4j.getRandom().setSeed(99); // what a thread drew before must not matter
            Nd4j.rand(7);
            elsewhere[0] = Networks.initialParameters(spec, 1);
        });
        thread.start();
        thread.join();
        assertThat(elsewhere[0]).isEqualTo(one);
    }

    /** The flat order that checkpoints, the exchange and saved models share. */
    @Test
    void initialParametersAreInFlatOrder() {
        NetworkSpec spec = CourseNetworks.of(new Shape(1, 6, 6), List.of(conv(2, 3, 0), softmax(3)));
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 5));
        network.init();
        float[] flat = Networks.initialParameters(spec, 5);
        INDArray convolution = network.getParam("0_W"); // [F, C, K, K], row by row; its bias comes before it
        INDArray dense = network.getParam("1_W"); // [in, out], column by column
        assertThat(Arrays.copyOfRange(flat, 2, 2 + 18))
                .isEqualTo(convolution.dup('c').data().asFloat());
        assertThat(Arrays.copyOfRange(flat, 20, 20 + 96))
                .isEqualTo(dense.dup('f').data().asFloat());
        assertThat(flat).hasSize(20 + 96 + 3);
    }

    @Test
    void theStockNetworkNeedsNoClassOfOurs() {
        NetworkSpec spec = CourseNetworks.of(
                Shape.vector(4), List.of(CourseNetworks.dense(3), softmax(2)), new Momentum(0.1, 0.9));
        String json = Networks.stock(spec).configurationJson();
        assertThat(json).doesNotContain("lockstep");
        assertThat(MultiLayerConfiguration.fromJson(json).getConf(0).getLayer().getUpdaterByParam("W"))
                .isEqualTo(new Nesterovs(0.1, 0.9));
    }

    @Test
    void travelsToTasksAsItIs() throws Exception {
        for (NetworkSpec spec : List.of(CourseNetworks.lenetWithBatchNorm(), CourseNetworks.deepConvNet())) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new ObjectOutputStream(bytes).writeObject(spec);
            Object copy = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
            assertThat(copy).isEqualTo(spec).hasSameHashCodeAs(spec);
        }
    }
}
