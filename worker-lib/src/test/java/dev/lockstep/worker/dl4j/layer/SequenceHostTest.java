package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.math.EmbeddingRows;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.natives.Natives;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class SequenceHostTest {

    private static INDArray activate(SequenceKernel kernel, INDArray input, INDArray rows) {
        Natives.ready();
        var conf = new NeuralNetConfiguration.Builder()
                .layer(new DenseLayer.Builder().nIn(1).nOut(2).build())
                .build();
        var host = new SequenceHost<DenseLayer>(conf, DataType.FLOAT, kernel, List.of("W"), true, 2, false);
        host.setParamTable(Map.of("W", rows));
        host.setInput(input, LayerWorkspaceMgr.noWorkspaces());
        return host.activate(false, LayerWorkspaceMgr.noWorkspaces());
    }

    private static INDArray tokens(float... tokens) {
        return Nd4j.createFromArray(tokens).reshape(1, 1, tokens.length);
    }

    private static INDArray rows() {
        return Nd4j.createFromArray(1f, 2, 3, 4, 5, 6).reshape(3, 2);
    }

    @Test
    void whatAKernelCannotReadIsTheDatas() {
        assertThat(activate(new EmbeddingRows(3), tokens(2, 0), rows())
                        .dup('c')
                        .data()
                        .asFloat())
                .containsExactly(5, 1, 6, 2);
        assertThatThrownBy(() -> activate(new EmbeddingRows(3), tokens(2, 3), rows()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("step 1 of a sequence is 3.0; expected a whole number from 0 to 2");
    }

    /** Else it would be said of the data, and end with 3. */
    @Test
    void aFaultOfOursIsNot() {
        assertThatThrownBy(() -> activate(new EmbeddingRows(3), tokens(2, 0), rows().castTo(DataType.DOUBLE)))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("needs float32 values without gaps");
        SequenceKernel broken = new SequenceKernel() {
            @Override
            public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
                throw new IllegalArgumentException("broken");
            }

            @Override
            public void backward(
                    Sequences x,
                    List<NativeFloats> parameters,
                    Sequences dy,
                    List<NativeFloats> gradients,
                    Sequences dx) {}
        };
        assertThatThrownBy(() -> activate(broken, tokens(2, 0), rows()))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessage("broken");
    }
}
