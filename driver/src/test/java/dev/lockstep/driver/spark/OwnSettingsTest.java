package dev.lockstep.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnSettingsTest {
    private static SparkConf with(String name, String value) {
        return new SparkConf(false).set(name, value);
    }

    @ParameterizedTest
    @CsvSource({"30, 30000", "30s, 30000", "3s, 3000", "500ms, 500", "2min, 120000", "1h, 3600000"})
    void aTimeIsATime(String text, long millis) {
        assertThat(OwnSettings.patience(with(OwnSettings.PATIENCE, text))).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-5s", "-1", "0", "0s", "soon", "", "30 seconds!", "1e3s", "9999999999999999999", "25h", "9d"})
    void anyOtherPatienceIsRefusedByName(String text) {
        assertThatThrownBy(() -> OwnSettings.check(with(OwnSettings.PATIENCE, text)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "spark.lockstep.patience: expected a time from 1ms to 24h, such as 30s, found '" + text + "'");
    }

    @Test
    void aReplacementMayBeGivenNoTime() {
        assertThat(OwnSettings.replacement(with(OwnSettings.REPLACEMENT, "0"))).isZero();
        assertThat(OwnSettings.replacement(new SparkConf(false))).isEqualTo(Duration.ofSeconds(20));
        assertThatThrownBy(() -> OwnSettings.check(with(OwnSettings.REPLACEMENT, "-3s")))
                .hasMessage("spark.lockstep.replacement: expected a time from 0ms to 24h, such as 20s, found '-3s'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-1m", "much", "", "1.5g", "9999999999999t"})
    void whatIsNoSizeIsRefusedByName(String text) {
        assertThatThrownBy(() -> OwnSettings.check(with(OwnSettings.REPLICATE, text)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("spark.lockstep.replicate: expected a size from 0, such as 128m, found '" + text + "'");
    }

    @Test
    void aSizeIsASize() {
        assertThat(OwnSettings.replicate(with(OwnSettings.REPLICATE, "0"))).isZero();
        assertThat(OwnSettings.replicate(with(OwnSettings.REPLICATE, "900b"))).isEqualTo(900);
        assertThat(OwnSettings.replicate(new SparkConf(false))).isEqualTo(128L << 20);
    }

    @Test
    void anUnknownOneIsRefusedByName() {
        assertThatThrownBy(() -> OwnSettings.check(with("spark.lockstep.patiense", "3s")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("spark.lockstep.patiense: unknown setting; known are spark.lockstep.patience,");
        OwnSettings.check(with("spark.lockstep.io.clientThreads", "2"));
    }

    /** So that a setting that is read anywhere is known here. */
    @Test
    void everySettingInOurSourcesIsKnown() throws IOException {
        Pattern quoted = Pattern.compile("\"(spark[.]lockstep[.][a-zA-Z.-]*[a-zA-Z])\"");
        Set<String> found = new TreeSet<>();
        for (String module : new String[] {"worker-lib", "driver", "dl4j-spark", "jobs", "bench"}) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                    quoted.matcher(Files.readString(file)).results().forEach(match -> found.add(match.group(1)));
                }
            }
        }
        for (String name : found) {
            SparkConf conf = with(name, "1");
            OwnSettings.check(conf);
        }
    }
}
