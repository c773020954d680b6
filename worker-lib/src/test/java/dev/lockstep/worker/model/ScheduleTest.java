package dev.lockstep.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.model.Schedule.Decay;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void constant() {
        assertThat(Schedule.CONSTANT.at(0)).isEqualTo(1);
        assertThat(Schedule.CONSTANT.at(1_000_000)).isEqualTo(1);
        assertThat(Schedule.CONSTANT.isConstant()).isTrue();
        assertThat(new Schedule(Decay.NONE, 1, 1, 0, .1).isConstant()).isFalse();
    }

    @Test
    void stepFallsAtTheEndOfEachPeriod() {
        Schedule step = new Schedule(Decay.STEP, .1, 10, 0, 1);
        assertThat(step.at(9)).isEqualTo(1);
        assertThat(step.at(10)).isCloseTo(.1, within(1e-15));
        assertThat(step.at(19)).isEqualTo(step.at(10));
        assertThat(step.at(20)).isCloseTo(.01, within(1e-15));
    }

    @Test
    void exponentialFallsAtEveryStep() {
        Schedule exponential = new Schedule(Decay.EXPONENTIAL, .25, 10, 0, 1);
        assertThat(exponential.at(0)).isEqualTo(1);
        assertThat(exponential.at(5)).isCloseTo(.5, within(1e-15));
        assertThat(exponential.at(20)).isCloseTo(.0625, within(1e-15));
    }

    @Test
    void cosineEndsAtItsFloorAndStaysThere() {
        Schedule cosine = new Schedule(Decay.COSINE, .1, 100, 0, 1);
        assertThat(cosine.at(0)).isEqualTo(1);
        assertThat(cosine.at(50)).isCloseTo(.55, within(1e-12));
        assertThat(cosine.at(25)).isCloseTo(.1 + .9 * (1 + Math.sqrt(.5)) / 2, within(1e-12));
        assertThat(cosine.at(100)).isCloseTo(.1, within(1e-12));
        assertThat(cosine.at(1000)).isCloseTo(.1, within(1e-12));
    }

    @Test
    void warmUpRisesEvenlyAndThenTheDecayBegins() {
        Schedule schedule = new Schedule(Decay.STEP, .5, 2, 4, .1);
        double[] expected = {.025, .05, .075, .1, .1, .1, .05, .05, .025};
        for (int step = 0; step < expected.length; step++) {
            assertThat(schedule.at(step)).as("step %d", step).isCloseTo(expected[step], within(1e-15));
        }
    }
}
