package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.natives.Natives;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What attention says it looked at. */
class AttentionHeadsTest {
    private static final int WIDTH = 4;
    private static final int HEADS = 2;
    private static final int DEPTH = WIDTH / HEADS;
    private static final int[] LENGTHS = {2, 4};

    /** With q = k = x: a_ts = softmax over s of x_t . x_s / sqrt d, of each head's own values. */
    @ParameterizedTest(name = "causal {0}")
    @ValueSource(booleans = {false, true})
    void weightsAreTheSoftmaxOfTheScores(boolean causal) {
        Natives.ready();
        int steps = 4;
        float[] x = new float[steps * LENGTHS.length * WIDTH];
        Random random = new Random(3);
        for (int i = 0; i < x.length; i++) {
            x[i] = 2 * random.nextFloat() - 1;
        }
        float[] w = new float[3 * WIDTH * WIDTH];
        for (int i = 0; i < 3 * WIDTH; i++) {
            w[i * WIDTH + i % WIDTH] = 1;
        }
        AttentionHeads kernel = new AttentionHeads(WIDTH, HEADS, causal);
        Sequences y = new Sequences(memory(new float[x.length]), steps, WIDTH, LENGTHS);
        kernel.forward(
                new Sequences(memory(x), steps, WIDTH, LENGTHS),
                List.of(
                        memory(w),
                        memory(new float[3 * WIDTH]),
                        memory(new float[WIDTH * WIDTH]),
                        memory(new float[WIDTH])),
                y,
                false);
        for (int n = 0; n < LENGTHS.length; n++) {
            float[][][] weights = kernel.weights(n, LENGTHS[n]);
            assertThat(weights).hasDimensions(HEADS, LENGTHS[n]);
            for (int head = 0; head < HEADS; head++) {
                for (int t = 0; t < LENGTHS[n]; t++) {
                    double[] expected = new double[LENGTHS[n]];
                    double sum = 0;
                    for (int s = 0; s < (causal ? t + 1 : LENGTHS[n]); s++) {
                        double score = 0;
                        for (int i = head * DEPTH; i < (head + 1) * DEPTH; i++) {
                            score += (double) x[(t * LENGTHS.length + n) * WIDTH + i]
                                    * x[(s * LENGTHS.length + n) * WIDTH + i];
                        }
                        expected[s] = Math.exp(score / Math.sqrt(DEPTH));
                        sum += expected[s];
                    }
                    assertThat(weights[head][t]).hasSize(LENGTHS[n]);
                    double row = 0;
                    for (int s = 0; s < LENGTHS[n]; s++) {
                        assertThat((double) weights[head][t][s])
                                .as("example %d, head %d, from %d to %d", n, head, t, s)
                                .isCloseTo(expected[s] / sum, within(1e-6));
                        row += weights[head][t][s];
                        if (causal && s > t) {
                            assertThat(weights[head][t][s]).isZero();
                        }
                    }
                    assertThat(row).isCloseTo(1, within(1e-6));
                }
            }
            assertThat(weights[0][1]).isNotEqualTo(weights[1][1]);
        }
    }

    private static NativeFloats memory(float[] values) {
        NativeFloats memory = NativeFloats.allocate(values.length);
        memory.write(0, values, 0, values.length);
        return memory;
    }
}
