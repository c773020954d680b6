package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a sweep is told.
 *
 * @param space which keys change, and how
 * @param trials drawn at random; 0 for every combination
 * @param metric what tells a better trial from a worse one; null for the usual one of the data
 * @param halving null for every trial to its end
 * @param seed of the draws, any value
 * @param base everything that the trials share
 * @param substitutions what stands for {@code ${NAME}} in it
 */
public record SweepConfig(
        SortedMap<String, Domain> space,
        int trials,
        Metric metric,
        Halving halving,
        long seed,
        Config base,
        Substitutions substitutions) {

    /** What trials are compared by: a figure of their last evaluation. */
    public enum Metric {
        VALIDATION_ACCURACY(true, true),
        VALIDATION_LOSS(true, false),
        TEST_ACCURACY(false, true),
        TEST_LOSS(false, false);

        private final boolean ofValidation;
        private final boolean accuracy;

        Metric(boolean ofValidation, boolean accuracy) {
            this.ofValidation = ofValidation;
            this.accuracy = accuracy;
        }

        /** Of the validation split, not of the test split. */
        public boolean isOfValidation() {
            return ofValidation;
        }

        /** An accuracy, of which more is better; else a loss. */
        public boolean isAccuracy() {
            return accuracy;
        }

        /** As a configuration writes it. */
        @Override
        public String toString() {
            return (ofValidation ? "validation" : "test") + (accuracy ? "-accuracy" : "-loss");
        }
    }

    /**
     * Successive halving: all trials train a little, the best part of them {@code reduction} times as much, and so on.
     *
     * @param budget what each trial gets at first
     * @param reduction one of so many trials goes on, at least 2
     */
    public record Halving(Every budget, int reduction) {}

    /** The number of trials; {@code Long.MAX_VALUE} for more than a {@code long} holds. */
    public long size() {
        if (trials > 0) {
            return trials;
        }
        long size = 1;
        for (Domain domain : space.values()) {
            int values = ((Domain.Choice) domain).values().size();
            size = size > Long.MAX_VALUE / values ? Long.MAX_VALUE : size * values;
        }
        return size;
    }

    /**
     * The configuration of one trial.
     *
     * @param values by key
     * @throws dev.lockstep.worker.failure.ConfigurationException that names everything wrong with it
     */
    public RunConfig trial(Map<String, String> values) {
        List<String> overrides = new ArrayList<>();
        values.forEach((key, value) -> overrides.add(key + "=" + value));
        return RunConfigParser.parse(RunConfigParser.override(base, overrides), substitutions);
    }
}
