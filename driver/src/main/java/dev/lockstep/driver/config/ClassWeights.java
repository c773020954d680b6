package dev.lockstep.driver.config;

import java.util.List;

/**
 * How much the examples of each class count in the loss.
 *
 * @param given of each class, above 0 and finite in float32; empty for all classes to count the same, however many examples
 *     each has
 */
public record ClassWeights(List<Double> given) {
    private static final String BALANCED = "balanced";

    public ClassWeights {
        given = List.copyOf(given);
    }

    /** Whether the weights follow from how many examples each class has. */
    public boolean balanced() {
        return given.isEmpty();
    }

    /** Of a section; null when it has none. */
    static ClassWeights read(ConfigSection section, String key) {
        return section.value(
                key,
                BALANCED + ", or a list of numbers above 0, one for each class",
                ClassWeights::of,
                weights -> weights.balanced() ? BALANCED : weights.given());
    }

    private static ClassWeights of(Object written) {
        if (written.equals(BALANCED)) {
            return new ClassWeights(List.of());
        }
        if (written instanceof List<?> list && !list.isEmpty()) {
            return new ClassWeights(list.stream().map(ClassWeights::weight).toList());
        }
        throw new IllegalArgumentException();
    }

    private static double weight(Object written) {
        double weight = Double.parseDouble(String.valueOf(written));
        float rounded = (float) weight;
        if (!(rounded > 0 && rounded < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException();
        }
        return weight;
    }
}
