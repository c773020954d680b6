package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code key=value} on the command line. */
class OverridesTest {

    private static final Config BASE =
            ConfigFactory.parseString("seed = 7, train.epochs = 8, network.layers = [{ type = output }]");

    private static RunConfig with(String... overrides) {
        return RunConfigParser.parse(RunConfigParser.override(BASE, List.of(overrides)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hdfs://name:9000/a/b",
                "file:///c//d",
                "a=b",
                "C:\\x",
                "with space",
                "${not}",
                "# no comment",
                "1",
                "s3a://b/k?x=1"
            })
    void aPathNeedsNoQuotes(String path) {
        assertThat(with("data.path=" + path).data().path()).isEqualTo(path);
    }

    @Test
    void valuesAreOfTheirKeysType() {
        RunConfig config = with(
                "seed=-3",
                "optimizer.learning-rate=1e-4",
                "network.input=[3, 8, 8]",
                "name=\"quoted\"",
                "train.evaluate-every=3 steps");
        assertThat(config.seed()).isEqualTo(-3);
        assertThat(config.network().optimizer().learningRate()).isEqualTo(1e-4);
        assertThat(config.network().input()).isEqualTo(new Shape(3, 8, 8));
        assertThat(config.name()).isEqualTo("quoted");
        assertThat(config.training().evaluateEvery()).isEqualTo(new Every(3, Every.Unit.STEPS));
    }

    @Test
    void anOverrideBeatsTheFileAndALaterOneAnEarlier() {
        assertThat(with().seed()).isEqualTo(7);
        assertThat(with("seed=8", "seed=9").seed()).isEqualTo(9);
    }

    @Test
    void layersCanBeGivenWhole() {
        assertThat(with("network.layers=[{type=dense,units=5},{type=output}]")
                        .network()
                        .layers())
                .hasSize(2);
        assertThat(with("train={shards=2}").training().shards()).isEqualTo(2);
    }

    @Test
    void iterationsTakeThePlaceOfTheFilesEpochs() {
        assertThat(with("train.iterations=10").training().length()).isEqualTo(new Every(10, Every.Unit.STEPS));
        assertThat(with("train.iterations=10", "train.epochs=2").training().length())
                .isEqualTo(new Every(2, Every.Unit.EPOCHS));
    }

    @Test
    void problemsSayThatTheyAreOfTheCommandLine() {
        assertThatThrownBy(() -> with("train.shards=0"))
                .hasMessage("train.shards: expected a whole number from 1 to 2147483647, found \"0\" (command line)");
        assertThatThrownBy(() -> with("network.input=[0]")).hasMessageEndingWith("found [0] (command line: 1)");
        assertThatThrownBy(() -> with("a=b=c")).hasMessageContainingAll("a: unknown key", "(command line)");
        assertThatThrownBy(() -> with("train.epoch=3"))
                .hasMessageContaining("train.epoch: unknown key; the nearest known one is train.epochs");
        assertThatThrownBy(() -> with("name=")).hasMessageContaining("name: expected 1 to 64");
    }

    @ParameterizedTest
    @ValueSource(strings = {"seed", "=3", "", "network.layers=[{", "a..b=1", "a:b=1", "$x=1", "seed=\"1"})
    void whatIsNoKeyAndValueIsRefused(String override) {
        assertThatThrownBy(() -> with(override))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("argument '" + override + "': ");
    }
}
