package dev.lockstep.driver.config;

/**
 * When a metric counts as no longer improving: it has not bettered its best value by more than {@code minDelta} in
 * {@code patience} evaluations running.
 *
 * @param patience at least 1
 * @param minDelta at least 0
 */
public record Watch(Metric metric, int patience, double minDelta) {

    /** What an evaluation shows. */
    public enum Metric {
        VALIDATION_LOSS,
        VALIDATION_ACCURACY,
        TEST_LOSS,
        TEST_ACCURACY;

        public boolean ofValidation() {
            return this == VALIDATION_LOSS || this == VALIDATION_ACCURACY;
        }

        public boolean isLoss() {
            return this == VALIDATION_LOSS || this == TEST_LOSS;
        }

        /** As a configuration names it. */
        @Override
        public String toString() {
            return ConfigSection.name(this);
        }
    }

    public boolean improves(double value, double best) {
        return metric.isLoss() ? value < best - minDelta : value > best + minDelta;
    }
}
