package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordTest {

    @TempDir
    private Path directory;

    @Test
    void isWrittenWholeEachTime() throws IOException {
        RunFolder folder = RunFolder.at(directory.toString(), new Configuration());
        assertThat(RunRecord.read(folder)).isNull();
        RunRecord record =
                new RunRecord(folder).put("seed", -5L).put("name", "a \"b\"").put("test_loss", null);
        record.write(RunRecord.Status.RUNNING, null);
        JsonNode running = RunRecord.read(folder);
        assertThat(running)
                .hasToString(
                        "{\"status\":\"running\",\"exit_code\":null,\"seed\":-5,\"name\":\"a \\\"b\\\"\",\"test_loss\":null}");
        record.put("test_loss", 0.1 + 0.2).put("exact", true).write(RunRecord.Status.DIVERGED, 4);
        JsonNode diverged = RunRecord.read(folder);
        assertThat(diverged.get("status").asText()).isEqualTo("diverged");
        assertThat(diverged.get("exit_code").asInt()).isEqualTo(4);
        assertThat(diverged.get("test_loss").asDouble()).as("every digit").isEqualTo(0.1 + 0.2);
        assertThat(diverged.get("exact").isBoolean()).isTrue();
        assertThat(diverged.get("seed").asLong()).isEqualTo(-5);
    }
}
