package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertLayersRefused;
import static dev.lockstep.driver.config.Configurations.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user hears of a configuration with mistakes: all of them, each with its place. */
class ProblemsTest {

    @Test
    void anUnknownKeyNamesTheNearestKnownOne() {
        assertRefused("sed = 3").hasMessage("sed: unknown key; the nearest known one is seed (String: 2)");
        assertRefused("train.batchsize = 64").hasMessageContaining("nearest known one is train.batch-size");
        assertRefused("optimizer { learning_rate = 1 }")
                .hasMessageContaining(
                        "optimizer.learning_rate: unknown key; the nearest known one is optimizer.learning-rate");
        assertRefused("trian { epochs = 3 }")
                .hasMessageContaining("trian.epochs: unknown key; the nearest known one is train.epochs");
        assertLayersRefused("[9]", "{ type = dense, units = 10, activaton = relu }", "{ type = output }")
                .hasMessageContainingAll(
                        "network.layers[0].activaton: unknown key; the nearest known one is network.layers[0].activation",
                        ": 2)");
    }

    @Test
    void aKeyThatNeedsQuotesIsUnknownLikeAnyOther() {
        assertRefused("\"a:b $\" = 1").hasMessageContaining("\"a:b $\": unknown key");
        assertRefused("train { \"x/y\" = 1 }").hasMessageContaining("train.\"x/y\": unknown key");
    }

    @Test
    void aValueInPlaceOfAnObjectIsSaidToBeOne() {
        assertRefused("train = 5").hasMessage("train: expected an object, found 5 (String: 2)");
        assertRefused("data = [1]").hasMessageContaining("data: expected an object, found [1]");
        assertRefused("seed { a = 1 }").hasMessageContaining("seed: expected a whole number, found {\"a\":1}");
    }

    @Test
    void nullIsAbsent() {
        RunConfig config =
                Configurations.of("seed = null", "train.epochs = null", "train.iterations = 3", "nothing = null");
        assertThat(config.seed()).isEqualTo(1);
        assertThat(config.training().length()).isEqualTo(new Every(3, Every.Unit.STEPS));
    }

    @Test
    void allProblemsAreReportedAtOnceEachWithFileAndLine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("wrong.conf");
        Files.writeString(file, """
                name = "two words"
                sead = 4
                train {
                  epochs = many
                  batch-size = 2
                }
                optimizer.learning-rate = NaN
                network.layers = [
                  { type = dense, units = 0 }
                  { type = conv }
                  { type = output, los = cross-entropy }
                ]
                """);
        String at = " (" + file + ": ";
        assertThatThrownBy(() -> RunConfigParser.parse(ConfigFactory.parseFile(file.toFile())))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("8 problems in the configuration:\n  ")
                .hasMessageContainingAll(
                        "name: expected 1 to 64 letters, digits, dots, dashes or underscores, found 'two words'" + at
                                + "1)",
                        "sead: unknown key; the nearest known one is seed" + at + "2)",
                        "train.epochs: expected a whole number from 1 to 1000000, found \"many\"" + at + "4)",
                        "train.batch-size: is 2, below train.shards = 4; every shard needs an example" + at + "5)",
                        "optimizer.learning-rate: expected a number above 0, found \"NaN\"" + at + "7)",
                        "network.layers[0].units: expected a whole number from 1 to 2147483647, found 0" + at + "9)",
                        "network.layers[1].type: expected one of dense, ",
                        "found \"conv\"; here it is convolution" + at + "10)",
                        "network.layers[2].los: unknown key; the nearest known one is network.layers[2].loss" + at
                                + "11)")
                .satisfies(thrown -> assertThat(thrown.getMessage().lines()).hasSize(9));
    }

    @Test
    void aSubstitutionThatNothingAnswersIsNamed() {
        assertRefused("seed = ${nowhere}")
                .hasMessageContainingAll("String: 2", "Could not resolve substitution", "${nowhere}");
    }

    @Test
    void theLastOfTwoValuesForAKeyCounts() { // as HOCON has it
        assertThat(Configurations.of("seed = 1", "seed = 2").seed()).isEqualTo(2);
    }
}
