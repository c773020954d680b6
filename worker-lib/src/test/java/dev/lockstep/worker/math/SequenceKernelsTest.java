package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.natives.Natives;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kernel of sequences against a plain reference in double precision: what comes out, and its gradients against the
 * reference's slope by finite differences; with sequences of one length and of several, and padding that must not be looked at.
 */
class SequenceKernelsTest {
    private static final int INPUTS = 3;
    private static final int UNITS = 5;

    /** Of 2^-16 the slope in double is right to 1e-9. */
    private static final double STEP = 1.0 / 65536;

    private static final int[][] LENGTHS = {{4, 4, 4}, {2, 5, 1, 3}, {1, 1}, {1}, {6}};

    static Stream<Arguments> kernels() {
        return Stream.of(
                rnn(Squash.TANH, Math::tanh),
                rnn(Squash.SIGMOID, ReferenceCells::sigmoid),
                rnn(Squash.RELU, u -> Math.max(0, u)),
                rnn(Squash.IDENTITY, u -> u),
                of("lstm", sizes(4), b -> new LstmCells(UNITS, b), ReferenceCells.lstm(UNITS)),
                of(
                        "lstm with peepholes",
                        new int[] {4 * UNITS * INPUTS, (4 * UNITS + 3) * UNITS, 4 * UNITS},
                        b -> new LstmCells(UNITS, b, true),
                        ReferenceCells.peepholes(UNITS)),
                of(
                        "gru",
                        new int[] {3 * UNITS * INPUTS, 3 * UNITS * UNITS, 3 * UNITS, 3 * UNITS},
                        b -> new GruCells(UNITS, true, b),
                        ReferenceCells.gru(UNITS, true)),
                of("gru reset before", sizes(3), b -> new GruCells(UNITS, false, b), ReferenceCells.gru(UNITS, false)));
    }

    private interface Cells {
        SequenceKernel of(boolean backward);
    }

    private static Arguments rnn(Squash function, DoubleUnaryOperator reference) {
        return of(
                "rnn " + function,
                sizes(1),
                b -> new RnnCells(UNITS, function, b),
                ReferenceCells.rnn(UNITS, reference));
    }

    private static Arguments of(String name, int[] sizes, Cells cells, ReferenceCells reference) {
        return Arguments.of(name, sizes, cells, reference);
    }

    /** Of the weights of the input and of the state, and the biases. */
    private static int[] sizes(int gates) {
        return new int[] {gates * UNITS * INPUTS, gates * UNITS * UNITS, gates * UNITS};
    }

    private static List<float[]> parameters(Random random, int[] sizes) {
        List<float[]> parameters = new ArrayList<>();
        for (int size : sizes) {
            parameters.add(values(random, size));
        }
        return parameters;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void forward(String name, int[] sizes, Cells cells, ReferenceCells reference) {
        for (int[] lengths : LENGTHS) {
            check(() -> cells.of(false), reference, parameters(new Random(1), sizes), UNITS, lengths);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void backward(String name, int[] sizes, Cells cells, ReferenceCells reference) {
        for (int[] lengths : LENGTHS) {
            check(
                    () -> cells.of(true),
                    ReferenceCells.backward(reference),
                    parameters(new Random(2), sizes),
                    UNITS,
                    lengths);
        }
    }

    /** Every sequence has its own units that are dropped, the same in all of its steps; nothing is dropped in evaluation. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void droppingWithinSteps(String name, int[] sizes, Cells cells, ReferenceCells reference) {
        for (int[] lengths : LENGTHS) {
            for (boolean backward : new boolean[] {false, true}) {
                double[] draws =
                        new Random(8).doubles((long) lengths.length * UNITS).toArray();
                double[] masks = Arrays.stream(draws)
                        .map(draw -> draw < 0.4 ? 0 : (float) (1 / (1 - 0.4)))
                        .toArray();
                int[] next = {0};
                Supplier<SequenceKernel> dropping = () -> {
                    Dropping kernel = (Dropping) cells.of(backward);
                    kernel.drop(0.4, () -> draws[next[0]++ % draws.length]);
                    return kernel;
                };
                ReferenceCells dropped = ReferenceCells.dropped(reference, masks, UNITS);
                check(
                        dropping,
                        backward ? ReferenceCells.backward(dropped) : dropped,
                        backward ? ReferenceCells.backward(reference) : reference,
                        parameters(new Random(2), sizes),
                        UNITS,
                        lengths,
                        INPUTS);
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kernels")
    void bothWays(String name, int[] sizes, Cells cells, ReferenceCells reference) {
        for (int[] lengths : LENGTHS) {
            List<float[]> parameters = parameters(new Random(3), sizes);
            parameters.addAll(parameters(new Random(4), sizes));
            check(
                    () -> new BothDirections(cells.of(false), cells.of(true)),
                    ReferenceCells.both(reference),
                    parameters,
                    2 * UNITS,
                    lengths);
        }
    }

    static Stream<Arguments> others() {
        int w = INPUTS;
        return Stream.of(
                Arguments.of(
                        "dense tanh",
                        new int[] {UNITS * w, UNITS},
                        UNITS,
                        (Supplier<SequenceKernel>) () -> new DenseSteps(Squash.TANH),
                        ReferenceCells.dense(UNITS)),
                Arguments.of(
                        "layer norm",
                        new int[] {w, w},
                        w,
                        (Supplier<SequenceKernel>) () -> new StepNorm(1e-5),
                        ReferenceCells.layerNorm(1e-5)),
                convolution("same, kernel 3", -1, 0, 1),
                convolution("causal, kernel 2, dilation 3", -3, 0),
                convolution("same, kernel 4", -1, 0, 1, 2),
                attention(1, false),
                attention(1, true),
                attention(3, false),
                attention(3, true));
    }

    private static Arguments convolution(String name, int... shifts) {
        return Arguments.of(
                "convolution " + name,
                new int[] {shifts.length * UNITS * INPUTS, UNITS},
                UNITS,
                (Supplier<SequenceKernel>) () -> new DenseSteps(Squash.TANH, shifts),
                ReferenceCells.convolution(UNITS, shifts));
    }

    private static Arguments attention(int heads, boolean causal) {
        int w = INPUTS;
        return Arguments.of(
                "attention of " + heads + (causal ? " heads, causal" : " heads"),
                new int[] {3 * w * w, 3 * w, w * w, w},
                w,
                (Supplier<SequenceKernel>) () -> new AttentionHeads(w, heads, causal),
                ReferenceCells.attention(heads, causal));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("others")
    void ofEveryStep(
            String name, int[] sizes, int outputs, Supplier<SequenceKernel> kernels, ReferenceCells reference) {
        for (int[] lengths : LENGTHS) {
            check(kernels, reference, parameters(new Random(5), sizes), outputs, lengths);
        }
    }

    static Stream<Arguments> attending() {
        List<Arguments> all = new ArrayList<>();
        for (Sight sight : Sight.values()) {
            for (boolean crosses : new boolean[] {false, true}) {
                all.add(Arguments.of(sight, crosses));
            }
        }
        return all.stream();
    }

    /** A token of a pair lies in the middle of each sequence, of a short one at its beginning: then there is no source. */
    @ParameterizedTest
    @MethodSource("attending")
    void attentionToOthers(Sight sight, boolean crosses) {
        int w = 4;
        int inputs = (crosses ? 2 : 1) * w + (sight.asksForTokens() ? 1 : 0);
        for (int[] lengths : LENGTHS) {
            check(
                    () -> new AttentionHeads(w, 2, crosses, sight),
                    ReferenceCells.attention(2, crosses, sight),
                    parameters(new Random(5), new int[] {3 * w * w, 3 * w, w * w, w}),
                    w,
                    lengths,
                    inputs);
            check(
                    () -> new AdditiveScores(w, crosses, sight),
                    ReferenceCells.additive(crosses, sight),
                    parameters(new Random(6), new int[] {2 * w * w, w, w}),
                    w,
                    lengths,
                    inputs);
        }
    }

    private static void check(
            Supplier<SequenceKernel> kernels,
            ReferenceCells reference,
            List<float[]> parameters,
            int outputs,
            int[] lengths) {
        check(kernels, reference, parameters, outputs, lengths, INPUTS);
    }

    private static void check(
            Supplier<SequenceKernel> kernels,
            ReferenceCells reference,
            List<float[]> parameters,
            int outputs,
            int[] lengths,
            int inputs) {
        check(kernels, reference, reference, parameters, outputs, lengths, inputs);
    }

    private static void check(
            Supplier<SequenceKernel> kernels,
            ReferenceCells reference,
            ReferenceCells inEvaluation,
            List<float[]> parameters,
            int outputs,
            int[] lengths,
            int inputs) {
        Natives.ready();
        Random random = new Random(7);
        int examples = lengths.length;
        int steps = Arrays.stream(lengths).max().orElseThrow();
        float[] x = values(random, steps * examples * inputs);
        float[] slope = values(random, steps * examples * outputs);
        double[] dx = new double[x.length];
        boolean tokens = inputs % 2 == 1 && inputs > INPUTS;
        for (int n = 0; n < examples && tokens; n++) {
            x[(lengths[n] / 2 * examples + n + 1) * inputs - 1] = Sight.MARK;
        }
        float[] clean = x.clone();
        for (int t = 0; t < steps; t++) {
            for (int n = 0; n < examples; n++) {
                if (t >= lengths[n]) { // of whoever reads it
                    Arrays.fill(x, (t * examples + n) * inputs, (t * examples + n + 1) * inputs, 0.5f);
                    Arrays.fill(clean, (t * examples + n) * inputs, (t * examples + n + 1) * inputs, 0f);
                    Arrays.fill(slope, (t * examples + n) * outputs, (t * examples + n + 1) * outputs, 1e9f);
                }
            }
        }
        SequenceKernel kernel = kernels.get();
        Sequences in = new Sequences(memory(x), steps, inputs, lengths);
        Sequences out = new Sequences(memory(new float[slope.length]), steps, outputs, lengths);
        List<NativeFloats> memory =
                parameters.stream().map(SequenceKernelsTest::memory).toList();
        List<NativeFloats> gradients =
                parameters.stream().map(of -> memory(values(random, of.length))).toList();
        Sequences back = new Sequences(memory(values(random, x.length)), steps, inputs, lengths);
        float[] poison = x.clone(); // of as many steps for all, and what is kept of it must not be in the next pass
        for (int i = 0; i < poison.length; i++) {
            poison[i] = poison[i] == Sight.MARK ? Sight.MARK : Float.NaN;
        }
        float[] poisonSlope = new float[slope.length];
        Arrays.fill(poisonSlope, Float.NaN);
        int[] full = Sequences.full(steps, examples);
        pass(kernel, new Sequences(memory(poison), steps, inputs, full), memory, out, poisonSlope, gradients, back);
        pass(kernel, in, memory, out, slope, gradients, back);
        double[][] p = parameters.stream().map(SequenceKernelsTest::doubles).toArray(double[][]::new);
        double[] xs = doubles(clean);
        double[] expected = outputs(reference, xs, p, outputs, lengths, steps);
        assertClose("output", Recurrence.all(out.memory()), expected);
        kernel.forward(in, memory, out, false);
        assertClose(
                "output in evaluation",
                Recurrence.all(out.memory()),
                outputs(inEvaluation, xs, p, outputs, lengths, steps));
        for (int i = 0; i < xs.length; i++) {
            boolean padding = i / inputs / examples >= lengths[i / inputs % examples];
            dx[i] = padding || tokens && i % inputs == inputs - 1
                    ? 0
                    : slope(reference, xs, p, xs, i, slope, outputs, lengths, steps);
        }
        assertClose("dx", Recurrence.all(back.memory()), dx);
        for (int k = 0; k < p.length; k++) {
            double[] dp = new double[p[k].length];
            for (int i = 0; i < dp.length; i++) {
                dp[i] = slope(reference, xs, p, p[k], i, slope, outputs, lengths, steps);
            }
            assertClose("gradient of parameter " + k, Recurrence.all(gradients.get(k)), dp);
        }
    }

    private static void pass(
            SequenceKernel kernel,
            Sequences x,
            List<NativeFloats> parameters,
            Sequences y,
            float[] slope,
            List<NativeFloats> gradients,
            Sequences dx) {
        Sequences out = new Sequences(y.memory(), y.steps(), y.channels(), x.lengths());
        kernel.forward(x, parameters, out, true);
        Sequences dy = new Sequences(memory(slope), y.steps(), y.channels(), x.lengths());
        kernel.backward(
                x, parameters, dy, gradients, new Sequences(dx.memory(), dx.steps(), dx.channels(), x.lengths()));
    }

    private static void assertClose(String what, float[] found, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found[i])
                    .as("%s %d", what, i)
                    .isCloseTo(expected[i], within(1e-4 * Math.max(1, Math.abs(expected[i]))));
        }
    }

    /** E = sum of c y by central differences. */
    private static double slope(
            ReferenceCells reference,
            double[] x,
            double[][] p,
            double[] of,
            int index,
            float[] c,
            int outputs,
            int[] lengths,
            int steps) {
        double at = of[index];
        of[index] = at + STEP;
        double above = sum(outputs(reference, x, p, outputs, lengths, steps), c);
        of[index] = at - STEP;
        double below = sum(outputs(reference, x, p, outputs, lengths, steps), c);
        of[index] = at;
        return (above - below) / (2 * STEP);
    }

    private static double sum(double[] y, float[] c) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * c[i];
        }
        return sum;
    }

    /** Of each sequence by itself; {@code [steps][examples][outputs]}, 0 behind an end. */
    private static double[] outputs(
            ReferenceCells reference, double[] x, double[][] p, int outputs, int[] lengths, int steps) {
        int examples = lengths.length;
        int inputs = x.length / steps / examples;
        double[] all = new double[steps * examples * outputs];
        for (int n = 0; n < examples; n++) {
            double[][] own = new double[lengths[n]][];
            for (int t = 0; t < own.length; t++) {
                int from = (t * examples + n) * inputs;
                own[t] = Arrays.copyOfRange(x, from, from + inputs);
            }
            double[][] y = reference.run(own, p);
            for (int t = 0; t < y.length; t++) {
                System.arraycopy(y[t], 0, all, (t * examples + n) * outputs, outputs);
            }
        }
        return all;
    }

    @Test
    void quotientsAreTanhAndSigmoid() {
        float[] tanh = new float[200_001];
        for (int i = 0; i < tanh.length; i++) {
            tanh[i] = (i - 100_000) / 5000f;
        }
        float[] x = tanh.clone();
        float[] sigmoid = tanh.clone();
        VectorLoops.tanh(tanh, 0, tanh.length);
        VectorLoops.sigmoid(sigmoid, 0, sigmoid.length);
        for (int i = 0; i < x.length; i++) {
            assertThat(Math.abs(tanh[i] - Math.tanh(x[i]))).isLessThan(4e-7);
            assertThat(Math.abs(sigmoid[i] - ReferenceCells.sigmoid(x[i]))).isLessThan(3e-7);
        }
        float[] exp = x.clone();
        new Exponential().apply(exp, 0, exp.length);
        for (int i = 0; i < x.length; i++) {
            assertThat(Math.abs(exp[i] / Math.exp(x[i]) - 1)).isLessThan(3e-7);
        }
        float[] far = {-1000f, -87f, 88f, Float.NaN};
        new Exponential().apply(far, 0, 4);
        assertThat(far[0]).isEqualTo(far[1]).isBetween(1e-38f, 1.7e-38f);
        assertThat(far[2] / Math.exp(88)).isCloseTo(1, within(1e-6));
        assertThat(far[3]).isNaN();
        float[] extreme = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f};
        VectorLoops.tanh(extreme, 0, 4);
        assertThat(extreme[0]).isNaN();
        assertThat(extreme[1]).isBetween(0.999999f, 1f);
        assertThat(extreme[2]).isBetween(-1f, -0.999999f);
        assertThat(extreme[3]).isZero();
    }

    private static float[] values(Random random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (random.nextBoolean() ? 1 : -1) * (0.1f + 0.6f * random.nextFloat());
        }
        return values;
    }

    private static double[] doubles(float[] of) {
        double[] doubles = new double[of.length];
        Arrays.setAll(doubles, i -> of[i]);
        return doubles;
    }

    private static NativeFloats memory(float[] values) {
        NativeFloats memory = NativeFloats.allocate(values.length);
        memory.write(0, values, 0, values.length);
        return memory;
    }
}
