package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertLayersRefused;
import static dev.lockstep.driver.config.Configurations.assertRefused;
import static dev.lockstep.driver.config.Configurations.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.model.Learning;
import dev.lockstep.worker.model.Node;
import org.junit.jupiter.api.Test;

/** {@code train.start-from}, {@code train.prune}, and how parts of a network learn. */
class LearningConfigTest {

    @Test
    void partsLearnAsTheyAreTold() {
        RunConfig config = whole("""
                train { start-from = "runs/a b", prune = 0.25 }
                network.layers = [
                  { type = dense, units = 3, frozen = true, repeat = 2 }
                  { type = dense, units = 3, learning-rate-scale = 0.1 }
                  { type = dense, units = 3, frozen = false }
                  { type = output, fresh = true }
                ]""");
        assertThat(config.network().nodes().stream().map(Node::learning))
                .containsExactly(
                        new Learning(true, 1, false, false),
                        new Learning(true, 1, false, false),
                        new Learning(false, 0.1, false, true),
                        new Learning(false, 1, false, true),
                        new Learning(false, 1, true, false));
        assertThat(config.network().frozen()).containsExactlyInAnyOrder("0", "1");
        assertThat(config.network().sparse()).containsExactlyInAnyOrder("2", "3");
        assertThat(config.training().startFrom()).isEqualTo("runs/a b");
        assertThat(config.training().prune()).isEqualTo(0.25);
        assertThat(config.written().values())
                .containsEntry("network.layers[0].frozen", "true")
                .containsEntry("network.layers[1].learning-rate-scale", "0.1")
                .containsEntry("network.layers[3].fresh", "true")
                .containsEntry("train.prune", "0.25")
                .doesNotContainKey("train.start-from"); // where it lies is no part of the experiment
        assertThat(RunConfigParser.parse(config.resolved())).isEqualTo(config);
    }

    @Test
    void nothingIsUsual() {
        RunConfig config = Configurations.of("seed = 1");
        assertThat(config.network().nodes().get(0).learning()).isEqualTo(Learning.USUAL);
        assertThat(config.training().startFrom()).isNull();
        assertThat(config.written().values()).doesNotContainKeys("network.layers[0].frozen", "train.start-from");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertLayersRefused("[4]", "{ type = output, fresh = true }")
                .hasMessageContaining("have one that is fresh, which is known with train.start-from only");
        assertRefused("train.prune = 0.5").hasMessageContaining("train.prune: is known with train.start-from only");
        assertRefused("train { prune = 1, start-from = a }")
                .hasMessageContaining("train.prune: expected a number at least 0 and below 1, found 1");
        assertLayersRefused("[4]", "{ type = dense, units = 2, frozen = true }", "{ type = output, frozen = true }")
                .hasMessageContaining("network.layers: are all frozen; there is nothing to learn");
        assertLayersRefused(
                        "[4]",
                        "{ type = dense, units = 2, frozen = true, learning-rate-scale = 2 }",
                        "{ type = output }")
                .hasMessageContaining("network.layers[0].learning-rate-scale: is given of a layer that is frozen");
        assertLayersRefused("[4]", "{ type = output, learning-rate-scale = 0 }")
                .hasMessageContaining("learning-rate-scale: expected a number above 0, found 0");
        assertLayersRefused("[4]", "{ type = output, learning-rate-scale = 1e-44 }")
                .hasMessageContaining("makes of the learning rate 0.0; expected a number above 0 in float32");
        assertLayersRefused("[4]", "{ type = output, frozn = true }")
                .hasMessageContaining("the nearest known one is network.layers[0].frozen");
        assertThatThrownBy(() -> whole("optimizer.name = adadelta\nnetwork.layers = [{ type = output,"
                        + " learning-rate-scale = 2 }]"))
                .hasMessageContaining("adadelta has no learning rate that could be multiplied");
    }
}
