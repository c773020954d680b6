package dev.lockstep.worker.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.loop.ModelPiece.Of;
import dev.lockstep.worker.reduce.FloatArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ModelStateTest {
    private static final float[] PARAMETERS = {1, 2, 3, 4, 5, 6, 7};
    private static final float[] OPTIMIZER = {8, 9, 10};

    private static List<ModelPiece> pieces(long bytes) {
        return new ArrayList<>(ModelPiece.cut(ModelState.of(PARAMETERS.clone(), OPTIMIZER.clone()), bytes));
    }

    @Test
    void piecesAreAsLongAsAllowedAndComeTogetherInAnyOrder() {
        for (long bytes : new long[] {4, 8, 12, 1000}) {
            List<ModelPiece> pieces = pieces(bytes);
            assertThat(pieces)
                    .allSatisfy(piece -> assertThat(piece.values().bytes()).isBetween(1L, bytes));
            Collections.shuffle(pieces, new Random(bytes));
            ModelState joined = ModelState.joined(pieces);
            assertThat(joined.parameters().values()).isEqualTo(PARAMETERS);
            assertThat(joined.optimizer().values()).isEqualTo(OPTIMIZER);
        }
        assertThat(pieces(8)).hasSize(4 + 2);
    }

    @Test
    void aModelWithoutOptimizerStateHasNoPieceOfIt() {
        List<ModelPiece> pieces = ModelPiece.cut(ModelState.of(PARAMETERS.clone(), new float[0]), 1000);
        assertThat(pieces).extracting(ModelPiece::of).containsExactly(Of.PARAMETERS);
        assertThat(ModelState.joined(pieces).optimizer().bytes()).isZero();
    }

    @Test
    void whatIsMissingOrThereTwiceIsNotPassedOver() {
        List<ModelPiece> missing = pieces(8);
        missing.remove(1);
        assertThatThrownBy(() -> ModelState.joined(missing))
                .hasMessage("a piece of the model (PARAMETERS) is at 3, the one before it ends at 1");
        List<ModelPiece> twice = pieces(8);
        twice.add(new ModelPiece(Of.OPTIMIZER, 1, FloatArray.of(new float[] {9, 10})));
        assertThatThrownBy(() -> ModelState.joined(twice))
                .hasMessage("a piece of the model (OPTIMIZER) is at 1, the one before it ends at 3");
    }
}
