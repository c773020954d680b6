package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Split;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {

    private static Map<String, String> with(String... overrides) {
        RunConfig config = RunConfigParser.parse(RunConfigParser.override(
                ConfigFactory.parseString("network.layers = [{ type = dense, units = 5 }, { type = output }]"),
                List.of(overrides)));
        return Resumption.fingerprint(
                        config,
                        new Dataset(ExampleFormat.bytes(new Shape(1, 28, 28), 10), (Split) null, null, "abc"),
                        Map.of())
                .values();
    }

    @Test
    void namesEverythingThatTheBitsDependOn() {
        assertThat(with())
                .containsEntry("seed", "1")
                .containsEntry("train.batch-size", "128")
                .containsEntry("train.shards", "4")
                .containsEntry("network.input[2]", "28")
                .containsEntry("network.layers[0].units", "5")
                .containsEntry("network.layers[1].loss", "cross-entropy")
                .containsEntry("optimizer.learning-rate", "0.001")
                .containsEntry("regularization.l2", "0.0")
                .containsEntry("examples (SHA-256)", "abc");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name=other",
                "data.path=/elsewhere",
                "train.epochs=50",
                "train.iterations=9",
                "train.tasks=3",
                "train.exchange=local",
                "train.evaluate-every=1",
                "train.evaluate-train=true",
                "train.checkpoint-every=2"
            })
    void whatLeavesTheBitsAloneMayChange(String override) {
        assertThat(with(override)).isEqualTo(with());
    }

    /** Then evaluations have a say in what is trained. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "train.early-stopping.metric=test-loss",
                "optimizer.schedule { type = plateau, metric = test-loss }"
            })
    void evaluationsThatDecideAreNotFree(String deciding) {
        String word = deciding.contains("{") ? deciding.replaceFirst(" \\{", "={") : deciding;
        assertThat(with(word)).containsEntry("train.evaluate-every", "1 epoch");
    }

    @ParameterizedTest
    @CsvSource({
        "seed=2, seed",
        "train.shards=8, train.shards",
        "train.batch-size=64, train.batch-size",
        "data.sampling=with-replacement, data.sampling",
        "data.validation-fraction=0.1, data.validation-fraction",
        "data.train-limit=9, data.train-limit",
        "optimizer.beta1=0.8, optimizer.beta1",
        "train.class-weights=balanced, train.class-weights",
        "regularization.l1=1, regularization.l1",
        "network.weight-init=xavier, network.weight-init"
    })
    void whatChangesThemIsFoundUnderItsKey(String override, String key) {
        Map<String, String> before = with();
        Map<String, String> after = with(override);
        TreeSet<String> differing = new TreeSet<>(after.keySet());
        differing.removeIf(name -> after.get(name).equals(before.get(name)));
        assertThat(differing).containsExactly(key);
    }
}
