package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertRefused;
import static dev.lockstep.driver.config.Every.Unit.EPOCHS;
import static dev.lockstep.driver.config.Every.Unit.STEPS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code train}. */
class TrainingConfigTest {

    @Test
    void defaults() {
        RunConfig.Training training = Configurations.of().training();
        assertThat(training.length()).isEqualTo(new Every(5, EPOCHS));
        assertThat(training.batchSize()).isEqualTo(128);
        assertThat(training.shards()).isEqualTo(4);
        assertThat(training.tasks()).isZero();
        assertThat(training.exchange()).isEqualTo(ExchangeKind.GANG);
        assertThat(training.syncEvery()).isEqualTo(1);
        assertThat(training.evaluateEvery()).isEqualTo(new Every(1, EPOCHS));
        assertThat(training.evaluateTrain()).isFalse();
        assertThat(training.checkpointEvery()).isEqualTo(new Every(1, EPOCHS));
    }

    @Test
    void fullMapping() {
        RunConfig.Training training = Configurations.of("""
                train {
                  iterations = 77, batch-size = 9, shards = 9, tasks = 3, exchange = local, sync-every = 5
                  evaluate-every = 20, evaluate-train = true, checkpoint-every = "2 epochs"
                }""").training();
        assertThat(training.length()).isEqualTo(new Every(77, STEPS));
        assertThat(training.batchSize()).isEqualTo(9);
        assertThat(training.shards()).isEqualTo(9);
        assertThat(training.tasks()).isEqualTo(3);
        assertThat(training.exchange()).isEqualTo(ExchangeKind.LOCAL);
        assertThat(training.syncEvery()).isEqualTo(5);
        assertThat(training.evaluateEvery()).isEqualTo(new Every(20, STEPS));
        assertThat(training.evaluateTrain()).isTrue();
        assertThat(training.checkpointEvery()).isEqualTo(new Every(2, EPOCHS));
        assertThat(Configurations.of("train.epochs = 3").training().length()).isEqualTo(new Every(3, EPOCHS));
    }

    @Test
    void audits() {
        assertThat(Configurations.of().training().audit()).isZero();
        assertThat(Configurations.of("train.audit = 1").training().audit()).isEqualTo(1);
        assertThat(Configurations.of("train.log-every = 50").training().logEvery())
                .isEqualTo(50);
        assertRefused("train.teacher-forcing = 0.2")
                .hasMessageContaining("train.teacher-forcing: is known of pairs alone");
        assertRefused("train.audit = 1.5")
                .hasMessageContaining("train.audit: expected a number from 0 to 1, found 1.5");
        assertRefused("train { audit = 0.01, exchange = job }")
                .hasMessageContaining("train.audit: is known with train.exchange = gang only");
    }

    @Test
    void validation() {
        assertRefused("train.batch-size = 3")
                .hasMessageContainingAll(
                        "train.batch-size: is 3, below train.shards = 4", "every shard needs an example", ": 2)");
        assertRefused("train.batch-size = 3000000000")
                .hasMessageContaining(
                        "train.batch-size: expected a whole number from 1 to 2147483647, found 3000000000");
        assertRefused("train.shards = 0")
                .hasMessageContainingAll("train.shards: expected a whole number from 1", "found 0");
        assertRefused("train.shards = -4").hasMessageContaining("found -4");
        assertRefused("train.tasks = -1")
                .hasMessageContainingAll("train.tasks: expected a whole number from 0", "found -1");
        assertRefused("train.epochs = 0")
                .hasMessageContaining("train.epochs: expected a whole number from 1 to 1000000, found 0");
        assertRefused("train.epochs = 1.5").hasMessageContaining("found 1.5");
        assertRefused("train.iterations = 0").hasMessageContaining("train.iterations: expected a whole number from 1");
        assertRefused("train.exchange = telepathy")
                .hasMessageContainingAll("train.exchange: expected one of ", "gang, job, local", "found \"telepathy\"");
        assertRefused("train.sync-every = 0")
                .hasMessageContaining("train.sync-every: expected a whole number from 1 to 1000000, found 0");
        assertRefused("train.evaluate-train = maybe")
                .hasMessageContainingAll("train.evaluate-train: expected true or false", "found \"maybe\"");
        assertRefused("train { epochs = 2, iterations = 10 }")
                .hasMessageContaining("train.epochs: is given together with train.iterations; give one of them");
    }

    @Test
    void classWeights() {
        assertThat(Configurations.of().training().classWeights()).isNull();
        RunConfig balanced = Configurations.of("train.class-weights = balanced");
        assertThat(balanced.training().classWeights().balanced()).isTrue();
        RunConfig listed = Configurations.whole("""
                network { input = [3], classes = 3, layers = [{ type = output }] }
                train.class-weights = [0.5, 7, "1e-3"]""");
        assertThat(listed.training().classWeights()).isEqualTo(new ClassWeights(List.of(0.5, 7.0, 1e-3)));
        for (RunConfig config : List.of(balanced, listed)) {
            assertThat(RunConfigParser.parse(config.resolved()).training()).isEqualTo(config.training());
        }
        assertThat(Configurations.of().written().values())
                .as("checkpoints of before have no such key")
                .doesNotContainKey("train.class-weights");
    }

    @Test
    void classWeightsAreOnePerClassAndAboveZero() {
        for (String wrong : new String[] {
            "[]",
            "[0, 1]",
            "[1, -1]",
            "[1, NaN]",
            "[1, Infinity]",
            "[1e-60, 1]",
            "[1e60, 1]",
            "[one, 2]",
            "even",
            "3",
            "{ a = 1 }"
        }) {
            assertRefused("train.class-weights = " + wrong)
                    .hasMessageStartingWith(
                            "train.class-weights: expected balanced, or a list of numbers above 0, one for"
                                    + " each class, found ");
        }
        assertRefused("train.class-weights = [1, 2, 3]")
                .hasMessage("train.class-weights: has 3 weights; expected one for each of 10 classes (String: 2)");
        assertRefused(
                        "data { format = csv, path = x, columns.label = [y] }",
                        "train { objective = regression, class-weights = balanced }")
                .hasMessageContaining(
                        "train.class-weights: is known with train.objective = classification only; here it"
                                + " is regression (String: 3)");
        assertRefused("train.class_weight = balanced")
                .hasMessageContaining("train.class_weight: unknown key; here it is train.class-weights (");
    }

    @Test
    void whatIsDueSaysItsUnit() {
        assertThat(every("3 steps")).isEqualTo(new Every(3, STEPS));
        assertThat(every("1 step")).isEqualTo(new Every(1, STEPS));
        assertThat(every("10 iterations")).isEqualTo(new Every(10, STEPS));
        assertThat(every("2epochs")).isEqualTo(new Every(2, EPOCHS));
        assertThat(every("12")).isEqualTo(new Every(12, STEPS));
        for (String wrong :
                new String[] {"0", "-1", "\"0 epochs\"", "1.5", "\"1 day\"", "often", "99999999999", "[1]"}) {
            assertRefused("train.evaluate-every = " + wrong)
                    .hasMessageContainingAll(
                            "train.evaluate-every: expected a number of steps or epochs, such as \"200 steps\"",
                            "found");
        }
    }

    private static Every every(String value) {
        return Configurations.of("train.evaluate-every = \"" + value + "\"")
                .training()
                .evaluateEvery();
    }
}
