package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The values that one key of a sweep took, in their order: of numbers when all are numbers, else as they first came.
 *
 * @param values each once
 */
record SweptKey(String name, List<String> values) {
    /** Numbers that span this factor and more are laid out by their logarithms. */
    private static final double LOGARITHMIC = 20;

    static SweptKey of(String name, Collection<SweepTrial> trials) {
        LinkedHashSet<String> distinct = new LinkedHashSet<>();
        trials.forEach(trial -> distinct.add(trial.values().get(name)));
        List<String> values = new ArrayList<>(distinct);
        if (values.stream().allMatch(value -> Double.isFinite(number(value)))) {
            values.sort(Comparator.comparingDouble(SweptKey::number));
        }
        return new SweptKey(name, List.copyOf(values));
    }

    boolean isNumeric() {
        return values.stream().allMatch(value -> Double.isFinite(number(value)));
    }

    /**
     * Its values by what they are called: each by itself, or, of numbers that took more than {@code most}, in {@code ranges} of
     * about equally many.
     */
    Map<String, Set<String>> groups(int most, int ranges) {
        Map<String, Set<String>> groups = new LinkedHashMap<>();
        if (!isNumeric() || values.size() <= most) {
            values.forEach(value -> groups.put(value, Set.of(value)));
            return groups;
        }
        for (int range = 0; range < ranges; range++) {
            List<String> in = values.subList(values.size() * range / ranges, values.size() * (range + 1) / ranges);
            String name = Numbers.brief(number(in.get(0))) + " to " + Numbers.brief(number(in.get(in.size() - 1)));
            groups.computeIfAbsent(name, none -> new LinkedHashSet<>()).addAll(in);
        }
        return groups;
    }

    /** Where a value is between the first, at 0, and the last, at 1. */
    double position(String value) {
        if (values.size() == 1) {
            return 0.5;
        }
        if (!isNumeric()) {
            return (double) values.indexOf(value) / (values.size() - 1);
        }
        double low = number(values.get(0));
        double high = number(values.get(values.size() - 1));
        double at = number(value);
        return low > 0 && high / low >= LOGARITHMIC
                ? Math.log(at / low) / Math.log(high / low)
                : (at - low) / (high - low);
    }

    /** NaN for what is not a number. */
    static double number(String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
