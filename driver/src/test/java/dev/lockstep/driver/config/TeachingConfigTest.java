package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertRefused;
import static dev.lockstep.driver.config.Configurations.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import org.junit.jupiter.api.Test;

/** {@code train.teacher} and how it teaches. */
class TeachingConfigTest {

    @Test
    void aTeacherIsReadWithItsDefaults() {
        assertThat(of("seed = 1").training().teaching()).isNull();
        assertThat(of("train.teacher = runs/big").training().teaching())
                .isEqualTo(new RunConfig.Teaching("runs/big", 0.9, 4));
        RunConfig config = of("train { teacher = \"runs/a b\", teacher-weight = 0, temperature = 0.5 }");
        assertThat(config.training().teaching()).isEqualTo(new RunConfig.Teaching("runs/a b", 0, 0.5));
        assertThat(of("train { teacher = a, teacher-weight = 1 }")
                        .training()
                        .teaching()
                        .weight())
                .isOne();
        assertThat(config.written().values())
                .containsEntry("train.teacher-weight", "0.0")
                .containsEntry("train.temperature", "0.5")
                .doesNotContainKey("train.teacher"); // where it lies is no part of the experiment
        assertThat(RunConfigParser.parse(config.resolved())).isEqualTo(config);
    }

    @Test
    void howNobodyTeachesIsRefused() {
        assertThat(of("seed = 1").written().all()).doesNotContainKeys("train.teacher-weight", "train.temperature");
        for (String key : new String[] {"teacher-weight", "temperature"}) {
            assertRefused("train." + key + " = 1")
                    .hasMessageContaining(
                            "train." + key + ": is known with train.teacher only: it says how that teaches");
        }
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        for (String weight : new String[] {"-0.1", "1.01", "NaN"}) {
            assertRefused("train { teacher = a, teacher-weight = \"" + weight + "\" }")
                    .hasMessageContaining("train.teacher-weight: expected a number from 0 to 1, found ");
        }
        for (String temperature : new String[] {"0", "-1", "1000.5", "Infinity", "NaN"}) {
            assertRefused("train { teacher = a, temperature = \"" + temperature + "\" }")
                    .hasMessageContaining("train.temperature: expected a number above 0 and at most 1000, found ");
        }
    }

    private static void assertNotTaught(String line, String network, String more) {
        assertThatThrownBy(() -> Configurations.whole("train.teacher = a\nnetwork " + network + "\n" + more))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("train.teacher: " + line);
    }

    @Test
    void whoCannotBeTaughtIsRefused() {
        assertNotTaught(
                "is for networks that end with softmax and cross-entropy; this one has another loss",
                "{ input = [4], layers = [{ type = output, loss = squared-error }] }",
                "");
        assertNotTaught(
                "is for images and vectors; network.input is a sequence",
                "{ input = [time, 4], layers = [{ type = mean-over-time }, { type = output }] }",
                "data.format = generated");
        assertNotTaught(
                "is known with train.objective = classification only; here it is regression",
                "{ input = [4], layers = [{ type = output }] }",
                "data { format = csv, path = x, columns.label = [y] }, train.objective = regression");
    }
}
