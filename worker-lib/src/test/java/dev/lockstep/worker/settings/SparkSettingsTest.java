package dev.lockstep.worker.settings;

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

class SparkSettingsTest {
    private static SparkConf with(String name, String value) {
        return new SparkConf(false).set(name, value);
    }

    @ParameterizedTest
    @CsvSource({"30, 30000", "30s, 30000", "3s, 3000", "500ms, 500", "2min, 120000", "1h, 3600000"})
    void aTimeIsATime(String text, long millis) {
        assertThat(new SparkSettings(with(SparkSettings.PATIENCE, text)).patience())
                .isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-5s", "-1", "0", "0s", "soon", "", "30 seconds!", "1e3s", "9999999999999999999", "25h", "9d"})
    void anyOtherPatienceIsRefusedByName(String text) {
        assertThatThrownBy(() -> new SparkSettings(with(SparkSettings.PATIENCE, text)).check())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "spark.lockstep.patience: expected a time from 1ms to 24h, such as 30s, found '" + text + "'");
    }

    @Test
    void aReplacementMayBeGivenNoTime() {
        assertThat(new SparkSettings(with(SparkSettings.REPLACEMENT, "0")).replacement())
                .isZero();
        assertThat(new SparkSettings(new SparkConf(false)).replacement()).isEqualTo(Duration.ofSeconds(20));
        assertThatThrownBy(() -> new SparkSettings(with(SparkSettings.REPLACEMENT, "-3s")).check())
                .hasMessage("spark.lockstep.replacement: expected a time from 0ms to 24h, such as 20s, found '-3s'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-1m", "much", "", "1.5g", "9999999999999t"})
    void whatIsNoSizeIsRefusedByName(String text) {
        assertThatThrownBy(() -> new SparkSettings(with(SparkSettings.REPLICATE, text)).check())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("spark.lockstep.replicate: expected a size from 0, such as 128m, found '" + text + "'");
    }

    @Test
    void aSizeIsASize() {
        assertThat(new SparkSettings(with(SparkSettings.REPLICATE, "0")).replicatedBytes())
                .isZero();
        assertThat(new SparkSettings(with(SparkSettings.REPLICATE, "900b")).replicatedBytes())
                .isEqualTo(900);
        assertThat(new SparkSettings(new SparkConf(false)).replicatedBytes()).isEqualTo(128L << 20);
    }

    @Test
    void anUnknownOneIsRefusedByName() {
        assertThatThrownBy(() -> new SparkSettings(with("spark.lockstep.patiense", "3s")).check())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("spark.lockstep.patiense: unknown setting; known are spark.lockstep.patience,");
        new SparkSettings(with("spark.lockstep.io.clientThreads", "2")).check();
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
            new SparkSettings(conf).check();
        }
    }
}
