package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.config.Every.Unit;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Schedule.Decay;
import org.junit.jupiter.api.Test;

/** {@code optimizer.schedule}, {@code optimizer.clip-...} and {@code train.early-stopping}. */
class ScheduleConfigTest {
    private static final Every EPOCH = new Every(1, Unit.EPOCHS);

    private static RateSchedule schedule(String hocon, String... more) {
        return Configurations.of("optimizer.schedule " + hocon, String.join("\n", more))
                .schedule();
    }

    @Test
    void defaults() {
        RunConfig config = Configurations.of();
        assertThat(config.schedule()).isEqualTo(new RateSchedule(Decay.NONE, 1, EPOCH, null, null));
        assertThat(config.schedule().inSteps(7, 0).isConstant()).isTrue();
        assertThat(config.training().earlyStopping()).isNull();
        assertThat(config.network().clipping()).isEqualTo(Clipping.NONE);
        assertThat(schedule("{ type = step }")).isEqualTo(new RateSchedule(Decay.STEP, .1, EPOCH, null, null));
        assertThat(schedule("{ type = exponential }"))
                .isEqualTo(new RateSchedule(Decay.EXPONENTIAL, .95, EPOCH, null, null));
        assertThat(schedule("{ type = cosine }", "train.epochs = 9"))
                .isEqualTo(new RateSchedule(Decay.COSINE, 0, new Every(9, Unit.EPOCHS), null, null));
        assertThat(schedule("{ type = plateau }", "data.validation-fraction = .1")
                        .plateau())
                .isEqualTo(new RateSchedule.Plateau(new Watch(Watch.Metric.VALIDATION_LOSS, 2, 0), .1));
        assertThat(Configurations.of("train.early-stopping {}", "data.validation-fraction = .1")
                        .training()
                        .earlyStopping())
                .isEqualTo(new Watch(Watch.Metric.VALIDATION_LOSS, 3, 0));
    }

    @Test
    void fullMapping() {
        assertThat(schedule("{ type = step, factor = .5, every = 30 steps, warm-up = 2 epochs }")
                        .inSteps(100, 0))
                .isEqualTo(new Schedule(Decay.STEP, .5, 30, 200, 1));
        assertThat(schedule("{ type = cosine, over = 3 epochs, floor = .01 }").inSteps(100, 0))
                .isEqualTo(new Schedule(Decay.COSINE, .01, 300, 0, 1));
        assertThat(schedule("{ type = plateau, metric = test-loss, factor = .5, patience = 4, min-delta = .001 }"))
                .isEqualTo(new RateSchedule(
                        Decay.NONE,
                        1,
                        EPOCH,
                        null,
                        new RateSchedule.Plateau(new Watch(Watch.Metric.TEST_LOSS, 4, .001), .5)));
        assertThat(schedule("{ type = plateau, metric = test-loss, factor = .5 }")
                        .inSteps(100, 2)
                        .scale())
                .isEqualTo(.25);
        RunConfig config = Configurations.of(
                "train.early-stopping { metric = test-accuracy, patience = 1, min-delta = .01 }",
                "optimizer { clip-norm = 5, clip-value = 1.5 }");
        assertThat(config.training().earlyStopping()).isEqualTo(new Watch(Watch.Metric.TEST_ACCURACY, 1, .01));
        assertThat(config.network().clipping()).isEqualTo(new Clipping(5, 1.5));
        assertThat(RunConfigParser.parse(config.resolved())).isEqualTo(config);
    }

    @Test
    void validation() {
        assertRefused("optimizer.schedule.type = cosin")
                .hasMessageContaining("expected one of constant, step, exponential, cosine, plateau");
        assertRefused("optimizer.schedule { type = step, floor = 0 }")
                .hasMessageContaining("optimizer.schedule.floor: unknown key");
        assertRefused("optimizer.schedule { type = step, factor = 1 }")
                .hasMessageContaining("optimizer.schedule.factor: expected a number above 0 and below 1, found 1");
        assertRefused("train.early-stopping {}")
                .hasMessageContaining("train.early-stopping.metric: validation-loss needs a validation split;"
                        + " set data.validation-fraction above 0");
        assertRefused("train.early-stopping { metric = test-loss, patience = 0 }")
                .hasMessageContaining("train.early-stopping.patience: expected a whole number from 1");
        String numbers = "train.objective = regression, data.format = generated, network.input = [2],";
        assertRefused(numbers + "train.early-stopping { metric = test-accuracy }")
                .hasMessageContaining(
                        "train.early-stopping.metric: is test-accuracy, but train.objective = regression has"
                                + " no accuracy; expected test-loss");
        assertRefused(
                        numbers + "optimizer.schedule { type = plateau, metric = validation-accuracy }",
                        "data.validation-fraction = .1")
                .hasMessageContaining("optimizer.schedule.metric: is validation-accuracy, but")
                .hasMessageContaining("expected validation-loss");
        assertRefused("train.early-stopping = 3").hasMessageContaining("train.early-stopping: expected an object");
        assertRefused("optimizer { name = adadelta, schedule.type = step }")
                .hasMessageContaining("optimizer.schedule: adadelta has no learning rate");
        assertRefused("optimizer { name = adadelta, learning-rate = 1 }")
                .hasMessageContaining("optimizer.learning-rate: unknown key");
        assertRefused("optimizer.clip-norm = 0").hasMessageContaining("optimizer.clip-norm: expected a number above 0");
    }
}
