package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.Matrices;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.cpu.nativecpu.NDArray;

/**
 * The gradient of what several vertices of a graph read, to which DL4J's graph adds, in place, what each of them gives. Where both lie
 * in the same order they are added as they lie; ND4J goes through them in the order of the shape, which takes ten times as long.
 */
final class GradientInOrder extends NDArray {
    private static final long serialVersionUID = 1L;

    /** @param values without gaps, whose memory it shares */
    GradientInOrder(INDArray values) {
        super(values.data(), values.shape(), values.stride(), values.offset(), values.ordering());
    }

    @Override
    public INDArray addi(INDArray other) {
        if (Arrays.equals(stride(), other.stride()) && equalShapes(other) && ArrayMemory.isDense(other)) {
            Matrices.create().add((int) length(), ArrayMemory.of(other), 0, ArrayMemory.of(this), 0);
            return this;
        }
        return super.addi(other);
    }
}
