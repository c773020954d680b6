package dev.lockstep.driver.config;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Schedule.Decay;
import dev.lockstep.worker.model.objective.Objective;

/** Reads {@code optimizer.schedule} and {@code train.early-stopping}. */
final class ScheduleParser {
    private enum ScheduleType {
        CONSTANT,
        STEP,
        EXPONENTIAL,
        COSINE,
        PLATEAU
    }

    private static final Every EPOCH = new Every(1, Every.Unit.EPOCHS);

    private final ConfigSection root;

    ScheduleParser(ConfigSection root) {
        this.root = root;
    }

    /** @param length of the run, which is the usual length of a cosine */
    RateSchedule schedule(Every length) {
        String key = "optimizer.schedule.";
        ScheduleType type = root.choice(key + "type", ScheduleType.CONSTANT, ScheduleType.class);
        Every warmUp = root.every(key + "warm-up", null);
        return switch (type) {
            case CONSTANT -> new RateSchedule(Decay.NONE, 1, EPOCH, warmUp, null);
            case STEP -> new RateSchedule(Decay.STEP, factor(0.1), root.every(key + "every", EPOCH), warmUp, null);
            case EXPONENTIAL ->
                new RateSchedule(Decay.EXPONENTIAL, factor(0.95), root.every(key + "every", EPOCH), warmUp, null);
            case COSINE ->
                new RateSchedule(
                        Decay.COSINE,
                        root.number(key + "floor", 0, Interval.FRACTION),
                        root.every(key + "over", length),
                        warmUp,
                        null);
            case PLATEAU ->
                new RateSchedule(Decay.NONE, 1, EPOCH, warmUp, new RateSchedule.Plateau(watch(key, 2), factor(0.1)));
        };
    }

    /** @return null when there is none */
    Watch earlyStopping() {
        String key = "train.early-stopping.";
        return root.hasObject("train.early-stopping") ? watch(key, 3) : null;
    }

    private double factor(double fallback) {
        return root.number("optimizer.schedule.factor", fallback, Interval.PROPER_FRACTION);
    }

    private Watch watch(String key, int patience) {
        Watch.Metric metric = root.choice(key + "metric", Watch.Metric.VALIDATION_LOSS, Watch.Metric.class);
        if (metric.ofValidation() && !(root.number("data.validation-fraction", 0, Interval.FRACTION) > 0)) {
            root.problem(key + "metric", metric + " needs a validation split; set data.validation-fraction above 0");
        }
        Objective objective = root.choice("train.objective", Objective.CLASSIFICATION, Objective.class);
        if (!metric.isLoss() && objective != null && objective != Objective.CLASSIFICATION) {
            root.problem(
                    key + "metric",
                    "is " + metric + ", but train.objective = " + objective.word() + " has no accuracy; expected "
                            + (metric.ofValidation() ? Watch.Metric.VALIDATION_LOSS : Watch.Metric.TEST_LOSS));
        }
        return new Watch(
                metric,
                root.integer(key + "patience", patience, 1, Integer.MAX_VALUE),
                root.number(key + "min-delta", 0, Interval.FROM_ZERO));
    }
}
