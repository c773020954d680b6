package dev.lockstep.worker.model;

import java.io.Serializable;

/**
 * How a network learns from what its actions led to, in the place of its output's own loss. An example's target is
 * {@link #TARGETS} numbers: the action taken, its worth, what came in the end, and the logarithm of the probability that
 * the action had then. Letters: y outputs, of which the first are of the actions; a the action, A its worth, R what came.
 *
 * @param kind what is learnt
 * @param valueWeight how much the last output's error counts, from 0
 * @param entropyWeight how much it counts that all actions stay likely, from 0
 * @param clip how far a probability may move away from what it was, above 0
 */
public record Reinforcement(Kind kind, double valueWeight, double entropyWeight, double clip) implements Serializable {

    /** The numbers of an example's target. */
    public static final int TARGETS = 4;

    /** What is learnt. */
    public enum Kind {
        /** The worth of the action: Huber's loss of y_a - A (Mnih et al.: "Human-level control ...", 2015). */
        ACTION_VALUES,
        /**
         * -A log p_a + valueWeight (V - R)^2 / 2 - entropyWeight H(p), where p is the softmax of the outputs before the last
         * one, V that, and H the entropy (Williams: "Simple statistical gradient-following algorithms ...", 1992).
         */
        POLICY_GRADIENT,
        /**
         * The same with -min(r A, clip(r, 1 - clip, 1 + clip) A) in the place of -A log p_a, where r is p_a divided by what it
         * was (Schulman et al.: "Proximal policy optimization algorithms", 2017).
         */
        CLIPPED_POLICY;

        /** Whether the last output tells what is to come. */
        public boolean hasValue() {
            return this != ACTION_VALUES;
        }
    }
}
