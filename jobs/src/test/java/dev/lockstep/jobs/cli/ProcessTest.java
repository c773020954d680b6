package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What needs a process of its own: a limit on files, a long wait. */
class ProcessTest {
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    @TempDir
    private static Path folder;

    private static Path data;
    private static Process fullDisk;
    private static Process unreachable;
    private static Process submitted;

    @BeforeAll
    static void start() throws IOException {
        data = TinyData.write(folder.resolve("data"));
        // Files end at 100 KiB, as they do on a full disk: the checkpoint's larger array does not get on it.
        fullDisk = lockstep(
                "full",
                "ulimit -f 100; exec \"$@\"",
                "--master",
                "local[1]",
                "train.iterations=1",
                "network.layers=[{type=dense,units=1000},{type=output}]");
        unreachable = lockstep("unreachable", "exec \"$@\"", "--master", "spark://127.0.0.1:1");
        submitted = submit("submitted");
    }

    @AfterAll
    static void stop() {
        fullDisk.destroyForcibly();
        unreachable.destroyForcibly();
        submitted.destroyForcibly();
    }

    private static Process lockstep(String name, String shell, String... more) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("bash", "-c", shell, "bash", System.getProperty("java.home") + "/bin/java"));
        command.addAll(List.of(
                "@" + Path.of("..", "conf", "java-options").toAbsolutePath(),
                "-Xmx1g",
                "-XX:-UsePerfData",
                "-Dlog4j2.configurationFile="
                        + Path.of("..", "conf", "log4j2.properties").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.lockstep.jobs.Main",
                "train",
                "--out",
                folder.resolve(name).toString()));
        command.addAll(TinyData.network(data));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
    }

    /** As spark-submit of an installation in which nobody configured logging. */
    private static Process submit(String name) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + "/bin/java",
                "@" + Path.of("..", "conf", "java-options").toAbsolutePath(),
                "-Xmx1g",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                "org.apache.spark.deploy.SparkSubmit",
                "--master",
                "local[1]",
                "--class",
                "dev.lockstep.jobs.Main",
                "spark-internal",
                "train",
                "--out",
                folder.resolve(name).toString()));
        command.addAll(TinyData.network(data));
        command.add("train.iterations=3");
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve(name + ".out").toFile())
                .redirectError(folder.resolve(name + ".err").toFile())
                .start();
    }

    private static List<String> errors(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name + ".err")).stream()
                .filter(line -> line.startsWith("lockstep: "))
                .toList();
    }

    private static void expectExit(Process process, int code, String name) throws Exception {
        assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .as(name + " ended")
                .isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve(name + ".err")))
                .isEqualTo(code);
    }

    @Test
    void aFullDiskEndsTheRunAndLeavesNothingHalfWritten() throws Exception {
        expectExit(fullDisk, 1, "full");
        Path run = folder.resolve("full");
        assertThat(errors("full"))
                .singleElement()
                .asString()
                .isEqualTo("lockstep: cannot write file:" + run + "/checkpoints/.step-00000000/optimizer.f32: File too"
                        + " large; make room or choose another --out, then --resume");
        assertThat(Files.readString(run.resolve("run.json")))
                .contains("\"failed\"", "\"exit_code\" : 1", "File too large");
        assertThat(run.resolve("checkpoints")).isEmptyDirectory();
        assertThat(run.resolve("model.zip")).doesNotExist();
    }

    @Test
    void underSparkSubmitTheProgressIsNotBuriedInSparksLog() throws Exception {
        expectExit(submitted, 0, "submitted");
        String seen =
                Files.readString(folder.resolve("submitted.out")) + Files.readString(folder.resolve("submitted.err"));
        assertThat(seen).contains("test accuracy").doesNotContain(" INFO ", "Using Spark's default log4j profile");
        assertThat(folder.resolve("submitted/train.log")).exists();
    }

    @Test
    void aMasterThatDoesNotAnswerIsGivenUp() throws Exception {
        expectExit(unreachable, 2, "unreachable");
        assertThat(errors("unreachable")).singleElement().asString().contains("--master spark://127.0.0.1:1");
    }
}
