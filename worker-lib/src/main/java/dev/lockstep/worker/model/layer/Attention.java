package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.AttentionHeads;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/**
 * Multi-head self-attention, Vaswani et al. 2017: with q, k, v = x W + b in three parts, cut into heads of d = width / heads values
 * each, a_ts = softmax over s of (q_t . k_s / sqrt d), u_t = sum over s of a_ts v_s, over the steps s of the same sequence; the output
 * is u O + c. Parameters, as PyTorch's: W [width, 3 width] (q, k, v), b [3 width], O [width, width], c [width].
 *
 * @param heads from 1, a divisor of the width
 * @param mask which steps a step looks at
 */
public record Attention(int heads, Mask mask) implements SequenceLayer {
    public static final String TYPE = "attention";

    /** Which steps a step looks at. */
    public enum Mask {
        /** All of its sequence. */
        NONE,
        /** Itself and those before it. */
        CAUSAL
    }

    static Attention read(Keys keys) {
        return new Attention(keys.from(1, "heads", 1), keys.choice("mask", Mask.NONE, Mask.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        int width = input.requireTime().size();
        if (width % heads != 0) {
            throw new IllegalArgumentException(heads + " heads do not divide its " + width + " values");
        }
        return input;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        int width = input.size();
        return List.of(
                Parameter.weights("W", width, 3 * width),
                new Parameter("b", 3 * width, 0, false),
                Parameter.weights("O", width, width),
                new Parameter("c", width, 0, false));
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new AttentionHeads(input.size(), heads, mask == Mask.CAUSAL);
    }
}
