package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.natives.Natives;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Recurrent kernels that go on where they stopped. */
class CarryingTest {
    private static final int INPUTS = 3;
    private static final int UNITS = 4;
    private static final int EXAMPLES = 2;
    private static final int STEPS = 3;

    static Stream<Arguments> kernels() {
        return Stream.of(
                of("rnn", 1, 0, () -> new RnnCells(UNITS, Squash.TANH, false)),
                of("lstm", 4, 0, () -> new LstmCells(UNITS, false)),
                of("lstm with peepholes", 4, 3, () -> new LstmCells(UNITS, false, true)),
                of("gru", 3, 0, () -> new GruCells(UNITS, true, false)),
                of("gru reset before", 3, 0, () -> new GruCells(UNITS, false, false)),
                of("rnn that drops", 1, 0, () -> dropping(new RnnCells(UNITS, Squash.TANH, false))),
                of("lstm that drops", 4, 0, () -> dropping(new LstmCells(UNITS, false))),
                of("gru that drops", 3, 0, () -> dropping(new GruCells(UNITS, true, false))),
                of("gru reset before that drops", 3, 0, () -> dropping(new GruCells(UNITS, false, false))));
    }

    /** The same units in every pass. */
    private static <K extends Carrying & Dropping> K dropping(K cells) {
        int[] next = {0};
        cells.drop(0.5, () -> next[0]++ % (EXAMPLES * UNITS) % 3 == 0 ? 0.2 : 0.7);
        return cells;
    }

    private static Arguments of(String name, int gates, int holes, Supplier<Carrying> kernels) {
        return Arguments.of(name, gates, holes, kernels);
    }

    private static List<NativeFloats> parameters(int gates, int holes) {
        Random random = new Random(3);
        return Stream.of(gates * UNITS * INPUTS, (gates * UNITS + holes) * UNITS, gates * UNITS, gates * UNITS)
                .map(length -> memory(random, length))
                .toList();
    }

    private static NativeFloats memory(Random random, int length) {
        NativeFloats memory = NativeFloats.allocate(length);
        for (int i = 0; i < length; i++) {
            memory.write(i, new float[] {random.nextFloat() * 2 - 1}, 0, 1);
        }
        return memory;
    }

    private static Sequences sequences(NativeFloats memory, int from, int steps, int channels) {
        return new Sequences(memory, from, channels, steps, EXAMPLES, channels, Sequences.full(steps, EXAMPLES));
    }

    /** Two parts of a sequence, one after the other, say what the whole does, to the last bit. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void partsAreTheWhole(String name, int gates, int holes, Supplier<Carrying> kernels) {
        Natives.ready();
        Carrying kernel = kernels.get();
        List<NativeFloats> parameters = parameters(gates, holes);
        NativeFloats x = memory(new Random(5), 2 * STEPS * EXAMPLES * INPUTS);
        NativeFloats whole = NativeFloats.allocate(2 * STEPS * EXAMPLES * UNITS);
        kernel.forward(sequences(x, 0, 2 * STEPS, INPUTS), parameters, sequences(whole, 0, 2 * STEPS, UNITS), true);
        assertThat(kernel.end()).isNull();

        NativeFloats parts = NativeFloats.allocate(whole.length());
        float[] state = new float[EXAMPLES * kernel.stateLength()];
        for (int part = 0; part < 2; part++) {
            kernel.begin(state);
            int row = part * STEPS * EXAMPLES;
            kernel.forward(
                    sequences(x, row * INPUTS, STEPS, INPUTS),
                    parameters,
                    sequences(parts, row * UNITS, STEPS, UNITS),
                    true);
            state = kernel.end();
        }
        assertThat(Recurrence.all(parts)).containsExactly(Recurrence.all(whole));
        kernel.begin(null);
        kernel.forward(sequences(x, 0, 2 * STEPS, INPUTS), parameters, sequences(parts, 0, 2 * STEPS, UNITS), true);
        assertThat(Recurrence.all(parts)).containsExactly(Recurrence.all(whole));
    }

    /** With a state before the first step the gradients are still the slope of what comes out. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void gradientsAreTheSlope(String name, int gates, int holes, Supplier<Carrying> kernels) {
        Natives.ready();
        Carrying kernel = kernels.get();
        Random random = new Random(7);
        List<NativeFloats> parameters = parameters(gates, holes);
        List<NativeFloats> gradients = parameters(gates, holes);
        Sequences x = sequences(memory(random, STEPS * EXAMPLES * INPUTS), 0, STEPS, INPUTS);
        Sequences y = sequences(memory(random, STEPS * EXAMPLES * UNITS), 0, STEPS, UNITS);
        Sequences c = sequences(memory(random, STEPS * EXAMPLES * UNITS), 0, STEPS, UNITS);
        Sequences dx = sequences(memory(random, STEPS * EXAMPLES * INPUTS), 0, STEPS, INPUTS);
        kernel.begin(Recurrence.all(memory(random, EXAMPLES * kernel.stateLength())));
        kernel.forward(x, parameters, y, true);
        kernel.backward(x, parameters, c, gradients, dx);
        check(x.memory(), dx.memory(), kernel, x, parameters, y, c);
        int arrays = kernel instanceof GruCells && name.startsWith("gru") && !name.contains("before") ? 4 : 3;
        for (int i = 0; i < arrays; i++) {
            check(parameters.get(i), gradients.get(i), kernel, x, parameters, y, c);
        }
    }

    private static void check(
            NativeFloats of,
            NativeFloats gradient,
            Carrying kernel,
            Sequences x,
            List<NativeFloats> parameters,
            Sequences y,
            Sequences c) {
        float step = 1f / 128;
        float[] at = Recurrence.all(of);
        float[] found = Recurrence.all(gradient);
        for (int i = 0; i < at.length; i++) {
            of.write(i, new float[] {at[i] + step}, 0, 1);
            double above = sum(kernel, x, parameters, y, c);
            of.write(i, new float[] {at[i] - step}, 0, 1);
            double below = sum(kernel, x, parameters, y, c);
            of.write(i, at, i, 1);
            assertThat((double) found[i]).as("value %d", i).isCloseTo((above - below) / (2 * step), within(1e-3));
        }
    }

    private static double sum(Carrying kernel, Sequences x, List<NativeFloats> parameters, Sequences y, Sequences c) {
        kernel.forward(x, parameters, y, true);
        float[] out = Recurrence.all(y.memory());
        float[] weight = Recurrence.all(c.memory());
        double[] products = new double[out.length];
        Arrays.setAll(products, i -> (double) out[i] * weight[i]);
        return Arrays.stream(products).sum();
    }
}
