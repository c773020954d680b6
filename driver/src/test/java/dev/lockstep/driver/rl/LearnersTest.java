package dev.lockstep.driver.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RlConfig;
import dev.lockstep.driver.config.RlParser;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.rl.Episode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is learnt of given episodes; the networks' losses are ReinforcedLossTest's. */
class LearnersTest {

    private static Episode episode(int[] states, int[] actions, float[] rewards, float[] values, boolean ended) {
        return new Episode(0, states, new float[states.length], actions, rewards, new float[0], values, ended);
    }

    /** Q(s, a) += 0.5 (r + 0.9 max Q(s', .) - Q(s, a)), step by step. */
    @Test
    void aTableMovesTowardsWhatCame() {
        RlConfig config = RlParser.parse(
                ConfigFactory.parseString("environment { name = gridworld, map = [SFG] }\n"
                        + "algorithm { name = q-learning, learning-rate = 0.5, discount = 0.9 }"),
                Substitutions.WITHIN);
        TableLearner learner = new TableLearner(config);
        Episode right = episode(new int[] {0, 1, 2}, new int[] {2, 2}, new float[] {-1, -1}, new float[3], true);
        TrainingState once = learner.learn(learner.start(), List.of(right)).state();
        assertThat(once.parameters()[2]).isEqualTo(-0.5f);
        assertThat(once.parameters()[4 + 2]).isEqualTo(-0.5f);
        // The other actions of square 1 are still worth 0, the largest: as an end would be.
        Episode cut = episode(new int[] {0, 1}, new int[] {2}, new float[] {-1}, new float[2], false);
        TrainingState twice = learner.learn(once, List.of(cut)).state();
        assertThat(twice.parameters()[2]).isEqualTo(-0.75f);
        assertThat(twice.step()).isEqualTo(2);
        float[] known = twice.parameters().clone();
        known[4] = known[5] = known[7] = -10;
        Learner.Lesson third = learner.learn(new TrainingState(2, known, new float[0]), List.of(cut));
        assertThat(third.state().parameters()[2]).isEqualTo((float) (-0.75 + 0.5 * (-1 + 0.9 * -0.5 + 0.75)));
        assertThat(third.loss()).isCloseTo(0.5 * 0.7 * 0.7, within(1e-7));
    }

    /** Two values are seen; the second episode comes to its end, the first one is cut. */
    @Test
    void theNewestStepsAreRemembered() {
        Episode cut = seen(new float[] {1, 2, 3, 4, 5, 6}, new int[] {0, 1}, new float[] {-1, -2}, false);
        Episode ended = seen(new float[] {7, 8, 9, 10}, new int[] {2}, new float[] {-3}, true);
        Transitions all = new Transitions(new float[0], 2).with(List.of(cut, ended), 3);
        assertThat(all.numbers()).containsExactly(1, 2, 3, 4, 0, -1, 0, 3, 4, 5, 6, 1, -2, 0, 7, 8, 9, 10, 2, -3, 1);
        assertThat(new Transitions(new float[0], 2)
                        .with(List.of(cut), 2)
                        .with(List.of(ended), 2)
                        .numbers())
                .containsExactly(3, 4, 5, 6, 1, -2, 0, 7, 8, 9, 10, 2, -3, 1);
        assertThat(all.count()).isEqualTo(3);
        assertThat(all.before(1)).containsExactly(3, 4);
        float[] behind = new float[3];
        all.behind(1, behind, 1);
        assertThat(behind).containsExactly(0, 5, 6);
        assertThat(all.action(2)).isEqualTo(2);
        assertThat(all.worth(1, 0.5, 10)).isEqualTo(-2 + 0.5 * 10); // it was cut: more would have come
        assertThat(all.worth(2, 0.5, 10)).isEqualTo(-3);
    }

    private static Episode seen(float[] observations, int[] actions, float[] rewards, boolean ended) {
        return new Episode(0, new int[0], observations, actions, rewards, new float[0], new float[0], ended);
    }

    /** r = 1, 1, 1; V = 2, 1, 3 and 5 behind a cut; discount 0.5: surprises are -0.5, 1.5, 0.5. */
    @Test
    void advantagesOfKnownValues() {
        Episode cut = episode(new int[4], new int[3], new float[] {1, 1, 1}, new float[] {2, 1, 3, 5}, false);
        assertThat(PolicyLearner.advantages(cut, 0.5, 0.5))
                .containsExactly(new double[] {-0.5 + 0.25 * 1.625, 1.5 + 0.25 * 0.5, 0.5}, within(1e-12));
        // lambda = 1: the return less the baseline, 1 + 0.5 + 0.25 + 0.125 * 5 - 2 for the first
        assertThat(PolicyLearner.advantages(cut, 0.5, 1)[0]).isCloseTo(0.375, within(1e-12));
        assertThat(PolicyLearner.advantages(cut, 0.5, 0)).containsExactly(new double[] {-0.5, 1.5, 0.5}, within(1e-12));
    }
}
