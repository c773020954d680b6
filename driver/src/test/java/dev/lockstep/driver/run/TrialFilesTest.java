package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialFilesTest {
    private static final TrialLine FIRST = new TrialLine(
            "001",
            "finished",
            1,
            Map.of("seed", "a,b"),
            "test-accuracy",
            0.9,
            Map.of(),
            Map.of("accuracy", 0.9, "loss", 0.25),
            null,
            null,
            30,
            "c0",
            0,
            null,
            1.5,
            99.25);

    @TempDir
    private Path directory;

    private RunFolder folder;

    @BeforeEach
    void open() {
        folder = RunFolder.at(directory.toString(), new Configuration());
    }

    private List<TrialLine> read(String line) throws IOException {
        Files.writeString(directory.resolve(TrialFiles.TRIALS), line + "\n");
        return TrialFiles.read(folder);
    }

    @Test
    void aLineIsReadAsItWasWritten() throws IOException {
        assertThat(TrialFiles.read(folder)).isEmpty();
        TrialLine failed = new TrialLine(
                "002",
                "failed",
                null,
                Map.of("seed", "2"),
                null,
                null,
                Map.of("rmse", 0.5),
                Map.of(),
                2,
                "after 1 epoch",
                0,
                null,
                1,
                "broken",
                0,
                Double.NaN);
        TrialFiles.write(folder, List.of("trial", "seed", "test_loss", "seconds", "rank"), List.of(FIRST, failed));
        assertThat(TrialFiles.read(folder)).containsExactly(FIRST, failed);
        assertThat(directory.resolve(TrialFiles.SUMMARY))
                .hasContent("trial,seed,test_loss,seconds,rank,validation_rmse\n"
                        + "001,\"a,b\",0.25,1.500,1,\n002,2,,0.000,,0.5\n");
    }

    @Test
    void aLineHasTheFieldsThatScriptsRead() throws IOException {
        TrialFiles.write(folder, List.of("trial"), List.of(FIRST));
        assertThat(directory.resolve(TrialFiles.TRIALS))
                .content()
                .startsWith("{\"trial\":\"001\",\"status\":\"finished\",\"rank\":1,\"values\":{\"seed\":\"a,b\"},"
                        + "\"metric\":\"test-accuracy\",\"value\":0.9,\"validation_accuracy\":null,"
                        + "\"validation_loss\":null,\"test_accuracy\":0.9,\"test_loss\":0.25,\"rung\":null,")
                .endsWith("\"stopped\":null,\"steps\":30,\"parameters_sha256\":\"c0\",\"exit_code\":0,"
                        + "\"error\":null,\"seconds\":1.5,\"examples_per_second\":99.25}\n");
    }

    /** Folders of courses from before sweeps and courses had one form. */
    @Test
    void anOldLineOfACourseIsRead() throws IOException {
        TrialLine line = read("{\"trial\":\"relu-he-seed2\",\"variant\":\"relu-he\",\"seed\":2,\"status\":\"finished\","
                        + "\"test_accuracy\":0.5,\"test_loss\":null,\"steps\":30,\"parameters_sha256\":\"c\","
                        + "\"seconds\":1.5,\"examples_per_second\":\"NaN\",\"error\":null}")
                .get(0);
        assertThat(TrialFiles.cells(line, List.of("trial", "variant", "seed", "test_accuracy", "test_loss", "steps")))
                .containsExactly("relu-he-seed2", "relu-he", "2", "0.5", "", "30");
    }

    @Test
    void whatIsNotOfItsKindIsDamage() {
        for (String[] wrong : new String[][] {
            {"{\"trial\":\"../x\"}", "a trial cannot be called '../x'"},
            {"{\"trial\":\"1\",\"rank\":\"1\"}", "rank: expected a whole number, found \"1\""},
            {"{\"trial\":\"1\",\"values\":{\"seed\":1}}", "values: expected an object of texts"},
            {"{\"trial\":\"1\",\"rung\":2147483647}", "rung: expected 0 to 63, found 2147483647"},
            {"{\"trial\":\"1\",\"rung\":-1}", "rung: expected 0 to 63, found -1"},
            {"", "expected JSON, an object {...}, found nothing"},
        }) {
            assertThatThrownBy(() -> read(wrong[0]))
                    .isInstanceOf(DamagedFileException.class)
                    .hasMessageStartingWith("file:" + directory + "/trials.jsonl: is damaged: " + wrong[1]);
        }
    }
}
