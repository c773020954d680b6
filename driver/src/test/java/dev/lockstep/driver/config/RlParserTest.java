package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RlConfig.Method;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RlParserTest {

    private static RlConfig parse(String text) {
        return RlParser.parse(ConfigFactory.parseString(text), Substitutions.WITHIN);
    }

    static Stream<Path> exercises() throws IOException {
        return Files.list(Path.of("..", "conf", "rl")).sorted();
    }

    @ParameterizedTest
    @MethodSource("exercises")
    void whatARunLeavesBehindRepeatsIt(Path file) {
        RlConfig config = RlParser.parse(ConfigFactory.parseFile(file.toFile()), Substitutions.WITHIN);
        assertThat(config.name() + ".conf").isEqualTo(file.getFileName().toString());
        RlConfig again = parse(config.text());
        assertThat(again.text()).isEqualTo(config.text());
        assertThat(again.network()).isEqualTo(config.network());
        assertThat(again.written().values()).isEqualTo(config.written().values());
    }

    /** Two hidden layers of 64; an output for each action, and where a policy is learnt one for what is to come. */
    @Test
    void aNetworkFollowsFromTheEnvironment() {
        RlConfig config = parse("");
        assertThat(config.world().name()).isEqualTo("cartpole");
        assertThat(config.algorithm().method()).isEqualTo(Method.PPO);
        assertThat(Networks.size(config.network()).parameters())
                .isEqualTo((4 * 64 + 64) + (64 * 64 + 64) + (64 * 3 + 3));
        RlConfig grid = parse("environment.name = gridworld, algorithm.name = dqn, network.layers = []");
        assertThat(Networks.size(grid.network()).parameters()).isEqualTo(16 * 4 + 4);
    }

    @Test
    void explorationBecomesLessInEvenSteps() {
        RlConfig.Exploration exploration = new RlConfig.Exploration(1, 0.2, 4);
        assertThat(exploration.at(0)).isEqualTo(1);
        assertThat(exploration.at(1)).isEqualTo(0.8);
        assertThat(exploration.at(4)).isEqualTo(0.2);
        assertThat(exploration.at(9)).isEqualTo(0.2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "environment.name = cartpol | environment.name: expected one of gridworld, frozenlake, cartpole, found \"cartpol\"; is it cartpole?",
                "algorithm.name = pp | algorithm.name: expected one of q-learning, dqn, reinforce, ppo, found \"pp\"",
                "algorithm.name = q-learnin | is it q-learning?",
                "algorithm.name = q-learning | whose table needs states that can be counted, and cartpole has none; expected dqn",
                "environment.name = a.b.C | environment.name: a.b.C is no public class",
                "environment.step-limit = 0 | environment.step-limit: expected a whole number from 1 to",
                "environment { name = gridworld, step-reward = 1e999 } | environment.step-reward: expected a number finite, found Infinity",
                "environment { name = gridworld, goal-reward = NaN } | environment.goal-reward: expected a number finite",
                "environment { name = gridworld, map = [GG] } | environment.map: has neither a start nor a floor: an episode would end at once",
                "environment { name = gridworld, map = [SWG] } | from which no goal and no hole can be reached: an episode would never end",
                "algorithm.discount = 1.5 | algorithm.discount: expected a number from 0 to 1, found 1.5",
                "algorithm { name = dqn, warm-up = 11, replay = 10 }, train.batch-size = 4 | nothing would ever be learnt",
                "algorithm { name = dqn, replay = 100, warm-up = 1 } | less than a batch of train.batch-size = 128",
                "train { batch-size = 2, shards = 4 } | below train.shards = 4; every shard needs an example",
                "network.input = [4] | network.input: follows from the environment and the algorithm; leave it out",
                "train.epochs = 3 | train.epochs: unknown key",
                "algorithm.clipp = 0.1 | algorithm.clipp: unknown key; the nearest known one is algorithm.clip",
                "network.layers = 3 | network.layers: expected a list of objects",
            })
    void whatCannotBeIsSaidInALine(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }
}
