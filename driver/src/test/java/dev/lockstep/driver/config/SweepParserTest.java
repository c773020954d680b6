package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.SweepConfig.Metric;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SweepParserTest {
    private static final String NETWORK = "network.layers = [{ type = output }]\n";

    private static Config config(String hocon) {
        return ConfigFactory.parseString(NETWORK + hocon);
    }

    private static SweepConfig parse(String hocon, String... arguments) {
        return SweepParser.parse(SweepParser.override(config(hocon), List.of(arguments)));
    }

    private static void refused(String message, String hocon, String... arguments) {
        assertThatThrownBy(() -> parse(hocon, arguments))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aFileNamesListsAndDistributions() {
        SweepConfig sweep = parse("""
                sweep { strategy = random, trials = 7, seed = 3, metric = test-loss, space {
                  optimizer { name = [adam, sgd], learning-rate = { log-uniform = [1e-4, 1e-1] } }
                  regularization.l2 = { uniform = [0, 0.5] }
                  train.batch-size = { choice = [32, 64] }
                  seed = { int = [1, 9] }
                  network.input = [[784], [1, 28, 28]] } }""");
        SortedMap<String, Domain> space = sweep.space();
        assertThat(space.keySet())
                .containsExactly(
                        "network.input",
                        "optimizer.learning-rate",
                        "optimizer.name",
                        "regularization.l2",
                        "seed",
                        "train.batch-size");
        assertThat(space)
                .containsEntry("network.input", new Domain.Choice(List.of("[784]", "[1,28,28]")))
                .containsEntry("optimizer.learning-rate", new Domain.LogUniform(1e-4, 0.1))
                .containsEntry("optimizer.name", new Domain.Choice(List.of("adam", "sgd")))
                .containsEntry("regularization.l2", new Domain.Uniform(0, 0.5))
                .containsEntry("seed", new Domain.Whole(1, 9))
                .containsEntry("train.batch-size", new Domain.Choice(List.of("32", "64")));
        assertThat(sweep.size()).isEqualTo(7);
        assertThat(sweep.seed()).isEqualTo(3);
        assertThat(sweep.metric()).isEqualTo(Metric.TEST_LOSS);
        assertThat(sweep.halving()).isNull();
    }

    @Test
    void theCommandLineAddsKeysReplacesTheirValuesAndLaysSingleOnesOverTheRest() {
        SweepConfig sweep = parse(
                "sweep.space.optimizer { name = [adam, sgd], learning-rate = [1e-2, 1e-3] }",
                "optimizer.learning-rate = 1e-1, 2e-1,3e-1",
                "train.epochs=2,3",
                "train.batch-size=50",
                "network.input=[784]");
        assertThat(sweep.space())
                .containsOnly(
                        Map.entry("optimizer.learning-rate", new Domain.Choice(List.of("1e-1", "2e-1", "3e-1"))),
                        Map.entry("optimizer.name", new Domain.Choice(List.of("adam", "sgd"))),
                        Map.entry("train.epochs", new Domain.Choice(List.of("2", "3"))));
        assertThat(sweep.size()).isEqualTo(12);
        RunConfig trial =
                sweep.trial(Map.of("optimizer.learning-rate", "2e-1", "optimizer.name", "sgd", "train.epochs", "3"));
        assertThat(trial.training().batchSize()).isEqualTo(50);
        assertThat(trial.training().length()).isEqualTo(new Every(3, Every.Unit.EPOCHS));
        assertThat(trial.network().optimizer().learningRate()).isEqualTo(0.2);
    }

    @Test
    void aTrialIsASingleTaskUnlessToldOtherwise() {
        RunConfig.Training usual =
                parse("", "seed=1,2").trial(Map.of("seed", "1")).training();
        assertThat(usual.tasks()).isEqualTo(1);
        assertThat(usual.exchange()).isEqualTo(ExchangeKind.LOCAL);
        RunConfig.Training spread =
                parse("train.tasks = 2", "seed=1,2").trial(Map.of("seed", "1")).training();
        assertThat(spread.tasks()).isEqualTo(2);
        assertThat(spread.exchange()).isNotEqualTo(ExchangeKind.LOCAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"data.path=\"a,b\"", "network.input=[1,28,28]", "seed=1", "a,b=c", "no argument"})
    void aSingleValueIsNotSwept(String argument) {
        assertThat(SweepParser.isSwept(argument)).isFalse();
    }

    @Test
    void anEmptyOrContradictorySpaceIsRefused() {
        refused("sweep.space: is empty", "");
        refused("sweep.space.seed: has no values", "sweep.space.seed = []");
        refused("sweep.space.seed: has the value 1 twice", "", "seed=1,2,1");
        refused("sweep.space.seed: expected a value", "", "seed=1,,2");
        refused("sweep.space.seed: expected a list of values, or a distribution", "sweep.space.seed = 1");
        refused(
                "sweep.space.seed.\"\": expected a list of values",
                "sweep.space.seed = { \"\" : 1 }"); // a key without a name
        refused("seed is swept (sweep.space.seed)", "sweep.space.seed = [1, 2]", "seed=3");
        refused("has train.epochs and train.iterations", "", "train.epochs=1,2", "train.iterations=3,4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ log-uniform = [0, 1] }   | two numbers above 0, low below high, found [0,1]",
                "{ uniform = [2, 1] }       | low below high",
                "{ uniform = [1] }          | expected uniform = [low, high]",
                "{ int = [1.5, 3] }         | two whole numbers",
                "{ int = [one, 3] }         | two whole numbers",
                "{ log-unifrom = [1, 2] }   | unknown distribution log-unifrom; the nearest known one is log-uniform",
                "{ uniform = 3 }            | uniform: expected a list, found 3",
            })
    void aDistributionThatCannotBeDrawnFromIsRefused(String distribution, String message) {
        refused(message, "sweep { strategy = random, trials = 2, space.seed = " + distribution + " }");
    }

    @Test
    void whatAStrategyNeedsAndWhatItDoesNotTakeIsTold() {
        String space = "sweep.space.seed = [1, 2]\n";
        refused("sweep.trials: is missing", space + "sweep.strategy = random");
        refused("sweep.trials: a grid has a trial for every combination", space + "sweep.trials = 3");
        refused("a grid needs a list of values", "sweep.space.seed = { int = [1, 5] }");
        refused("sweep.budget: is missing", space + "sweep.strategy = halving");
        refused("sweep.budget: only strategy = halving has one", space + "sweep.budget = 1 epoch");
        refused("train.epochs: is swept, but with strategy = halving", """
                sweep { strategy = halving, budget = 1 epoch, space.train.epochs = [2, 3] }""");
        refused("sweep.stratgy: unknown key; the nearest known one is sweep.strategy", space + "sweep.stratgy = grid");
        refused("sweep.strategy: expected one of grid, random, halving", space + "sweep.strategy = best");
        assertThat(parse(space + "sweep { strategy = halving, budget = 1 epoch, reduction = 2 }")
                        .halving())
                .isEqualTo(new SweepConfig.Halving(new Every(1, Every.Unit.EPOCHS), 2));
    }

    @Test
    void drawsStayInsideAndAreShort() {
        assertThat(new Domain.Uniform(-1, 3).draw(0.123456789)).isEqualTo("-0.506173");
        assertThat(new Domain.LogUniform(1e-4, 1e-1).draw(0)).isEqualTo("0.0001");
        assertThat(new Domain.LogUniform(1e-4, 1e-1).draw(1.0 / 3)).isEqualTo("0.001");
        assertThat(new Domain.Uniform(0.12345678, 0.12345679).draw(0.5)).isEqualTo("0.12345679");
        assertThat(new Domain.Whole(2, 4).draw(0)).isEqualTo("2");
        assertThat(new Domain.Whole(2, 4).draw(Math.nextDown(1.0))).isEqualTo("4");
        assertThat(new Domain.Choice(List.of("a", "b")).draw(0.5)).isEqualTo("b");
    }
}
