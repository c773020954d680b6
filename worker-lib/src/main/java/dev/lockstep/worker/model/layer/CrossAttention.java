package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;

/**
 * Between a decoder and its encoder, Vaswani et al. 2017: as {@link Attention}, with q of the first input and k and v of the second. Of
 * a pair in one sequence it looks at the source's steps; the third input are then the tokens.
 *
 * @param heads from 1, a divisor of the width
 * @param mask which steps a step looks at
 */
public record CrossAttention(int heads, Attention.Mask mask) implements HeadedAttention {
    public static final String TYPE = "cross-attention";

    static CrossAttention read(Keys keys) {
        return new CrossAttention(
                keys.from(1, "heads", 1), keys.choice("mask", Attention.Mask.SOURCE, Attention.Mask.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public AttentionInputs inputs() {
        return new AttentionInputs(true, mask);
    }
}
