package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.AttentionHeads;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxSteps;
import java.util.List;

/** Attention by heads, of a sequence to itself or to another one. */
sealed interface HeadedAttention extends SequenceLayer permits Attention, CrossAttention {

    /** From 1, a divisor of the width. */
    int heads();

    /** What it reads. */
    AttentionInputs inputs();

    @Override
    default Shape output(Shape joined) {
        return inputs().output(joined, heads());
    }

    @Override
    default Shape output(List<Shape> inputs) {
        return output(inputs().joined(inputs));
    }

    @Override
    default List<Parameter> parameters(Shape joined) {
        return inputs().parameters(joined);
    }

    @Override
    default String onnx(Shape joined, String x, OnnxSteps onnx) {
        return inputs().onnx(joined, heads(), x, onnx);
    }

    @Override
    default SequenceKernel sequences(Shape joined) {
        return new AttentionHeads(
                inputs().width(joined),
                heads(),
                inputs().crosses(),
                inputs().mask().sight());
    }
}
