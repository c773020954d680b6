package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RenamedKeysTest {
    private static final RenamedKeys RENAMED =
            new RenamedKeys(Map.of("train.global-batch", "train.batch-size", "data.where", "data.path"));

    private static RunConfig parse(String text) {
        Config config = ConfigFactory.parseString(
                "network.layers = [{ type = output }]\n" + text,
                ConfigParseOptions.defaults().setOriginDescription("my.conf"));
        return RunConfigParser.parse(config, Substitutions.WITHIN, RENAMED);
    }

    @Test
    void anOldNameStillWorksAndSaysTheNewOneOnce() {
        RunConfig config = parse("train.global-batch = 64");
        assertThat(config.training().batchSize()).isEqualTo(64);
        assertThat(config.written().notes())
                .containsExactly("train.global-batch is called train.batch-size now (my.conf: 2)");
        assertThat(config.resolved().getInt("train.batch-size")).isEqualTo(64);
        assertThat(config.resolved().hasPath("train.global-batch")).isFalse();
        assertThat(parse("train.batch-size = 64").written().notes()).isEmpty();
    }

    @Test
    void bothNamesAreRefused() {
        assertThatThrownBy(() -> parse("train { global-batch = 64, batch-size = 32 }"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("train.global-batch: is given together with train.batch-size, as it is called now;"
                        + " leave the old one out (my.conf: 2)");
    }

    @Test
    void whatIsWrongWithTheValueIsToldByTheNewName() {
        assertThatThrownBy(() -> parse("train.global-batch = none"))
                .hasMessageStartingWith("train.batch-size: expected a whole number")
                .hasMessageContaining("(my.conf: 2)");
    }

    /** An override wins, by whichever name. */
    @Test
    void ofAnOverrideTheOtherNameIsPutAside() {
        Config config = ConfigFactory.parseString("data { where = /a, path = /b, format = idx }");
        assertThat(RENAMED.withoutOtherName(config, "data.path"))
                .isEqualTo(ConfigFactory.parseString("data { path = /b, format = idx }"));
        assertThat(RENAMED.withoutOtherName(config, "data.where"))
                .isEqualTo(ConfigFactory.parseString("data { where = /a, format = idx }"));
        assertThat(RENAMED.withoutOtherName(config, "data.format")).isEqualTo(config);
    }

    /** Of each line of the table, the new name is a key. */
    @Test
    void oursLeadToKeysThatAreKnown() {
        for (String key : RenamedKeys.OURS.now().values()) {
            assertThat(Vocabulary.KEYS.ours()).contains(key);
        }
    }
}
