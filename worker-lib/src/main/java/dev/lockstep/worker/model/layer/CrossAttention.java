package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.AttentionHeads;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxSteps;
import java.util.List;

/**
 * Between a decoder and its encoder, Vaswani et al. 2017: as {@link Attention}, with q of the first input and k and v of the second. Of
 * a pair in one sequence it looks at the source's steps; the third input are then the tokens.
 *
 * @param heads from 1, a divisor of the width
 * @param mask which steps a step looks at
 */
public record CrossAttention(int heads, Attention.Mask mask) implements SequenceLayer {
    public static final String TYPE = "cross-attention";

    static CrossAttention read(Keys keys) {
        return new CrossAttention(
                keys.from(1, "heads", 1), keys.choice("mask", Attention.Mask.SOURCE, Attention.Mask.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    private AttentionInputs attending() {
        return new AttentionInputs(true, mask);
    }

    @Override
    public Shape output(Shape joined) {
        return attending().output(joined, heads);
    }

    @Override
    public Shape output(List<Shape> inputs) {
        return output(attending().joined(inputs));
    }

    @Override
    public List<Parameter> parameters(Shape joined) {
        return attending().parameters(joined);
    }

    @Override
    public String onnx(Shape joined, String x, OnnxSteps onnx) {
        return attending().onnx(joined, heads, x, onnx);
    }

    @Override
    public SequenceKernel sequences(Shape joined) {
        return new AttentionHeads(attending().width(joined), heads, true, mask.sight());
    }
}
