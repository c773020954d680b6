package dev.lockstep.driver.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.SweepConfig.Metric;
import dev.lockstep.driver.config.SweepParser;
import dev.lockstep.driver.source.IdxFiles;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
    @TempDir
    private static Path data;

    @BeforeAll
    static void writeData() throws IOException {
        IdxFiles.writePlain(Files.createDirectories(data));
    }

    private static Search search(boolean large, String... lines) {
        String hocon = """
                network { input = [1, 4, 3], classes = 5, layers = [
                  { type = convolution, filters = 2, kernel = 2 }, { type = output }] }
                train { epochs = 27, batch-size = 10, shards = 2 }
                data.path = "%s"
                """.formatted(data) + String.join("\n", lines);
        return Search.of(SweepParser.parse(ConfigFactory.parseString(hocon)), new Datasets(new Configuration()), large);
    }

    private static List<String> shown(Search search) {
        return search.trials().stream()
                .map(trial -> trial.name() + " " + Search.shown(trial.values()))
                .toList();
    }

    private static void refused(String message, String... lines) {
        assertThatThrownBy(() -> search(false, lines))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aGridHasEveryCombinationAndTheLastKeyChangesFastest() {
        Search search = search(false, "sweep.space { seed = [3, 1], optimizer.name = [sgd, adam] }");
        assertThat(shown(search))
                .containsExactly(
                        "001 optimizer.name=sgd seed=3",
                        "002 optimizer.name=sgd seed=1",
                        "003 optimizer.name=adam seed=3",
                        "004 optimizer.name=adam seed=1");
        assertThat(search.trials().get(1).config().seed()).isEqualTo(1);
        assertThat(search.metric()).isEqualTo(Metric.TEST_ACCURACY);
        assertThat(search.budgets()).isEmpty();
    }

    /** Golden: what was drawn once is drawn for ever. */
    @Test
    void drawsAreThoseOfTheSeedLaw() {
        String space = "sweep { strategy = random, space {"
                + " optimizer.learning-rate = { log-uniform = [1e-4, 1] }, seed = { int = [1, 100] } } }\n";
        List<String> three = shown(search(false, space + "sweep.trials = 3"));
        assertThat(three)
                .isEqualTo(shown(search(false, space + "sweep.trials = 9")).subList(0, 3));
        assertThat(three).isNotEqualTo(shown(search(false, space + "sweep { trials = 3, seed = 2 }")));
        assertThat(three)
                .containsExactly(
                        "001 optimizer.learning-rate=0.00961483 seed=31",
                        "002 optimizer.learning-rate=0.00834426 seed=10",
                        "003 optimizer.learning-rate=0.991599 seed=12");
    }

    @Test
    void halvingTrainsToGrowingBudgets() {
        String halving = "sweep { strategy = halving, space.seed = [1, 2, 3, 4], budget = ";
        assertThat(search(false, halving + "2 epochs }").budgets().stream().map(Object::toString))
                .containsExactly("2 epochs", "6 epochs", "18 epochs", "27 epochs");
        assertThat(search(false, halving + "1 epoch }").budgets().stream().map(Object::toString))
                .containsExactly("1 epoch", "3 epochs", "9 epochs", "27 epochs");
        refused("sweep.budget: is 27 epochs; expected less than", halving + "27 epochs }");
        refused("sweep.budget: is 5 steps; expected less than", halving + "5 steps }");
    }

    @Test
    void theMetricIsOfValidationWhenThereIsAny() {
        String space = "sweep.space.seed = [1, 2]\n";
        assertThat(search(false, space, "data.validation-fraction = 0.2").metric())
                .isEqualTo(Metric.VALIDATION_ACCURACY);
        refused("sweep.metric: is validation-loss, but nothing is held back", space, "sweep.metric = validation-loss");
    }

    @Test
    void numbersAreComparedByTheirLoss() {
        String numbers = """
                sweep.space.seed = [1, 2]
                train.objective = regression
                data.format = generated
                network { input = [2], layers = [{ type = output, units = 1 }] }
                """;
        assertThat(search(false, numbers).metric()).isEqualTo(Metric.TEST_LOSS);
        assertThat(search(false, numbers, "data.validation-fraction = 0.2").metric())
                .isEqualTo(Metric.VALIDATION_LOSS);
        refused(
                "sweep.metric: is test-accuracy, but train.objective = regression has no accuracy; expected test-loss",
                numbers,
                "sweep.metric = test-accuracy");
        refused(
                "has no accuracy; expected validation-loss",
                numbers,
                "sweep.metric = validation-accuracy",
                "data.validation-fraction = 0.2");
    }

    @Test
    void tooManyTrialsAreMeantOnlyWhenSaid() {
        String space = "sweep { strategy = random, trials = 10001, space.seed = { int = [1, 100000] } }";
        refused("the sweep has 10,001 trials, more than 10,000", space);
        assertThat(search(true, space).trials()).hasSize(10_001).last().satisfies(trial -> assertThat(trial.name())
                .isEqualTo("10001"));
        String list = "[1,2,3,4,5,6,7,8,9,10]";
        refused(
                "the sweep has 100,000 trials",
                "sweep.space { seed = " + list + ", train.batch-size = " + list + ", train.epochs = " + list
                        + ", train.shards = " + list + ", regularization.l2 = " + list + " }");
    }

    @Test
    void aNetworkWithResidualBlocksIsATrialLikeAnyOther() {
        assertThat(search(
                                false,
                                "network.layers = [{ type = flatten }, { type = residual,"
                                        + " layers = [{ type = dense, units = 12 }] }, { type = output }]",
                                "sweep.space.seed = [1, 2]")
                        .trials())
                .hasSize(2);
    }

    @Test
    void trialsThatCannotRunAreToldBeforeAnyDoes() {
        refused(
                "trial 002 (optimizer.name=best) cannot run: optimizer.name: expected one of",
                "sweep.space.optimizer.name = [sgd, best]");
        refused(
                "optimizer.learnin-rate: unknown key; the nearest known one is optimizer.learning-rate",
                "sweep.space.optimizer.learnin-rate = [1, 2]");
        refused(
                "2 of 3 trials cannot run, none was started; trial 002 (train.batch-size=51): train.batch-size: is 51, but"
                        + " there are only 50 training examples",
                "sweep.space.train.batch-size = [10, 51, 52]");
        refused(
                "convolution does not fit",
                "sweep.space.network.layers = [[{ type = output }],"
                        + " [{ type = convolution, filters = 2, kernel = 9 }, { type = output }]]");
    }
}
