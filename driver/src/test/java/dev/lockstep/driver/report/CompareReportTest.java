package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareReportTest {
    @TempDir
    private Path directory;

    private RunFolder folder(String name) {
        return RunFolder.at(directory.resolve(name).toString(), new Configuration());
    }

    private void run(String name, String rate, double accuracy, String hash) throws IOException {
        Path run = Files.createDirectories(directory.resolve(name));
        Files.writeString(run.resolve("run.json"), """
                {"status": "finished", "steps": 20, "epochs": 2, "training_seconds": 3.456, "parameters": 130,
                 "test_accuracy": %s, "test_loss": 0.5, "parameters_sha256": "%s"}""".formatted(accuracy, hash));
        Files.writeString(run.resolve("metrics.jsonl"), """
                {"split": "train", "epoch": 0, "step": 1, "loss": 2, "accuracy": 0.5, "learning_rate": 0.1}
                {"split": "test", "epoch": 0, "step": 1, "loss": 1, "accuracy": 0.95, "learning_rate": null}
                {"split": "test", "epoch": 0, "step": 2, "loss": 1, "accuracy": 0.9, "learning_rate": null}
                """);
        Files.writeString(
                run.resolve("config.resolved.conf"), """
                name = %s
                network { classes = 2, layers = [{ type = output, loss = cross-entropy }] }
                optimizer.learning-rate = %s
                """.formatted(Path.of(name).getFileName(), rate));
    }

    private CompareReport compared(String... names) throws IOException {
        List<ComparedRun> runs = new ArrayList<>();
        for (String name : names) {
            runs.addAll(ComparedRun.in(folder(name)));
        }
        return new CompareReport(runs);
    }

    @Test
    void showsRunsSideBySide() throws IOException {
        run("a", "0.1", 0.91, "aaaabbbbccccdddd");
        run("b", "0.2", 0.92, "eeee");
        run("c", "0.1", 0.91, "aaaabbbbccccdddd");
        Files.createDirectories(directory.resolve("out/page"));

        CompareReport report = compared("a", "b", "c");
        report.write(folder("out/page"));

        assertThat(report.equal()).containsExactly(java.util.Map.entry("aaaabbbbccccdddd", List.of("a", "c")));
        assertThat(report.differences())
                .containsExactly(java.util.Map.entry("optimizer.learning-rate", List.of("0.1", "0.2", "0.1")));
        assertThat(Files.readString(directory.resolve("out/page/report.html")))
                .contains("<title>Comparison of 3 runs</title>")
                .contains(
                        "<a href=\"../../a/report.html\">a</a></th><td>finished</td><td data-key=\"0.91\">91.00 %</td>"
                                + "<td data-key=\"0.95\">95.00 %</td>")
                .contains("<td data-key=\"3.456\">3.46 s</td>")
                .contains("a, c: the same parameters to the bit, SHA-256 <code title=\"aaaabbbbccccdddd\"")
                .contains("<tr><th scope=\"row\">optimizer.learning-rate</th><td>0.1</td><td>0.2</td><td>0.1</td></tr>")
                .contains("<figcaption>Test accuracy</figcaption>", "data-name=\"b\" data-style=\"dots\"");
    }

    @Test
    void isMadeAnewOfItsRunsAsTheyAreNow() throws IOException {
        run("x/a", "0.1", 0.91, "1");
        run("y/a", "0.2", 0.92, "2");
        compared("x/a", "y/a").write(folder("out"));
        String before = Files.readString(directory.resolve("out/report.html"));
        assertThat(CompareReport.isOne(folder("out"))).isTrue();
        assertThat(CompareReport.isOne(folder("x/a"))).isFalse();

        Files.delete(directory.resolve("out/report.html"));
        CompareReport.read(folder("out"), new Configuration()).write(folder("out"));

        assertThat(directory.resolve("out/report.html")).hasContent(before);
        run("y/a", "0.2", 0.75, "2");
        CompareReport.read(folder("out"), new Configuration()).write(folder("out"));
        assertThat(directory.resolve("out/report.html")).content().contains("75.00 %", ">a (2)</a>");
        Files.delete(directory.resolve("y/a/run.json"));
        assertThatThrownBy(() -> CompareReport.read(folder("out"), new Configuration()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("y/a: holds no run");
        Files.writeString(directory.resolve("out/compare.json"), "{\"runs\": [{\"name\": \"a\"}]}");
        assertThatThrownBy(() -> CompareReport.read(folder("out"), new Configuration()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("compare.json: is damaged: a run has no name or no folder");
    }

    @Test
    void takesTheTrialsOfASweepAndRunsOfOneName() throws IOException {
        run("sweep/trials/t1", "0.1", 0.9, "1");
        run("sweep/trials/t2", "0.2", 0.9, "2");
        Files.writeString(
                directory.resolve("sweep/trials.jsonl"),
                "{\"trial\": \"t1\", \"status\": \"finished\"}\n{\"trial\": \"t2\", \"status\": \"finished\"}\n"
                        + "{\"trial\": \"t3\", \"status\": \"failed\"}\n");
        run("x/a", "0.1", 0.9, "3");
        run("y/a", "0.1", 0.9, "4");

        assertThat(compared("sweep", "x/a", "y/a").runs())
                .extracting(ComparedRun::name)
                .containsExactly("sweep/t1", "sweep/t2", "a", "a (2)");
        assertThatThrownBy(() -> compared("x"))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("file:" + directory.resolve("x") + ": holds no run: expected a run.json in it");
    }
}
