package dev.lockstep.driver.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Locale;

/** How reports write numbers; a number that is not finite, and so unknown, is a dash. */
public final class Numbers {
    /** Stands for a number that there is not. */
    public static final String NONE = "–";

    private static final double LEAST_DECIMAL = 1e-3;
    private static final double MOST_DECIMAL = 1e4;

    private Numbers() {}

    /** A share in [0, 1]: {@code 91.23 %}. */
    public static String percent(double share) {
        return Double.isFinite(share) ? String.format(Locale.ROOT, "%.2f %%", 100 * share) : NONE;
    }

    /** Rounded to a whole number. */
    public static String whole(double count) {
        return Double.isFinite(count) ? String.format(Locale.ROOT, "%,.0f", count) : NONE;
    }

    /** A whole number: {@code 61,706}. */
    public static String whole(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** Four decimals: {@code 0.2846}. */
    public static String decimal(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : NONE;
    }

    /** Four decimals, and {@link #brief} where they show too little or too much. */
    public static String figure(double value) {
        double size = Math.abs(value);
        return size == 0 || size >= LEAST_DECIMAL && size < MOST_DECIMAL ? decimal(value) : brief(value);
    }

    /** Four significant digits, short: {@code 0.001}, {@code 2.5e-5}, {@code 12.5k}. */
    public static String brief(double value) {
        return brief(value, 4);
    }

    /** As {@link #brief(double)}, with so many significant digits. */
    public static String brief(double value, int digits) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        if (exponent < -4 || exponent >= 9) {
            return rounded.scaleByPowerOfTen(-exponent).toPlainString() + "e" + exponent;
        }
        if (exponent >= 6) {
            return rounded.scaleByPowerOfTen(-6).toPlainString() + "M";
        }
        if (exponent >= 4) {
            return rounded.scaleByPowerOfTen(-3).toPlainString() + "k";
        }
        return rounded.toPlainString();
    }

    /** A place in a drawing, to a tenth, without needless zeros. */
    public static String pixel(double at) {
        long tenths = Math.round(at * 10);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : Double.toString(tenths / 10.0);
    }

    /** Three significant digits and a word: {@code 845}, {@code 61.7 thousand}, {@code 5.22 million}. */
    public static String count(double count) {
        String[] words = {"", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion"};
        double rest = count;
        int word = 0;
        while (rest >= 999.5 && word < words.length - 1) {
            rest /= 1000;
            word++;
        }
        return brief(rest, 3) + words[word];
    }

    /** {@code 512 bytes}, {@code 61.7 KiB}, {@code 1.61 MiB}. */
    public static String bytes(double bytes) {
        String[] units = {" bytes", " KiB", " MiB", " GiB", " TiB"};
        double rest = bytes;
        int unit = 0;
        while (rest >= 1023.5 && unit < units.length - 1) {
            rest /= 1024;
            unit++;
        }
        return brief(rest, unit == 0 ? 4 : 3) + units[unit];
    }

    /** {@code 2 h 03 min}, {@code 4 min 07 s} or {@code 12.3 s}. */
    public static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%,d h %02d min", seconds / 3600, seconds / 60 % 60);
    }
}
