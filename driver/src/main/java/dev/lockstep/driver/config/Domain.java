package dev.lockstep.driver.config;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** The values that a search may give a key. A value is the text that would stand behind {@code key=}. */
public sealed interface Domain {

    /**
     * The value that a random number stands for.
     *
     * @param uniform from 0, below 1
     */
    String draw(double uniform);

    /** Any of these, all as likely: of a grid, each of them. */
    record Choice(List<String> values) implements Domain {
        public Choice {
            values = List.copyOf(values);
        }

        @Override
        public String draw(double uniform) {
            return values.get((int) (uniform * values.size()));
        }
    }

    /** As likely in any part of [low, high) as in another of the same length. */
    record Uniform(double low, double high) implements Domain {
        @Override
        public String draw(double uniform) {
            return Domain.text(low + uniform * (high - low), low, high);
        }
    }

    /** Its logarithm is uniform: as likely between 0.001 and 0.01 as between 0.01 and 0.1; {@code low} above 0. */
    record LogUniform(double low, double high) implements Domain {
        @Override
        public String draw(double uniform) {
            double from = StrictMath.log(low);
            return Domain.text(StrictMath.exp(from + uniform * (StrictMath.log(high) - from)), low, high);
        }
    }

    /** A whole number from low to high, both included, all as likely. */
    record Whole(long low, long high) implements Domain {
        @Override
        public String draw(double uniform) {
            return Long.toString(low + (long) (uniform * (high - low + 1)));
        }
    }

    /** With 6 significant digits, as part of what is drawn: so the command that repeats a trial is short and exact. */
    private static String text(double drawn, double low, double high) {
        double rounded = new BigDecimal(drawn).round(new MathContext(6)).doubleValue();
        double inside = Math.max(low, Math.min(high, rounded));
        return new BigDecimal(Double.toString(inside)).stripTrailingZeros().toString();
    }
}
