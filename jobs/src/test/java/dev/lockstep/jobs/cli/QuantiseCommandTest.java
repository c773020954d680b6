package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command; what is in its file is Int8ParametersTest's. */
class QuantiseCommandTest {
    @TempDir
    private Path folder;

    @Test
    void bothModelsAreTold() throws IOException {
        List<String> network = TinyData.network(TinyData.write(folder.resolve("data")));
        JsonNode run = Cli.trained(folder, "run", network, "--master", "local[2]");
        Path small = folder.resolve("small.zip");
        List<String> quantise = List.of(
                "quantise",
                "--master",
                "local[2]",
                "--model",
                folder.resolve("run").toString(),
                "--out",
                small.toString());
        String told = Cli.run(quantise).expectDone().out();
        String accuracy =
                String.format(Locale.ROOT, "%.4f", run.path("test_accuracy").asDouble());
        assertThat(told)
                .matches("(?s)test accuracy \\d\\.\\d{4}, was " + accuracy + "; loss .*small.zip: .* bytes, .*");
        String evaluated = Cli.run(
                        "evaluate",
                        "--master",
                        "local[1]",
                        "--model",
                        small.toString(),
                        "--data",
                        folder.resolve("data").toString())
                .expectDone()
                .out();
        String now = evaluated
                .lines()
                .filter(line -> line.startsWith("accuracy"))
                .findFirst()
                .orElseThrow();
        assertThat(Double.parseDouble(now.split("\\s+")[1]))
                .isEqualTo(Double.parseDouble(told.split("[ ,]")[2]), org.assertj.core.api.Assertions.within(1e-4));
        Cli.run(quantise).expectError(2, "small.zip: exists already");
        assertThat(Files.size(small)).isLessThan(Files.size(folder.resolve("run/model.zip")));
    }
}
