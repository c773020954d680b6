package dev.lockstep.worker.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.model.Reinforcement;
import dev.lockstep.worker.model.Reinforcement.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReinforcedLossTest {

    private static ReinforcedLoss loss(Kind kind) {
        return new ReinforcedLoss(new Reinforcement(kind, 0.5, 0.1, 0.2));
    }

    /** Outputs that are sums of few powers of two, so that a difference is not rounded. */
    @ParameterizedTest
    @EnumSource
    void theGradientIsThatOfTheLoss(Kind kind) {
        ReinforcedLoss loss = loss(kind);
        float[] outputs = {0.5f, -0.25f, 1.125f, 2.5f};
        for (float worth : new float[] {1.5f, -0.75f}) {
            for (float logProbability : new float[] {-0.5f, -1.75f, -4f}) {
                float[] target = {1, worth, 2, logProbability};
                double[] gradient = new double[4];
                loss.loss(outputs, target, gradient);
                for (int k = 0; k < outputs.length; k++) {
                    float step = 0x1p-10f;
                    float[] up = outputs.clone();
                    float[] down = outputs.clone();
                    up[k] += step;
                    down[k] -= step;
                    double difference = (loss.loss(up, target, new double[4]) - loss.loss(down, target, new double[4]))
                            / (2 * step);
                    assertThat(gradient[k]).isCloseTo(difference, within(2e-6));
                }
            }
        }
    }

    /** Two actions alike, p = 1/2: -A log p + 0.5 (V - R)^2 / 2 - 0.1 H, with A = 2, V = 3, R = 1. */
    @Test
    void knownValuesOfAPolicyGradient() {
        double[] gradient = new double[3];
        double loss = loss(Kind.POLICY_GRADIENT).loss(new float[] {0, 0, 3}, new float[] {0, 2, 1, 0}, gradient);
        assertThat(loss).isCloseTo(2 * Math.log(2) + 1 - 0.1 * Math.log(2), within(1e-12));
        assertThat(gradient).containsExactly(new double[] {-1, 1, 1}, within(1e-12));
    }

    /** p was 0.25 and is 1/2: a ratio of 2, beyond 1.2, pulls no further up; one whose worth is below 0 is pulled back. */
    @Test
    void whatHasMovedFarIsPulledBackAlone() {
        float was = (float) Math.log(0.25);
        double[] gradient = new double[3];
        double loss = loss(Kind.CLIPPED_POLICY).loss(new float[] {0, 0, 1}, new float[] {0, 1, 1, was}, gradient);
        assertThat(loss).isCloseTo(-1.2 - 0.1 * Math.log(2), within(1e-7));
        assertThat(gradient).containsExactly(new double[] {0, 0, 0}, within(1e-7));
        loss = loss(Kind.CLIPPED_POLICY).loss(new float[] {0, 0, 1}, new float[] {0, -1, 1, was}, gradient);
        assertThat(loss).isCloseTo(2 - 0.1 * Math.log(2), within(1e-6));
        assertThat(gradient).containsExactly(new double[] {1, -1, 0}, within(1e-6));
    }

    /** Huber: half the square up to 1, then the distance less 1/2; of the action that was taken alone. */
    @Test
    void knownValuesOfActions() {
        double[] gradient = new double[2];
        assertThat(loss(Kind.ACTION_VALUES).loss(new float[] {5, 0.5f}, new float[] {1, 1, 0, 0}, gradient))
                .isEqualTo(0.125);
        assertThat(gradient).containsExactly(0, -0.5);
        assertThat(loss(Kind.ACTION_VALUES).loss(new float[] {5, 0.5f}, new float[] {0, 1, 0, 0}, gradient))
                .isEqualTo(3.5);
        assertThat(gradient[0]).isEqualTo(1);
    }
}
