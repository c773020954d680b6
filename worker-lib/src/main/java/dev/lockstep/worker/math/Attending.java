package dev.lockstep.worker.math;

/**
 * What an attention reads, side by side: who asks, then, unless it is the same, what is looked at, each of as many values, then, where
 * the sight asks for it, the tokens.
 *
 * @param width of what asks
 * @param crosses whether something else is looked at
 */
record Attending(int width, boolean crosses, Sight sight) {

    Sequences asking(Sequences x) {
        return x.part(0, width);
    }

    Sequences lookedAt(Sequences x) {
        return x.part(crosses ? width : 0, width);
    }

    /** The steps of each example's source; 0 where nobody asks. */
    int[] borders(Sequences x) {
        return sight.asksForTokens() ? Sight.borders(x.part(tokensAt(), 1)) : new int[x.examples()];
    }

    private int tokensAt() {
        return crosses ? 2 * width : width;
    }

    /** A token has no slope. */
    void clearTokens(Sequences dx) {
        if (sight.asksForTokens()) {
            dx.part(tokensAt(), 1).zero();
        }
    }
}
