package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One axis of a chart: the values from {@code low} to {@code high}, with marks at round numbers.
 *
 * @param label what is measured, with its unit; may be empty
 * @param ticks ascending, each within the bounds
 */
public record Axis(String label, boolean logarithmic, double low, double high, List<Double> ticks) {
    private static final int[] ROUND = {1, 2, 5};
    /** Over this many decades, only powers of ten are marked. */
    private static final double DECADES_IN_DETAIL = 2;

    private static final int MOST_TICKS = 7;
    private static final double ROUNDING = 1e-9;
    /** Beyond it nothing is drawn: sums and differences of such values would no longer be finite. */
    private static final double LARGEST = 1e100;
    /** Below it a value is as good as 0, which a logarithmic axis has not. */
    private static final double SMALLEST = 1e-100;

    public Axis {
        ticks = List.copyOf(ticks);
    }

    /** Ends exactly where the values end; marked at whole numbers. */
    public static Axis whole(String label, DoubleStream values) {
        double[] range = range(values.filter(Axis::isDrawn).map(Axis::orZero));
        if (isPoint(range)) {
            double room = Math.max(1, 10 * ROUNDING * Math.abs(range[0])); // 1 is nothing beside 2^53
            range = new double[] {range[0] - room, range[1] + room};
        }
        double step = Math.max(1, roundUp((range[1] - range[0]) / MOST_TICKS));
        return new Axis(label, false, range[0], range[1], multiples(step, range[0], range[1]));
    }

    /** Ends at the marks next to the values. */
    public static Axis linear(String label, DoubleStream values) {
        double[] range = range(values.filter(Axis::isDrawn).map(Axis::orZero));
        if (isPoint(range)) {
            double room = range[0] == 0 ? 1 : Math.abs(range[0]) / 2;
            range = new double[] {range[0] - room, range[1] + room};
        }
        double step = roundUp((range[1] - range[0]) / (MOST_TICKS - 1));
        double low = step * Math.floor(range[0] / step + ROUNDING);
        double high = step * Math.ceil(range[1] / step - ROUNDING);
        return new Axis(label, false, low, high, multiples(step, low, high));
    }

    /** As {@link #linear}, with 0 in it. */
    public static Axis fromZero(String label, DoubleStream values) {
        double[] range = range(values.filter(Axis::isDrawn).map(Axis::orZero));
        boolean allZero = range[0] == 0 && range[1] == 0;
        return linear(label, DoubleStream.of(0, range[0], allZero ? 1 : range[1]));
    }

    /** Equal steps are equal factors; values that are not above 0 have no place on it. */
    public static Axis logarithmic(String label, DoubleStream values) {
        double[] range = range(values.filter(value -> isDrawn(value) && value >= SMALLEST));
        if (range[0] <= 0) {
            range = new double[] {1, 10};
        }
        double low = roundDown(range[0]);
        double high = roundUp(range[1]);
        if (low == high) {
            low = roundDown(low * 0.9);
            high = roundUp(high * 1.1);
        }
        double decades = Math.log10(high / low);
        int every = (int) Math.ceil(decades / MOST_TICKS);
        List<Double> ticks = new ArrayList<>();
        for (int exponent = exponent(low); exponent <= exponent(high); exponent++) {
            for (int digit : ROUND) {
                boolean marked = decades <= DECADES_IN_DETAIL || (digit == 1 && Math.floorMod(exponent, every) == 0);
                double tick = power(digit, exponent);
                if (marked && tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return new Axis(label, true, low, high, ticks);
    }

    /** Whether a value has a place on this axis. */
    public boolean shows(double value) {
        return isDrawn(value) && (!logarithmic || value >= SMALLEST);
    }

    /** Where a value is: 0 at the low end, 1 at the high end. */
    public double position(double value) {
        return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    private static boolean isDrawn(double value) {
        return Math.abs(value) <= LARGEST;
    }

    private static double orZero(double value) {
        return Math.abs(value) < SMALLEST ? 0 : value;
    }

    private static double[] range(DoubleStream values) {
        var summary = values.summaryStatistics();
        return summary.getCount() == 0 ? new double[] {0, 0} : new double[] {summary.getMin(), summary.getMax()};
    }

    /** Whether the ends are too close for marks between them. */
    private static boolean isPoint(double[] range) {
        return range[1] - range[0] <= ROUNDING * Math.max(Math.abs(range[0]), Math.abs(range[1]));
    }

    private static List<Double> multiples(double step, double low, double high) {
        List<Double> multiples = new ArrayList<>();
        long last = Math.round(Math.floor(high / step + ROUNDING));
        for (long i = Math.round(Math.ceil(low / step - ROUNDING)); i <= last; i++) {
            multiples.add(i * step);
        }
        return multiples;
    }

    /** The least of 1, 2 or 5 times a power of ten that is not below. */
    private static double roundUp(double value) {
        int exponent = exponent(value);
        for (int digit : ROUND) {
            if (power(digit, exponent) >= value * (1 - ROUNDING)) {
                return power(digit, exponent);
            }
        }
        return power(1, exponent + 1);
    }

    /** The greatest of 1, 2 or 5 times a power of ten that is not above. */
    private static double roundDown(double value) {
        int exponent = exponent(value);
        for (int i = ROUND.length - 1; i > 0; i--) {
            if (power(ROUND[i], exponent) <= value * (1 + ROUNDING)) {
                return power(ROUND[i], exponent);
            }
        }
        return power(1, exponent);
    }

    private static int exponent(double value) {
        return (int) Math.floor(Math.log10(value) + ROUNDING);
    }

    /** As the literal would be read: no error of a running product. */
    private static double power(int digit, int exponent) {
        return Double.parseDouble(digit + "e" + exponent);
    }
}
