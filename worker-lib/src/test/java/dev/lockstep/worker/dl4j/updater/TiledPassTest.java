package dev.lockstep.worker.dl4j.updater;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.math.TiledPass;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class TiledPassTest {
    private static final TiledPass.Loop LOOP = (g, state, count) -> {
        for (int i = 0; i < count; i++) {
            state[0][i] += g[i];
            g[i] = 2 * state[0][i];
        }
    };

    /** An array longer than a buffer is worked on part by part: each value once, of a view too. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2048, 5000, 9999, 10_000, 1 << 28})
    void partsCoverTheArray(int part) {
        INDArray gradients = Nd4j.rand(DataType.FLOAT, 1, 10_007);
        INDArray gradient = gradients.get(NDArrayIndex.all(), NDArrayIndex.interval(7, 10_007));
        INDArray state = Nd4j.rand(DataType.FLOAT, 1, 10_000);
        float[] before = gradients.toFloatVector();
        INDArray sum = gradient.add(state);
        FusedUpdater.run(part, LOOP, gradient, List.of(state));
        assertThat(state.toFloatVector()).isEqualTo(sum.toFloatVector());
        assertThat(gradient.toFloatVector()).isEqualTo(sum.mul(2).toFloatVector());
        assertThat(gradients
                        .get(NDArrayIndex.all(), NDArrayIndex.interval(0, 7))
                        .toFloatVector())
                .isEqualTo(Arrays.copyOf(before, 7));
    }
}
