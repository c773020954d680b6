package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    private static final Scores SCORES = Scores.of(0.75, new long[][] {{3, 1}, {0, 4}});

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

    /** The lines as others read them. */
    private List<JsonNode> written() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve(MetricsLog.FILE))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }

    private static List<String> keys(JsonNode line) {
        List<String> keys = new ArrayList<>();
        line.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    private List<MetricsLine> read() throws IOException {
        List<MetricsLine> lines = new ArrayList<>();
        MetricsLog.read(folder, lines::add);
        return lines;
    }

    private List<Long> steps() throws IOException {
        return read().stream().map(MetricsLine::step).toList();
    }

    /** The contract: a key may be added, none may go or change its meaning. */
    @Test
    void aStepHasTheKeysOfTheContract() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.step(report(12));
        }
        JsonNode line = written().get(0);
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
        List<JsonNode> lines = written();
        assertThat(keys(lines.get(0))).containsSubsequence(CONTRACT).contains("macro_f1");
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

    /** As object stores are. */
    public static class WithoutAppend extends RawLocalFileSystem {
        @Override
        public URI getUri() {
            return URI.create("no-append:///");
        }

        @Override
        public FSDataOutputStream append(org.apache.hadoop.fs.Path file, int buffer, Progressable progress)
                throws IOException {
            if (getConf().getBoolean("unsupported", false)) {
                throw new UnsupportedOperationException("Append is not supported");
            }
            throw new IOException("no append here");
        }

        @Override
        public boolean hasPathCapability(org.apache.hadoop.fs.Path path, String capability) {
            return false;
        }
    }

    /** A run that is killed would lose its lines there: it is refused, in whichever words the file system says so. */
    @Test
    void aFileSystemThatCannotAppendIsRefused() {
        Configuration hadoop = new Configuration(false);
        hadoop.setClass("fs.no-append.impl", WithoutAppend.class, FileSystem.class);
        hadoop.setBoolean("fs.no-append.impl.disable.cache", true);
        for (boolean unsupported : new boolean[] {false, true}) {
            hadoop.setBoolean("unsupported", unsupported);
            RunFolder there = RunFolder.at("no-append://" + directory, hadoop);
            assertThatThrownBy(() -> new MetricsLog(there, 0))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessage("cannot append to no-append:" + directory + "/metrics.jsonl: "
                            + (unsupported ? "Append is not supported" : "no append here")
                            + "; choose another --out, on a local disk, NFS or HDFS");
        }
    }

    @Test
    void aLossThatIsNoNumberIsStillJson() throws IOException {
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.evaluation(SplitName.TEST, 0, 1, Scores.of(Double.NaN, new long[][] {{1}}));
        }
        assertThat(written().get(0).get("loss").asText()).isEqualTo("NaN");
        assertThat(read().get(0).figure("loss")).isNaN();
    }

    @Test
    void aFolderWithoutALogHasNoLines() throws IOException {
        assertThat(read()).isEmpty();
    }

    /** A metric more or less is no matter of who writes and reads lines. */
    @Test
    void whatIsMeasuredComesBackByItsName() throws IOException {
        StepMetrics metrics =
                new StepMetrics(new StepId(0, 0, 50), 2.5, Map.of("rmse", 1.5), 1.25, Map.of(3, 0.5), 0.001);
        try (MetricsLog log = new MetricsLog(folder, 0)) {
            log.step(new StepReport(metrics, 0.1, 0.025));
        }
        assertThat(keys(written().get(0))).contains(CONTRACT);
        MetricsLine line = read().get(0);
        assertThat(line.ofStep()).isTrue();
        assertThat(line.figures())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "loss",
                        2.5,
                        "rmse",
                        1.5,
                        "learning_rate",
                        0.001,
                        "examples_per_second",
                        500.0,
                        "exchange_fraction",
                        0.25,
                        "gradient_norm",
                        1.25));
        assertThat(line.layerGradientNorms()).isEqualTo(Map.of("3", 0.5));
    }

    /** Of a later version, or of somebody else: none is lost. */
    @Test
    void linesThatAreKeptAreKeptToTheByte() throws IOException {
        String line = "{\"split\": \"train\",\"step\":1,\"loss\":1.50,\"more\":{\"than\":[\"we\",\"know\"]}}\n";
        Files.writeString(directory.resolve(MetricsLog.FILE), line);
        new MetricsLog(folder, 1).close();
        assertThat(directory.resolve(MetricsLog.FILE)).hasContent(line);
    }

    @Test
    void aLineThatIsNotOursIsDamaged() throws IOException {
        for (String[] wrong : new String[][] {
            {"{\"split\":\"train\",\"step\":\"1\"}", "step: expected a whole number, found \"1\""},
            {"{\"split\":\"train\",\"loss\":[]}", "loss: expected a number, found []"},
            {"{\"split\":\"all\",\"step\":1}", "split: expected train, validation or test, found all"},
            {"{\"schema\":2,\"split\":\"test\"}", "expected lines of schema 1, found 2"},
            {"{\"split\":\"train\",\"layer_gradient_norms\":{\"0\":\"x\"}}", "expected an object of numbers"},
        }) {
            Files.writeString(directory.resolve(MetricsLog.FILE), wrong[0] + "\n");
            assertThatThrownBy(this::read)
                    .isInstanceOf(DamagedFileException.class)
                    .hasMessageStartingWith("file:" + directory + "/metrics.jsonl: is damaged: ")
                    .hasMessageContaining(wrong[1]);
        }
    }
}
