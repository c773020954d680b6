package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.run.RunRecord.Status;
import dev.lockstep.driver.state.Provenance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** run.json, and sweep.json, which is of its kind. */
class RunRecordTest {
    private static final RunRecord BEGUN = RunRecord.of(
            new RunRecord.Identity("1", "r", "a \"b\"", "train", -5L, "2026-11-25T10:00:00Z", 4, 20, null, null));

    @TempDir
    private Path directory;

    private RunFolder folder;

    @BeforeEach
    void open() {
        folder = RunFolder.at(directory.toString(), new Configuration());
    }

    private String text(String file) throws IOException {
        return Files.readString(directory.resolve(file)).replaceAll("\\s", "");
    }

    /** Scripts read these names; what is not known yet is not there, but for the exit code, which is null. */
    @Test
    void whatIsNotKnownYetIsLeftOut() throws IOException {
        assertThat(RunRecord.read(folder)).isNull();
        BEGUN.write(folder);
        assertThat(text(RunRecord.FILE))
                .isEqualTo("{\"status\":\"running\",\"exit_code\":null,\"version\":\"1\",\"run_id\":\"r\","
                        + "\"name\":\"a\\\"b\\\"\",\"command\":\"train\",\"seed\":-5,"
                        + "\"started\":\"2026-11-25T10:00:00Z\",\"shards\":4,\"batch_size\":20}");
        assertThat(RunRecord.read(folder)).isEqualTo(BEGUN);
    }

    @Test
    void isWrittenWholeEachTimeAndReadAsItWas() throws IOException {
        BEGUN.write(folder);
        RunRecord ended = BEGUN.with(new RunRecord.Place("local[2]", "app-1", 2, 123L))
                .with(new RunRecord.Progress(30L, 2.5, 1.5, 1234.5, "sharded"))
                .with(new Provenance(
                        "here",
                        List.of(new Provenance.Stretch("there", 12)),
                        List.of(new Provenance.Fault(9, 3, "7", "h"), new Provenance.Fault(11, 0, null, null))))
                .with(new RunRecord.Product(
                        30L, Map.of("loss", 0.1 + 0.2, "rmse", Double.NaN), "p", "o", false, "Nesterovs", true))
                .with(new Ending(Status.DIVERGED, 4, "the loss is NaN", 3.5, "2026-11-25T10:00:10Z"));
        ended.write(folder);
        assertThat(RunRecord.read(folder)).isEqualTo(ended);
        assertThat(text(RunRecord.FILE))
                .startsWith("{\"status\":\"diverged\",\"exit_code\":4,\"version\"")
                .contains("\"test_loss\":" + (0.1 + 0.2), "\"test_rmse\":\"NaN\"")
                .contains("\"optimizer_steps\":\"sharded\"")
                .contains("\"arithmetic_before\":[{\"arithmetic\":\"there\",\"to_step\":12}]")
                .contains("\"audit_faults\":[{\"step\":9,\"shard\":3,\"executor\":\"7\",\"host\":\"h\"},"
                        + "{\"step\":11,\"shard\":0,\"executor\":null,\"host\":null}]")
                .endsWith("\"seconds\":3.5,\"finished\":\"2026-11-25T10:00:10Z\",\"error\":\"thelossisNaN\"}");
    }

    @Test
    void whatIsNotOfItsKindIsDamage() throws IOException {
        for (String[] wrong : new String[][] {
            {"{\"steps\": \"30\"}", "steps: expected a whole number, found \"30\""},
            {"{\"steps\": 1e99}", "steps: expected a whole number, found 1.0E99"},
            {"{\"tasks\": 4294967296}", "tasks: expected a whole number, found 4294967296"},
            {"{\"error\": {}}", "error: expected a text, found {}"},
            {"{\"model_needs_lockstep\": 1}", "model_needs_lockstep: expected true or false, found 1"},
            {"{\"arithmetic_before\": [3]}", "arithmetic_before: expected a list of objects, found [3]"},
            {"[]", "expected JSON, an object {...}, found []"},
        }) {
            Files.writeString(directory.resolve(RunRecord.FILE), wrong[0]);
            assertThatThrownBy(() -> RunRecord.read(folder))
                    .isInstanceOf(DamagedFileException.class)
                    .hasMessage("file:" + directory + "/run.json: is damaged: " + wrong[1]);
        }
        Files.writeString(directory.resolve(RunRecord.FILE), "{\"status\": \"a later word\", \"later\": []}");
        assertThat(RunRecord.read(folder).ending().status()).isEqualTo(Status.UNKNOWN);
    }

    @Test
    void aSweepsIsOfTheSameKind() throws IOException {
        SweepRecord sweep = SweepRecord.of(
                new SweepRecord.Identity("1", "sweep", "train --conf x", "test-loss", 4, "2026-11-25T10:00:00Z"));
        sweep.write(folder);
        assertThat(SweepRecord.read(folder)).isEqualTo(sweep);
        SweepRecord ended = sweep.with(new SweepRecord.Place("local[2]", "app-1", 2))
                .with(new SweepRecord.Best("001", "train --conf x seed=1", "p"))
                .with(new Ending(Status.FINISHED, 0, null, 4.5, "2026-11-25T10:00:10Z"), 8.5);
        ended.write(folder);
        assertThat(SweepRecord.read(folder)).isEqualTo(ended);
        assertThat(text(SweepRecord.FILE)).contains("\"best_trial\":\"001\"", "\"trial_seconds\":8.5");
    }
}
