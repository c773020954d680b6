package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import java.util.List;

/** A layer that DL4J lacks and that reads sequences: it computes itself, on plain memory. */
public interface SequenceLayer extends OwnLayer {

    /** Its arithmetic; a new one for each network. */
    SequenceKernel sequences(Shape input);

    @Override
    default Shape output(Shape input) {
        return input.requireTime();
    }

    @Override
    default List<Parameter> parameters(Shape input) {
        return List.of();
    }

    @Override
    default boolean readsTime() {
        return true;
    }

    @Override
    default Kernel kernel(Shape input) {
        throw new IllegalStateException(type() + " computes sequences");
    }

    /**
     * What it computes in evaluation, in ONNX's operators.
     *
     * @param x the layer's input {@code [batch, time, length]}; what it holds behind an end counts nothing
     * @param onnx where they are put
     * @return the layer's output, {@code [batch, time, length]} or {@code [batch, length]}; behind an end anything finite
     */
    String onnx(Shape input, String x, OnnxSteps onnx);

    @Override
    default String onnx(Shape input, String x, OnnxLayer onnx) {
        throw new IllegalStateException(type() + " computes sequences");
    }
}
