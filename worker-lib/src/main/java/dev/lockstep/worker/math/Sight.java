package dev.lockstep.worker.math;

/**
 * Which steps of its sequence a step looks at. Of a pair in one sequence, the source's tokens, the mark of a beginning, the target's
 * tokens, the source are the steps before the mark; where there is no mark, all.
 */
public enum Sight {
    ALL,
    /** Itself and those before it. */
    CAUSAL,
    /** Those of the source. */
    SOURCE,
    /** Itself and those before it, on its own side of the source's end. */
    TARGET;

    /** The token that begins a target. */
    public static final int MARK = 1;

    /** Whether it is to be told the tokens. */
    public boolean asksForTokens() {
        return this == SOURCE || this == TARGET;
    }

    /** The first step that is looked at. @param border the source's steps */
    int from(int step, int border) {
        return this == TARGET && step >= border ? border : 0;
    }

    /** The step behind the last one that is looked at. */
    int to(int step, int border, int length) {
        return switch (this) {
            case ALL -> length;
            case CAUSAL, TARGET -> step + 1;
            case SOURCE -> border;
        };
    }

    /** The steps of each example's source. @param tokens one value a step */
    static int[] borders(Sequences tokens) {
        int[] borders = new int[tokens.examples()];
        float[] token = new float[1];
        for (int n = 0; n < borders.length; n++) {
            int t = 0;
            while (t < tokens.lengths()[n]) {
                tokens.memory().read(tokens.row(t, n), token, 0, 1);
                if (token[0] == MARK) {
                    break;
                }
                t++;
            }
            borders[n] = t;
        }
        return borders;
    }
}
