package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Every.Unit.EPOCHS;
import static dev.lockstep.driver.config.Every.Unit.STEPS;
import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EveryTest {

    @Test
    void anEpochIsAsManySteps() {
        assertThat(new Every(3, STEPS).steps(94)).isEqualTo(3);
        assertThat(new Every(3, EPOCHS).steps(94)).isEqualTo(282);
        assertThat(new Every(2, EPOCHS).isDue(187, 188, 94)).isTrue();
        assertThat(new Every(2, EPOCHS).isDue(93, 94, 94)).isFalse();
        assertThat(new Every(2, EPOCHS).next(188, 94)).isEqualTo(376);
    }

    @Test
    void readsAsItIsWritten() {
        assertThat(new Every(1, STEPS)).hasToString("1 step");
        assertThat(new Every(200, STEPS)).hasToString("200 steps");
        assertThat(new Every(1, EPOCHS)).hasToString("1 epoch");
    }

    @Property
    void theNextOneIsTheFirstThatIsDue(
            @ForAll @IntRange(min = 1, max = 50) int count,
            @ForAll Every.Unit unit,
            @ForAll @IntRange(max = 500) int done,
            @ForAll @IntRange(min = 1, max = 9) int stepsPerEpoch) {
        Every every = new Every(count, unit);
        long next = every.next(done, stepsPerEpoch);
        assertThat(next).isGreaterThan(done);
        for (long step = done + 1L; step <= next; step++) {
            assertThat(every.isDue(step - 1, step, stepsPerEpoch)).isEqualTo(step == next);
        }
    }
}
