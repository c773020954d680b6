package dev.lockstep.driver.report;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How reports write the figures that files have by name. */
public final class Figures {
    private static final Map<String, String> NAMES =
            Map.of("rmse", "RMSE", "mae", "MAE", "r2", "R²", "auc", "AUC", "f1", "F1");
    private static final Set<String> SHARES = Set.of("accuracy", "exact_match", "whole_sequences");

    private Figures() {}

    /** In a sentence: {@code accuracy}, {@code RMSE}, {@code macro F1}, {@code test AUC}. */
    public static String name(String figure) {
        return Arrays.stream(figure.split("_"))
                .map(word -> NAMES.getOrDefault(word, word))
                .collect(Collectors.joining(" "));
    }

    /** At the head of something: {@code Accuracy}, {@code RMSE}, {@code Macro F1}. */
    public static String title(String figure) {
        String name = name(figure);
        return name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    }

    /** A value alone: of a share of the examples, in percent. */
    public static String value(String figure, double value) {
        return SHARES.contains(figure) ? Numbers.percent(value) : Numbers.figure(value);
    }
}
