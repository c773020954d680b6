package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.natives.Natives;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sum of many steps, in one product, in products of some units each, and where no such product is small enough. */
class BiasGradientTest {
    private static final int FROM = 3; // what is before belongs to others

    @ParameterizedTest
    @CsvSource({"2,3,5", "64,64,200", "64,64,512", "64,80,400", "100,200,70"})
    void isTheSumOverStepsAndExamples(int examples, int steps, int units) {
        Natives.ready();
        float[] values = new float[examples * steps * units];
        double[] expected = new double[units];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
            expected[i % units] += values[i];
        }
        NativeFloats memory = NativeFloats.allocate(values.length);
        memory.write(0, values, 0, values.length);
        NativeFloats gradient = NativeFloats.allocate(FROM + units);
        gradient.write(0, new float[] {7, 7, 7}, 0, FROM);
        new Recurrence(false)
                .biasGradient(new Sequences(memory, steps, units, Sequences.full(steps, examples)), gradient, FROM);
        float[] found = Recurrence.all(gradient);
        assertThat(found).startsWith(7, 7, 7);
        for (int unit = 0; unit < units; unit++) {
            assertThat((double) found[FROM + unit]).as("unit %d", unit).isCloseTo(expected[unit], within(1e-3));
        }
    }
}
