package dev.lockstep.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        for (String name : namesIn("[.]java", "\"(spark[.]lockstep[.][a-zA-Z.-]*[a-zA-Z])\"")) {
            new SparkSettings(with(name, "1")).check();
        }
    }

    /** Of sources, scripts and containers; docs/operate.md has a table of them. */
    @Test
    void everySettingIsInTheDocument() throws IOException {
        Set<String> names = new TreeSet<>();
        names.addAll(namesIn("[.]java", "\"((?:spark[.])?lockstep[.][a-zA-Z.-]*[a-zA-Z])\""));
        names.addAll(namesIn("lockstep|[.](java|sh|py|yaml)|Dockerfile", "\\b(LOCKSTEP_[A-Z_]*[A-Z])\\b"));
        names.removeAll(Set.of("lockstep.json", "lockstep.gang")); // a file, a property of Spark's jobs
        String document = Files.readString(Path.of("..", "docs", "operate.md"));
        assertThat(names)
                .contains("lockstep.kernels", "lockstep.slow-task", "LOCKSTEP_JAVA_OPTS", "LOCKSTEP_JAR")
                .allSatisfy(name -> assertThat(document).contains("`" + name + "`"));
        for (String name : List.of(
                SparkSettings.PATIENCE,
                SparkSettings.REPLACEMENT,
                SparkSettings.REPLICATE,
                SparkSettings.SHARED_STEPS)) {
            assertThat(document).contains("| `" + name + "` |");
        }
    }

    /** What is found in main code, in the launcher, and in what is shipped. */
    private static Set<String> namesIn(String files, String pattern) throws IOException {
        Set<String> found = new TreeSet<>();
        for (String place : List.of(
                "worker-lib/src/main",
                "driver/src/main",
                "dl4j-spark/src/main",
                "jobs/src/main",
                "bench/src/main",
                "bench/peers",
                "bin",
                "docker",
                "python")) {
            try (Stream<Path> all = Files.walk(Path.of("..", place))) {
                for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                    if (file.getFileName().toString().matches("(?:.*)(?:" + files + ")")) {
                        Pattern.compile(pattern)
                                .matcher(Files.readString(file))
                                .results()
                                .forEach(match -> found.add(match.group(1)));
                    }
                }
            }
        }
        return found;
    }
}
