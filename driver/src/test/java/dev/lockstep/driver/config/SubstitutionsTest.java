package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets what of the environment: the user's configuration all of it, but secrets are not written down; a run's nothing. */
class SubstitutionsTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("FOLDER", "/data", "MY_TOKEN", "hunter2", "S3_SECRET", "a\"b\\", "SIZE_TOKEN", "6");
    private static final Substitutions USER =
            Substitutions.of(ENVIRONMENT, Pattern.compile("(?i)secret|password|token|access[.]?key"));
    private static final String NETWORK = "network.layers = [{ type = output }]\n";

    private static RunConfig user(String hocon) {
        return RunConfigParser.parse(ConfigFactory.parseString(NETWORK + hocon), USER);
    }

    private static RunConfig stored(String hocon, String... overrides) {
        return RunConfigParser.parse(
                RunConfigParser.override(Hocon.stored(NETWORK + hocon, "run/c.conf"), List.of(overrides)),
                Substitutions.NONE);
    }

    @Test
    void theUsersFileIsGivenTheEnvironment() {
        RunConfig config = user("data.path = ${FOLDER}/mnist, name = ${?NONE}");
        assertThat(config.data().path()).isEqualTo("/data/mnist");
        assertThat(Hocon.text(config.resolved())).contains("path=\"/data/mnist\"");
        assertThat(config.written().secrets()).isEmpty();
        assertThatThrownBy(() -> user("data.path = ${NONE}"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("String: 2", "${NONE}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "${MY_TOKEN}                               | hunter2             | path=${MY_TOKEN}",
                "${?MY_TOKEN}                              | hunter2             | path=${MY_TOKEN}",
                "\"s3a://k:\"${MY_TOKEN}\"@b/x\"           | s3a://k:hunter2@b/x | path=\"s3a://k:\"${MY_TOKEN}\"@b/x\"",
                "\"q\\\"\"${MY_TOKEN}${S3_SECRET}\"\\\"q\" | q\"hunter2a\"b\\\"q | path=\"q\\\"\"${MY_TOKEN}${S3_SECRET}\"\\\"q\"",
                "${FOLDER}/${S3_SECRET}                    | /data/a\"b\\        | path=\"/data/\"${S3_SECRET}",
            })
    void aSecretIsUsedButWrittenAsItsName(String given, String used, String written) {
        RunConfig config = user("data.path = " + given);
        assertThat(config.data().path()).isEqualTo(used);
        String text = Hocon.text(config.resolved());
        assertThat(text).contains(written).doesNotContain("hunter2");
        assertThat(config.toString().replace(config.data().toString(), "")).doesNotContain("hunter2");
        RunConfig again = RunConfigParser.parse(ConfigFactory.parseString(text), USER);
        assertThat(again.data()).isEqualTo(config.data());
        assertThat(again.written().secrets())
                .isEqualTo(config.written().secrets())
                .containsOnlyKeys("data.path");
    }

    @Test
    void aSecretMayBeAnything() {
        RunConfig config = user("seed = ${SIZE_TOKEN}, network.input = [${SIZE_TOKEN}]\n"
                + "network.layers = [{ type = dense, units = ${SIZE_TOKEN} }, { type = output }]");
        assertThat(config.seed()).isEqualTo(6);
        assertThat(config.network().input().size()).isEqualTo(6);
        assertThat(config.written().secrets()).containsOnlyKeys("seed", "network.input", "network.layers[0].units");
        String text = Hocon.text(config.resolved());
        assertThat(text).contains("seed=${SIZE_TOKEN}", "units=${SIZE_TOKEN}");
        assertThat(RunConfigParser.parse(ConfigFactory.parseString(text), USER).network())
                .isEqualTo(config.network());
        assertThatThrownBy(() -> user("seed = ${MY_TOKEN}"))
                .hasMessageContaining("seed: expected a whole number, found a secret of the environment");
    }

    /** What a checkpoint says of the run: a hash, another one of another secret. */
    @Test
    void aSecretIsAHashAmongWhatTheBitsDependOn() {
        String hash = user("seed = ${SIZE_TOKEN}").written().values().get("seed");
        assertThat(hash).matches("SHA-256 [0-9a-f]{64}");
        assertThat(user("seed = ${?SIZE_TOKEN}").written().values()).containsEntry("seed", hash);
        RunConfig other = RunConfigParser.parse(
                ConfigFactory.parseString(NETWORK + "seed = ${SIZE_TOKEN}"),
                Substitutions.of(Map.of("SIZE_TOKEN", "7"), Pattern.compile("TOKEN")));
        assertThat(other.written().values().get("seed")).startsWith("SHA-256 ").isNotEqualTo(hash);
    }

    @Test
    void messagesNameTheKeyOfASecret() {
        assertThat(user("data.path = ${MY_TOKEN}").redacted("cannot read hunter2/x"))
                .isEqualTo("cannot read (data.path)/x");
    }

    @Test
    void whatARunLeftIsGivenNothing() {
        assertThatThrownBy(() -> stored("data.path = \"http://evil/\"${PATH}\nseed = 3"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("not stored with the run, so give it again: data.path = \"http://evil/\"${PATH}"
                        + " (run/c.conf: 2)");
        assertThatThrownBy(() -> stored("network.input = [${MY_TOKEN}]")).hasMessageContaining("network.input[0] = ");
        assertThat(stored("data.path = ${MY_TOKEN}", "data.path=/again").data().path())
                .isEqualTo("/again");
    }

    /** Forty lines would be a text of a million million characters. */
    @Test
    void whatARunLeftIsNotDoubled() {
        StringBuilder text = new StringBuilder("a0 = xx\n");
        for (int i = 1; i <= 40; i++) {
            text.append("a%d = ${a%d}${a%d}%n".formatted(i, i - 1, i - 1));
        }
        assertThatThrownBy(() -> stored(text + "name = ${a40}"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("name = ${a40} (run/c.conf");
    }

    @Test
    void aSweepKeepsSecretsOutOfItsFolderToo() {
        Config config = ConfigFactory.parseString(
                NETWORK + "data.path = ${MY_TOKEN}, sweep.space.optimizer.learning-rate = [0.1, 0.2]");
        assertThat(Hocon.text(USER.written(config))).contains("${MY_TOKEN}").doesNotContain("hunter2");
        RunConfig trial = SweepParser.parse(config, USER).trial(Map.of("optimizer.learning-rate", "0.1"));
        assertThat(trial.data().path()).isEqualTo("hunter2");
        assertThat(Hocon.text(trial.resolved())).contains("path=${MY_TOKEN}").doesNotContain("hunter2");
        assertThatThrownBy(() -> SweepParser.parse(
                        ConfigFactory.parseString(NETWORK + "sweep.space.data.path = [${MY_TOKEN}, b]"), USER))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("sweep: takes a secret from the environment");
    }
}
