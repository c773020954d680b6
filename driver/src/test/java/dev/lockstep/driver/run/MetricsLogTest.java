package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    private static final Scores SCORES = new Scores(0.75, new long[][] {{3, 1}, {0, 4}});

    private static final String[] CONTRACT = {
        "schema",
        "time",
        "epoch",
        "step",
        "split",
        "loss",
        "accuracy",
        "learning_rate",
        "examples_per_second",
        "exchange_fraction",
        "gradient_norm"
    };

    @TempDir
    private Path directory;

    private RunFolder folder;

    @BeforeEach
    void open() {
        folder = RunFolder.at(directory.toString(), new Configuration());
    }

    /** The step of index {@code step}, 50 examples in 0.1 s, of which 0.025 s were not computing. */
    static StepReport report(long step) {
        StepMetrics metrics = new StepMetrics(
                new StepId(step, (int) (step / 10), 50),
                2.5 - step,
                Map.of("accuracy", 0.5),
                1.25,
                Map.of(0, 1.0, 2, 0.75),
                0.001);
        return new StepReport(metrics, 0.1, 0.025);
    }

    private static List<String> keys(JsonNode line) {
        List<String> keys = new ArrayList<>();
        line.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    private List<Long> steps() throws IOException {
        return MetricsLog.read(folder).stream()
                .map(line -> line.get("step").asLong())
                .toList();
    }

    /** The contract: a key may be added, none may go or change its meaning. */
    @Test
    void aStepHasTheKeysOfTheContract() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.step(report(12));
        }
        JsonNode line = MetricsLog.read(folder).get(0);
        assertThat(keys(line)).startsWith(CONTRACT).hasSize(CONTRACT.length + 1).endsWith("layer_gradient_norms");
        assertThat(line.get("schema").asInt()).isEqualTo(1);
        assertThat(Instant.parse(line.get("time").asText()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
        assertThat(line.get("epoch").asInt()).isEqualTo(1);
        assertThat(line.get("step").asLong()).as("steps done").isEqualTo(13);
        assertThat(line.get("split").asText()).isEqualTo("train");
        assertThat(line.get("loss").asDouble()).isEqualTo(-9.5);
        assertThat(line.get("accuracy").asDouble()).isEqualTo(0.5);
        assertThat(line.get("learning_rate").asDouble()).isEqualTo(0.001);
        assertThat(line.get("examples_per_second").asDouble()).isEqualTo(500);
        assertThat(line.get("exchange_fraction").asDouble()).isEqualTo(0.25);
        assertThat(line.get("gradient_norm").asDouble()).isEqualTo(1.25);
        assertThat(line.get("layer_gradient_norms").get("2").asDouble()).isEqualTo(0.75);
    }

    @Test
    void anEvaluationHasTheKeysOfTheContract() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.evaluation(SplitName.VALIDATION, 1, 20, SCORES);
            log.evaluation(SplitName.TEST, 1, 20, SCORES);
        }
        List<JsonNode> lines = MetricsLog.read(folder);
        assertThat(keys(lines.get(0))).containsExactly(CONTRACT);
        assertThat(lines.get(0).get("learning_rate").isNull())
                .as("a figure of steps")
                .isTrue();
        assertThat(lines.stream().map(line -> line.get("split").asText())).containsExactly("validation", "test");
        assertThat(lines.get(1).get("loss").asDouble()).isEqualTo(0.75);
        assertThat(lines.get(1).get("accuracy").asDouble()).isEqualTo(0.875);
    }

    @Test
    void aResumedRunDropsWhatItWillDoAgain() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            for (int step = 0; step < 5; step++) {
                log.step(report(step));
            }
            log.evaluation(SplitName.TEST, 0, 3, SCORES);
        }
        try (MetricsLog log = new MetricsLog(folder, 3)) {
            log.step(report(3));
        }
        assertThat(steps()).containsExactly(1L, 2L, 3L, 3L, 4L);
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.step(report(0));
        }
        assertThat(steps()).containsExactly(1L);
    }

    @Test
    void aLastLineThatWasCutShortIsLeftOut() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.step(report(0));
            log.step(report(1));
        }
        Path file = directory.resolve(MetricsLog.FILE);
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 20));
        assertThat(steps()).containsExactly(1L);
        try (MetricsLog log = new MetricsLog(folder, 7)) {
            log.step(report(1));
        }
        assertThat(steps()).containsExactly(1L, 2L);
        assertThat(Files.readString(file).lines()).hasSize(2);
    }

    @Test
    void aLineIsThereOnceItIsFlushed() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.step(report(0));
            log.flush();
            assertThat(steps()).containsExactly(1L);
        }
        assertThat(directory.toFile().list()).containsExactly(MetricsLog.FILE);
    }

    @Test
    void aLossThatIsNoNumberIsStillJson() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.evaluation(SplitName.TEST, 0, 1, new Scores(Double.NaN, new long[][] {{1}}));
        }
        assertThat(MetricsLog.read(folder).get(0).get("loss").asText()).isEqualTo("NaN");
    }

    @Test
    void aFolderWithoutALogHasNoLines() throws IOException {
        assertThat(MetricsLog.read(folder)).isEmpty();
    }
}
