package dev.lockstep.worker.dl4j.updater;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.model.optimizer.Momentum;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class HostedUpdaterTest {

    /** The formula in ND4J's own operations, one rounding each. */
    @Test
    void roundsAsTheFormulaDoesOperationByOperation() {
        INDArray velocity = Nd4j.zeros(DataType.FLOAT, 1, 5003);
        INDArray state = velocity.dup();
        var updater = new HostedUpdater(new Momentum(0.013, 0.87)).instantiate(state, true);
        for (int step = 0; step < 20; step++) {
            INDArray gradient = Nd4j.randn(DataType.FLOAT, 1, 5003);
            velocity.muli(0.87).subi(gradient.mul(0.013));
            updater.applyUpdater(gradient, step, 0);
            assertThat(gradient.toFloatVector()).isEqualTo(velocity.neg().toFloatVector());
            assertThat(state.toFloatVector()).isEqualTo(velocity.toFloatVector());
        }
    }
}
