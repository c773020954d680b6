package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * What the course saw of a variant, on its own data. Each is the lowest and the highest value seen, or null.
 *
 * @param test the last test accuracy
 * @param train the last training accuracy
 * @param peak the best test accuracy on the way
 * @param text anything else, or null
 */
public record Saw(List<Double> test, List<Double> train, List<Double> peak, String text) {
    static final Saw NOTHING = new Saw(null, null, null, null);

    public Saw {
        test = range(test);
        train = range(train);
        peak = range(peak);
    }

    private static List<Double> range(List<Double> range) {
        Stored.check(range == null || range.size() == 2, "what the course saw is not a lowest and a highest value");
        return range == null ? null : Stored.list(range);
    }

    static Saw of(Config config) {
        return new Saw(
                range(config, "test"),
                range(config, "train"),
                range(config, "peak"),
                config.hasPath("text") ? config.getString("text") : null);
    }

    private static List<Double> range(Config config, String key) {
        return config.hasPath(key) ? config.getDoubleList(key) : null;
    }

    /** In words: {@code test .917–.949, peak .95}; a dash when the course wrote nothing down. */
    public String words() {
        StringJoiner words = new StringJoiner(", ");
        words.setEmptyValue("–");
        add(words, "test", test);
        add(words, "peak", peak);
        add(words, "train", train);
        if (text != null) {
            words.add(text);
        }
        return words.toString();
    }

    private static void add(StringJoiner words, String what, List<Double> range) {
        if (range != null) {
            String low = number(range.get(0));
            String high = number(range.get(1));
            words.add(what + " " + (low.equals(high) ? low : low + "–" + high));
        }
    }

    /** Three or four decimals at most, as the course writes accuracies: {@code .675}, {@code .1135}, {@code 1.0}. */
    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.4f", value).replaceFirst("0{1,2}$", "");
        return text.startsWith("0") ? text.substring(1) : text;
    }
}
