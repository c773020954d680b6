package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Attention;
import dev.lockstep.worker.model.layer.Convolution1d;
import dev.lockstep.worker.model.layer.CrossAttention;
import dev.lockstep.worker.model.layer.Direction;
import dev.lockstep.worker.model.layer.Gru;
import dev.lockstep.worker.model.layer.OwnLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.shade.jackson.core.JsonProcessingException;
import org.nd4j.shade.jackson.databind.JsonNode;

/** What a layer of ours looks like in a model's file. */
class HostedLayerTest {
    private static final Shape INPUT = Shape.sequence(6);

    static Stream<OwnLayer> layers() {
        return Stream.of(
                new Gru(4, Gru.Reset.AFTER, Direction.FORWARD),
                new Convolution1d(4, 3, 1, Convolution1d.Padding.CAUSAL, ActivationFunction.RELU),
                new CrossAttention(3, Attention.Mask.NONE));
    }

    /** Of a map in no order, each process would write another file. */
    @ParameterizedTest
    @MethodSource("layers")
    void keysAreInOrder(OwnLayer layer) throws JsonProcessingException {
        String json = NeuralNetConfiguration.mapper().writeValueAsString(HostedLayer.of(layer, INPUT));
        JsonNode keys = NeuralNetConfiguration.mapper().readTree(json).findValue("keys");
        List<String> names = new ArrayList<>();
        keys.fieldNames().forEachRemaining(names::add);
        assertThat(names).hasSizeGreaterThan(1).isSorted();
    }
}
