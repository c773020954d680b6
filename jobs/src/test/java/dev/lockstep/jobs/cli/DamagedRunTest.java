package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.run.FolderLock;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.state.TrainingState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run with a damaged file goes on from what is whole. */
class DamagedRunTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NEWEST = "checkpoints/step-00000012/";

    @TempDir
    private static Path folder;

    private static Path run;

    @BeforeAll
    static void train() throws IOException {
        run = folder.resolve("run");
        List<String> network = TinyData.network(TinyData.write(folder.resolve("data")));
        List<String> words =
                new ArrayList<>(List.of("train", "--quiet", "--master", "local[1]", "--out", run.toString()));
        words.addAll(network);
        Cli.run(words, "train.iterations=12", "train.checkpoint-every=4").expectDone();
    }

    private static Path copy(String name) throws IOException {
        Path copy = folder.resolve(name);
        FileUtils.copyDirectory(run.toFile(), copy.toFile());
        return copy;
    }

    private static Cli resume(Path out, String... more) {
        return Cli.run(List.of("train", "--master", "local[1]", "--resume", "--out", out.toString()), more);
    }

    private static JsonNode record(Path out) throws IOException {
        return JSON.readTree(out.resolve("run.json").toFile());
    }

    private static void expectSameRun(Path resumed) throws IOException {
        for (String key : List.of("parameters_sha256", "optimizer_sha256", "run_id", "started", "test_loss")) {
            assertThat(record(resumed).get(key)).as(key).isEqualTo(record(run).get(key));
        }
        assertThat(Files.readAllLines(resumed.resolve("metrics.jsonl")))
                .hasSameSizeAs(Files.readAllLines(run.resolve("metrics.jsonl")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"status\" : \"runn", "", "null", "[]", "17", "\u0000\u0000"})
    void runJsonIsWrittenAnewFromTheCheckpoints(String damaged) throws IOException {
        Path copy = copy("record-" + damaged.hashCode() + "-" + damaged.length());
        Files.writeString(copy.resolve("run.json"), damaged);
        assertThat(resume(copy).expectDone().out())
                .contains("warning: ", "run.json is damaged; it is written anew, from the checkpoints")
                .contains("resuming after step 12");
        expectSameRun(copy);
    }

    @Test
    void runJsonMayBeMissing() throws IOException {
        Path copy = copy("no-record");
        Files.delete(copy.resolve("run.json"));
        resume(copy).expectDone();
        expectSameRun(copy);
    }

    @Test
    void aDamagedConfigurationIsNamedInsteadOf() throws IOException {
        Path copy = copy("no-configuration");
        Files.writeString(copy.resolve("config.resolved.conf"), "train {");
        resume(copy).expectError(5, "config.resolved.conf is damaged", "name the --conf it was instead");
        resume(copy, "--conf", run + "/config.resolved.conf").expectDone();
        Files.delete(copy.resolve("config.resolved.conf"));
        resume(copy).expectError(5, "config.resolved.conf is missing; name the --conf that the run was started with");
        resume(copy, "--conf", run + "/config.resolved.conf").expectDone();
        expectSameRun(copy);
    }

    /** A bit of the fingerprint, which would look like another run. */
    @Test
    void aFlippedBitInTheNewestStateIsPassedOver() throws IOException {
        Path copy = copy("flipped");
        Path state = copy.resolve(NEWEST + "state.json");
        Files.writeString(state, Files.readString(state).replace("\"seed\" : \"1\"", "\"seed\" : \"3\""));
        assertThat(resume(copy).expectDone().out())
                .contains("step-00000012 is damaged: state.json does not have the SHA-256", "resuming after step 8");
        expectSameRun(copy);
    }

    @Test
    void checkpointsOfAnotherLengthAreRefused() throws IOException {
        Path copy = copy("short");
        shorten(copy.resolve(NEWEST));
        assertThat(resume(copy).expectDone().out())
                .contains(
                        "step-00000012 holds 122 parameters and 246 values of optimizer state, but the network has 123")
                .contains("resuming after step 8");
        expectSameRun(copy);
        for (String checkpoint : List.of("step-00000004", "step-00000008", "step-00000012")) {
            shorten(copy.resolve("checkpoints").resolve(checkpoint));
        }
        String record = Files.readString(copy.resolve("run.json"));
        resume(copy).expectError(5, "step-00000012 holds 122 parameters", "none of the 3 here can be used");
        assertThat(copy.resolve("run.json")).hasContent(record);
    }

    @Test
    void aFolderThatAnotherProcessWritesIsRefused() throws IOException {
        Path copy = copy("in-use");
        String record = Files.readString(copy.resolve("run.json"));
        try (FolderLock lock = FolderLock.take(RunFolder.at(copy.toString(), new Configuration()))) {
            resume(copy).expectError(2, "/in-use is being written by another process", "choose another --out");
            lock.require();
        }
        assertThat(copy.resolve("run.json")).hasContent(record);
        resume(copy).expectDone();
    }

    @Test
    void aFolderThatIsDeletedWhileItIsWrittenEndsTheRun() throws Exception {
        Path copy = copy("deleted");
        Thread deletion = new Thread(() -> {
            await().until(() -> Files.exists(copy.resolve("checkpoints/step-00000100")));
            FileUtils.deleteQuietly(copy.toFile());
        });
        deletion.start();
        resume(copy, "train.iterations=1000000", "train.checkpoint-every=100", "train.exchange=local")
                .expectError(1, "/deleted was deleted or moved while it was being written");
        deletion.join();
        assertThat(copy).doesNotExist();
    }

    /** One parameter less, in a checkpoint that is whole. */
    private static void shorten(Path checkpoint) throws IOException {
        byte[] parameters = Files.readAllBytes(checkpoint.resolve("parameters.f32"));
        byte[] fewer = Arrays.copyOf(parameters, parameters.length - Float.BYTES);
        Files.write(checkpoint.resolve("parameters.f32"), fewer);
        Path file = checkpoint.resolve("state.json");
        ObjectNode state = (ObjectNode) JSON.readTree(file.toFile());
        state.putObject("parameters").put("bytes", fewer.length).put("sha256", TrainingState.sha256(fewer));
        state.remove("sha256");
        state.put("sha256", TrainingState.sha256(state.toString().getBytes(StandardCharsets.UTF_8)));
        Files.writeString(file, state.toString());
    }
}
