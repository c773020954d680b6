package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
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

    /** @throws ConfigurationException always */
    @Override
    default String onnx(Shape input, String x, OnnxLayer onnx) {
        throw new ConfigurationException(type() + " cannot be exported to ONNX yet; leave out --onnx");
    }
}
