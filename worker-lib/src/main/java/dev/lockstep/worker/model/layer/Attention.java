package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.Sight;
import dev.lockstep.worker.model.Keys;

/**
 * Multi-head self-attention, Vaswani et al. 2017: with q, k, v = x W + b in three parts, cut into heads of d = width / heads values
 * each, a_ts = softmax over s of (q_t . k_s / sqrt d), u_t = sum over s of a_ts v_s, over the steps s of the same sequence; the output
 * is u O + c. Parameters, as PyTorch's: W [width, 3 width] (q, k, v), b [3 width], O [width, width], c [width].
 *
 * @param heads from 1, a divisor of the width
 * @param mask which steps a step looks at
 */
public record Attention(int heads, Mask mask) implements HeadedAttention {
    public static final String TYPE = "attention";

    /** Which steps a step looks at: as {@link Sight}; of {@code SOURCE} and {@code TARGET} a second input are the tokens. */
    public enum Mask {
        /** All of its sequence. */
        NONE(Sight.ALL),
        /** Itself and those before it. */
        CAUSAL(Sight.CAUSAL),
        /** Those before the mark that begins a target. */
        SOURCE(Sight.SOURCE),
        /** From that mark on, itself and those before it. */
        TARGET(Sight.TARGET);

        private final Sight sight;

        Mask(Sight sight) {
            this.sight = sight;
        }

        Sight sight() {
            return sight;
        }

        /** What its layer reads beside others: the tokens, or nothing. */
        int tokens() {
            return sight.asksForTokens() ? 1 : 0;
        }
    }

    static Attention read(Keys keys) {
        return new Attention(keys.from(1, "heads", 1), keys.choice("mask", Mask.NONE, Mask.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public AttentionInputs inputs() {
        return new AttentionInputs(false, mask);
    }
}
