package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.layer.FastLayers.Choice;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.natives.Natives;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** No layer computes by DL4J's code without saying so. */
class PassCounterTest {

    static Stream<NetworkSpec> courseNetworks() {
        return Stream.of(
                CourseNetworks.multiLayerNet(50, 30),
                CourseNetworks.lenet(),
                CourseNetworks.lenetWithBatchNorm(),
                CourseNetworks.simpleConvNet(),
                CourseNetworks.doubleConvNet(),
                CourseNetworks.deepConvNet(),
                CourseNetworks.lenet5());
    }

    @ParameterizedTest
    @MethodSource("courseNetworks")
    void theNetworksOfTheCourseComputeByOursAlone(NetworkSpec spec) {
        Natives.ready();
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 3));
        network.init();
        network.initGradientsView();
        List<Choice> choices = FastLayers.install(network);
        int batch = 3;
        INDArray examples = Nd4j.rand(DataType.FLOAT, batch, spec.input().size());
        if (spec.input().isImage()) {
            examples = examples.reshape(
                    batch,
                    spec.input().channels(),
                    spec.input().height(),
                    spec.input().width());
        }
        INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, spec.classes());
        labels.getColumn(1).assign(1);
        Nets.gradient(network, examples, labels);
        assertThat(choices).allSatisfy(choice -> {
            assertThat(choice.stock()).isEmpty();
            assertThat(choice.passes().stockForward()).isZero();
            assertThat(choice.passes().stockBackward()).isZero();
        });
        assertThat(choices)
                .filteredOn(choice -> choice.technique().isEmpty())
                .allSatisfy(choice -> assertThat(choice.type()).isIn("DropoutLayer", "LossLayer"));
        assertThat(choices)
                .filteredOn(choice -> !choice.technique().isEmpty())
                .isNotEmpty()
                .allSatisfy(choice -> {
                    assertThat(choice.passes().forward()).isPositive();
                    assertThat(choice.passes().backward()).isEqualTo(1);
                });
    }

    @Test
    void aLayerThatWeDoNotKnowShows() {
        var convolution = new ConvolutionLayer.Builder(2, 2).nOut(4).build();
        Nets nets = new Nets(
                5,
                InputType.convolutional(9, 8, 2),
                List.of(convolution, new ZeroPaddingLayer.Builder(1, 1).build(), convolution));
        Nets.gradient(nets.fast, nets.examples(3), nets.labels(3));
        Choice padding = nets.choices.get(1);
        assertThat(padding.kernel()).isEqualTo("ZeroPaddingLayer");
        assertThat(padding.technique()).isEmpty();
        assertThat(padding.stock()).isEqualTo("no kernel");
        assertCounts(padding.passes(), 0, 0, 0, 0);
        assertCounts(nets.choices.get(0).passes(), 1, 1, 0, 0);
    }

    @Test
    void whatIsHandedToDl4jIsCounted() {
        Natives.ready();
        var flattening = new BatchLastFlattening(new CnnToFeedForwardPreProcessor(4, 5, 3));
        INDArray batchFirst = Nd4j.rand(DataType.FLOAT, 2, 3, 4, 5);
        var workspaces = LayerWorkspaceMgr.noWorkspaces();
        flattening.preProcess(batchFirst, 2, workspaces); // a view
        flattening.preProcess(batchFirst.dup('f'), 2, workspaces); // DL4J's
        INDArray flat =
                flattening.preProcess(BatchLast.of(batchFirst, workspaces, ArrayType.ACTIVATIONS), 2, workspaces);
        flattening.backprop(flat, 2, workspaces);
        flattening.backprop(flat.dup('c'), 2, workspaces);
        assertCounts(flattening.passes(), 2, 1, 1, 1);
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void flatteningIsOursInBothFormats(CNN2DFormat format) {
        var convolution = new ConvolutionLayer.Builder(2, 2).nOut(4).build();
        Nets nets = new Nets(5, InputType.convolutional(9, 8, 2, format), List.of(convolution));
        INDArray examples = nets.examples(3);
        INDArray labels = nets.labels(3);
        Nets.close(
                "gradient",
                Nets.gradient(nets.fast, examples.dup(), labels),
                Nets.gradient(nets.stock, examples.dup(), labels),
                1e-4);
        Choice flattening = nets.choices.get(1);
        assertThat(flattening.type()).isEqualTo("Flattening");
        assertCounts(flattening.passes(), 1, 1, 0, 0);
    }

    private static void assertCounts(
            PassCounter passes, long forward, long backward, long stockForward, long stockBackward) {
        assertThat(List.of(passes.forward(), passes.backward(), passes.stockForward(), passes.stockBackward()))
                .containsExactly(forward, backward, stockForward, stockBackward);
    }
}
