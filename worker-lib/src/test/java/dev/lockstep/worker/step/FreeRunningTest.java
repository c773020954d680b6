package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Model;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is fed in a teacher's place, by a model whose next token is the last one and one more. */
class FreeRunningTest {
    private static final int TOKENS = 9;
    private static final int STEPS = 6;

    /** Tells of each step with a target the token that it reads, plus one. */
    private static final class Counting implements Model {
        private int asked;

        @Override
        public ParameterLayout layout() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setParameters(float[] values) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, float[]> activations(Batch batch) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Prediction predict(Batch batch) {
            asked++;
            float[][] outputs = new float[batch.examples()][];
            for (int n = 0; n < outputs.length; n++) {
                int told = batch.length(n) - batch.begin(n);
                outputs[n] = new float[told * TOKENS];
                for (int t = 0; t < told; t++) {
                    int read = (int) batch.features()[n * STEPS + batch.begin(n) + t];
                    outputs[n][t * TOKENS + Math.min(TOKENS - 1, read + 1)] = 1;
                }
            }
            return new Prediction(outputs, new double[outputs.length]);
        }
    }

    /** Three tokens of the source, the mark 1, two of the target; then two, the mark, one, and two behind the end. */
    private static Batch batch() {
        float[] features = {5, 6, 7, 1, 8, 4, 5, 6, 1, 8, 0, 0};
        float[] mask = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0};
        return new Batch(
                2, Shape.sequence(1), TOKENS, features, new float[0], STEPS, mask, null, true, new int[] {3, 2});
    }

    @Test
    void withoutTheTeacherItReadsWhatItSays() {
        Batch batch = batch();
        Counting model = new Counting();
        FreeRunning.feed(batch, 0, 1, model, TOKENS);
        assertThat(batch.features()).containsExactly(5, 6, 7, 1, 2, 3, 5, 6, 1, 2, 0, 0);
        assertThat(model.asked)
                .as("once for each token but the last that is told")
                .isEqualTo(2);
    }

    @Test
    void thoseOfTheTeacherStay() {
        Batch batch = batch();
        FreeRunning.feed(batch, 1, 1, new Counting(), TOKENS);
        assertThat(batch.features()).containsExactly(batch().features());
        int changed = 0;
        for (int seed = 0; seed < 1000; seed++) {
            Batch drawn = batch();
            FreeRunning.feed(drawn, 0.8, seed, new Counting(), TOKENS);
            changed += drawn.features()[4] == 2 ? 1 : 0;
        }
        assertThat(changed).isBetween(150, 250);
    }

    @Test
    void whatTheNetworkCannotReadIsNotSaid() {
        Batch batch = batch();
        FreeRunning.feed(batch, 0, 1, new Counting(), 2); // 2 is no token: of 0 and 1 the first is said
        assertThat(batch.features()).containsExactly(5, 6, 7, 1, 0, 1, 5, 6, 1, 0, 0, 0);
    }
}
