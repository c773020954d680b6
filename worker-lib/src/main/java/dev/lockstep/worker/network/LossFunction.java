package dev.lockstep.worker.network;

import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/**
 * The losses a configuration can name, for one example with output y and target d over K units. A batch's loss is the
 * mean over its examples.
 */
public enum LossFunction {
    /** E = -sum over k of d_k log y_k, with y clipped to [1e-10, 1 - 1e-10] */
    CROSS_ENTROPY,
    /** E = -sum over k of (d_k log y_k + (1 - d_k) log(1 - y_k)), with y clipped to [1e-5, 1 - 1e-5] */
    BINARY_CROSS_ENTROPY,
    /** E = 1/2 sum over k of (y_k - d_k)^2; gradient y - d. (DL4J's own squared errors lack the 1/2 or divide by K.) */
    SQUARED_ERROR;

    /** The only activation that the loss is made for; null when any will do. */
    public ActivationFunction activation() {
        return switch (this) {
            case CROSS_ENTROPY -> ActivationFunction.SOFTMAX;
            case BINARY_CROSS_ENTROPY -> ActivationFunction.SIGMOID;
            case SQUARED_ERROR -> null;
        };
    }

    ILossFunction dl4j(int units) {
        return switch (this) {
            case CROSS_ENTROPY -> new LossMCXENT();
            case BINARY_CROSS_ENTROPY -> new LossBinaryXENT();
            case SQUARED_ERROR -> new LossL2(Nd4j.valueArrayOf(new long[] {1, units}, 0.5));
        };
    }
}
