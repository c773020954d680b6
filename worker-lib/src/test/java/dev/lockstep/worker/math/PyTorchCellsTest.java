package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.natives.Natives;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Recurrent cells against PyTorch's: the numbers lie in {@code pytorch-cells.txt}, with the program that made them. */
class PyTorchCellsTest {
    private static final int INPUTS = 3;
    private static final int UNITS = 2;
    private static final int STEPS = 3;
    private static final int[] LENGTHS = {3, 2};

    /** PyTorch's gates of an LSTM, i f g o, in our order a f o i. */
    private static final int[] LSTM = {2, 1, 3, 0};

    private static final Map<String, float[]> EXPECTED = new HashMap<>();

    @BeforeAll
    static void read() throws IOException {
        Natives.ready();
        try (var lines = new BufferedReader(new InputStreamReader(
                PyTorchCellsTest.class.getResourceAsStream("pytorch-cells.txt"), StandardCharsets.UTF_8))) {
            for (String line : lines.lines().filter(l -> !l.startsWith("#")).toList()) {
                String[] words = line.split(" ", 3);
                String[] numbers = words[2].split(", ");
                float[] values = new float[numbers.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.parseFloat(numbers[i]);
                }
                EXPECTED.put(words[0] + " " + words[1], values);
            }
        }
    }

    @Test
    void rnn() {
        check("rnn", new RnnCells(UNITS, Squash.TANH, false), 1, UNITS, null, List.of(""));
    }

    @Test
    void lstm() {
        check("lstm", new LstmCells(UNITS, false), 4, UNITS, LSTM, List.of(""));
    }

    @Test
    void gru() {
        check("gru", new GruCells(UNITS, true, false), 3, UNITS, new int[] {0, 1, 2}, List.of(""));
    }

    @Test
    void gruBothWays() {
        SequenceKernel both = new BothDirections(new GruCells(UNITS, true, false), new GruCells(UNITS, true, true));
        check("bigru", both, 3, 2 * UNITS, new int[] {0, 1, 2}, List.of("", "_reverse"));
    }

    /** @param order of PyTorch's gates; a cell that is not a GRU has one bias, the sum of PyTorch's two */
    private static void check(
            String name, SequenceKernel kernel, int gates, int outputs, int[] order, List<String> directions) {
        List<NativeFloats> parameters = new ArrayList<>();
        List<float[]> expected = new ArrayList<>();
        int number = 1;
        for (String direction : directions) {
            float[] w = fill(number, gates * UNITS * INPUTS);
            float[] r = fill(number + 1, gates * UNITS * UNITS);
            float[] b = fill(number + 2, gates * UNITS);
            float[] s = fill(number + 3, gates * UNITS);
            number += 4;
            boolean twoBiases = gates == 3;
            if (!twoBiases) {
                VectorLoops.add(b, s, b.length);
            }
            for (float[] values : twoBiases ? List.of(w, r, b, s) : List.of(w, r, b)) {
                parameters.add(memory(ordered(values, order)));
            }
            for (String of : twoBiases
                    ? List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                    : List.of("weight_ih", "weight_hh", "bias_ih")) {
                expected.add(ordered(EXPECTED.get(name + " " + of + "_l0" + direction), order));
            }
        }
        List<NativeFloats> gradients = expected.stream()
                .map(values -> NativeFloats.allocate(values.length))
                .toList();
        float[] inside = fill(9, STEPS * LENGTHS.length * INPUTS);
        Arrays.fill(inside, inside.length - INPUTS, inside.length, 0f); // the last step of the short one
        Sequences x = sequences(inside, INPUTS);
        Sequences y = sequences(new float[STEPS * LENGTHS.length * outputs], outputs);
        Sequences dx = sequences(inside.clone(), INPUTS);
        kernel.forward(x, parameters, y, true);
        kernel.backward(x, parameters, sequences(fill(10, STEPS * LENGTHS.length * outputs), outputs), gradients, dx);
        assertClose("y", y.memory(), EXPECTED.get(name + " y"));
        assertClose("dx", dx.memory(), EXPECTED.get(name + " dx"));
        for (int i = 0; i < expected.size(); i++) {
            assertClose("gradient " + i, gradients.get(i), expected.get(i));
        }
    }

    private static float[] ordered(float[] values, int[] order) {
        if (order == null) {
            return values;
        }
        int part = values.length / order.length;
        float[] ordered = new float[values.length];
        for (int i = 0; i < order.length; i++) {
            System.arraycopy(values, order[i] * part, ordered, i * part, part);
        }
        return ordered;
    }

    private static float[] fill(int number, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = ((7 * number + 5 * i) % 11 - 5) / 8f;
        }
        return values;
    }

    private static Sequences sequences(float[] values, int channels) {
        return new Sequences(memory(values), STEPS, channels, LENGTHS);
    }

    private static NativeFloats memory(float[] values) {
        NativeFloats memory = NativeFloats.allocate(values.length);
        memory.write(0, values, 0, values.length);
        return memory;
    }

    private static void assertClose(String what, NativeFloats found, float[] expected) {
        float[] values = Recurrence.all(found);
        assertThat(values).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i]).as("%s %d", what, i).isCloseTo(expected[i], within(1e-5f));
        }
    }
}
