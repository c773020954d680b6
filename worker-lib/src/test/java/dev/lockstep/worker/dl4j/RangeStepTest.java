package dev.lockstep.worker.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.ParameterRange;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.TrainableModel.StatePiece;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Adam;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a model keeps of its optimizer's state when it steps a part of its parameters. */
class RangeStepTest {
    private static final int INPUTS = 5;
    private static final int UNITS = 3;
    private static final int CLASSES = 2;
    /** Weights and biases; batch norm's scale, shift, and its two running statistics, which have no Adam. */
    private static final int BEFORE = INPUTS * UNITS + UNITS + 2 * UNITS;

    private static final int PARAMETERS = BEFORE + 2 * UNITS + UNITS * CLASSES + CLASSES;

    private final TrainableDl4jModel model = TrainableDl4jModel.of(
            new NetworkSpec(
                    Shape.vector(INPUTS),
                    List.of(
                            new Dense(UNITS, ActivationFunction.RELU),
                            new BatchNorm(.9, 1e-5),
                            new Output(CLASSES, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                    new WeightInit.He(),
                    new Adam(.01, .9, .999, 1e-8),
                    0,
                    0),
            1);

    private static float[] numbered(int from, int to) {
        float[] values = new float[to - from];
        IntStream.range(from, to).forEach(i -> values[i - from] = i);
        return values;
    }

    @Test
    void isThatOfItsParametersAloneWhereverTheStateComesFrom() {
        int state = model.optimizerStateCount();
        assertThat(state).isEqualTo(2 * (PARAMETERS - 2 * UNITS)); // two moments of what Adam steps
        model.keepOptimizerState(List.of(new ParameterRange(0, 10), new ParameterRange(10, BEFORE + UNITS)));
        assertThat(model.network.keptOptimizerState()).isNull(); // nobody keeps the rest
        for (int from = 0; from < state; from += 7) { // across moments, ranges and blocks
            model.takeOptimizerState(numbered(from, Math.min(state, from + 7)), from);
        }
        List<StatePiece> kept = model.keptOptimizerState();
        assertThat(kept.stream().mapToInt(piece -> piece.values().length).sum()).isEqualTo(2 * BEFORE);
        assertThat(kept).allSatisfy(piece -> assertThat(piece.values())
                .isEqualTo(numbered(piece.at(), piece.at() + piece.values().length)));
        assertThat(kept).extracting(StatePiece::at).containsExactlyInAnyOrder(0, 10, BEFORE, BEFORE + 10);
        assertThat(model.keepsOptimizerState(BEFORE - 1, BEFORE)).isTrue();
        assertThat(model.keepsOptimizerState(2 * BEFORE, state)).isFalse();
    }

    @Test
    void isAllOfItAgainWhenAllIsAskedFor() {
        int state = model.optimizerStateCount();
        model.keepOptimizerState(List.of());
        assertThat(model.keptOptimizerState()).isEmpty();
        assertThat(model.keepsOptimizerState(0, state)).isFalse();
        assertThatThrownBy(() -> model.readOptimizerState(new float[state], 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the optimizer's state of some parameters alone is kept here");
        assertThatThrownBy(() -> model.step(new float[PARAMETERS], 1, 0, 0)).isInstanceOf(IllegalStateException.class);
        model.keepWholeOptimizerState();
        model.takeOptimizerState(numbered(0, 4), 0);
        model.takeOptimizerState(numbered(4, state), 4);
        float[] whole = new float[state];
        model.readOptimizerState(whole, 0);
        assertThat(whole).isEqualTo(numbered(0, state));
    }
}
