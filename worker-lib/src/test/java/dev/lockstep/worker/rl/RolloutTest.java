package dev.lockstep.worker.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RolloutTest {

    private static final World LAKE = new World("frozenlake", new Grid.Plan(Grid.LAKE_4, true, 0, 1, 0), 20);

    private static Rollout rollout(World world, long first, int episodes) {
        Brain table = new Brain.Table(4, FloatArray.of(new float[64]));
        Policy policy = new Policy(table, 4, Policy.Choice.BY_PROBABILITY, 0);
        return new Rollout(world, policy, new SeedLaw(1), Purpose.EPISODE, 0, first, episodes);
    }

    private static List<Episode> lived(Rollout rollout) {
        return IntStream.range(0, rollout.groups())
                .mapToObj(rollout::group)
                .flatMap(List::stream)
                .toList();
    }

    @Test
    void anEpisodeFollowsFromItsNumber() {
        List<Episode> all = lived(rollout(LAKE, 0, 40));
        assertThat(all)
                .extracting(Episode::number)
                .isEqualTo(Stream.iterate(0L, i -> i + 1).limit(40).toList());
        List<Episode> later = lived(rollout(LAKE, 25, 10));
        for (int i = 0; i < later.size(); i++) {
            assertThat(later.get(i)).usingRecursiveComparison().isEqualTo(all.get(25 + i));
        }
    }

    @Test
    void episodesAreCutAtTheLimitAndEndByThemselves() {
        List<Episode> all = lived(rollout(LAKE, 0, 100));
        assertThat(all).allSatisfy(episode -> {
            assertThat(episode.steps()).isBetween(1, 20);
            assertThat(episode.states()).hasSize(episode.steps() + 1);
            assertThat(episode.observations()).hasSize(16 * (episode.steps() + 1));
            assertThat(episode.observation(0)[0]).isEqualTo(1);
            assertThat(episode.ended()).isEqualTo("HG".indexOf(square(episode)) >= 0);
            assertThat(episode.total()).isEqualTo(square(episode) == 'G' ? 1 : 0);
            assertThat(episode.logProbabilities()).containsOnly((float) Math.log(0.25));
        });
        assertThat(all).anyMatch(Episode::ended).anyMatch(episode -> !episode.ended());
    }

    private static char square(Episode episode) {
        return String.join("", Grid.LAKE_4).charAt(episode.states()[episode.steps()]);
    }

    /** What a user may bring. */
    public abstract static class Own implements Environment {
        private int steps;

        @Override
        public Space space() {
            return new Space(1, 0, 4);
        }

        @Override
        public void reset(SplitMix64 random) {
            steps = 0;
        }

        @Override
        public double step(int action, SplitMix64 random) {
            steps++;
            return reward();
        }

        double reward() {
            return 1;
        }

        float seen() {
            return 0;
        }

        @Override
        public boolean isOver() {
            return false;
        }

        @Override
        public void observe(float[] into, int at) {
            into[at] = steps == 2 ? seen() : 0;
        }
    }

    public static final class EndsAtOnce extends Own {
        @Override
        public boolean isOver() {
            return true;
        }
    }

    public static final class NoReward extends Own {
        @Override
        double reward() {
            return Double.NaN;
        }
    }

    public static final class Blind extends Own {
        @Override
        float seen() {
            return Float.POSITIVE_INFINITY;
        }
    }

    public static final class Endless extends Own {}

    private static World own(Class<?> type) {
        return new World(type.getName(), null, 5);
    }

    @Test
    void whatCannotBeLearntFromIsSaidInALine() {
        Rollout atOnce = rollout(own(EndsAtOnce.class), 3, 1);
        assertThatThrownBy(() -> lived(atOnce))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("$EndsAtOnce: episode 3 ended at once, before any action");
        Rollout noReward = rollout(own(NoReward.class), 0, 1);
        assertThatThrownBy(() -> lived(noReward))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("episode 0 gave the reward NaN in step 1; expected a finite number");
        Rollout blind = rollout(own(Blind.class), 0, 1);
        assertThatThrownBy(() -> lived(blind))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("episode 0 shows Infinity after step 2; expected finite numbers");
        assertThatThrownBy(() -> own(String.class).space())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("environment.name: java.lang.String is no public class");
    }

    /** Tells when it is run. */
    public static final class Stranger {
        static {
            System.setProperty("lockstep.test.stranger", "ran");
        }
    }

    @Test
    void nothingRunsOfAClassThatIsNoEnvironment() {
        assertThatThrownBy(() -> own(Stranger.class).space()).isInstanceOf(ConfigurationException.class);
        assertThat(System.getProperty("lockstep.test.stranger")).isNull();
    }

    @Test
    void whatNeverEndsIsCut() {
        assertThat(lived(rollout(own(Endless.class), 0, 2))).allSatisfy(episode -> {
            assertThat(episode.steps()).isEqualTo(5);
            assertThat(episode.ended()).isFalse();
        });
    }
}
