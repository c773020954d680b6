package dev.lockstep.jobs.course;

import java.util.Locale;

/** Names and values, aligned, with eight decimals. */
final class Printout {
    private static final int NAME = 28;

    private final StringBuilder text = new StringBuilder();

    Printout value(String name, double value) {
        text.append(String.format(
                Locale.ROOT, "%-" + NAME + "s = %s%n", name, number(value).strip()));
        return this;
    }

    /** A row, or a matrix row by row. */
    Printout values(String name, double[][] rows) {
        for (int i = 0; i < rows.length; i++) {
            text.append(String.format(Locale.ROOT, "%-" + NAME + "s %s [", i == 0 ? name : "", i == 0 ? "=" : " "));
            for (double value : rows[i]) {
                text.append(number(value));
            }
            text.append(" ]\n");
        }
        return this;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, " %12.8f", value);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
