package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Direction;
import dev.lockstep.worker.model.layer.Gru;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.shade.jackson.core.JsonProcessingException;

/** What a layer of ours looks like in a model's file. */
class HostedLayerTest {

    /** Of a map in no order, each process would write another file. */
    @Test
    void keysAreInOrder() throws JsonProcessingException {
        HostedLayer hosted =
                HostedLayer.of(new Gru(4, Gru.Reset.values()[0], Direction.values()[0]), Shape.sequence(6));
        assertThat(NeuralNetConfiguration.mapper().writeValueAsString(hosted))
                .containsSubsequence("\"keys\"", "\"direction\"", "\"reset\"", "\"units\"");
    }
}
