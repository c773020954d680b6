package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever looks at a model needs a model and what it is shown, and nothing else. */
class EvaluateAndPredictTest {
    @TempDir
    private Path folder;

    private Path data;
    private Path run;
    private RunConfig config;

    @BeforeEach
    void write() throws IOException {
        data = TinyData.write(folder.resolve("data"));
        run = Files.createDirectory(folder.resolve("run"));
        config = RunConfigParser.parse(RunConfigParser.override(ConfigFactory.empty(), TinyData.network(data)));
        float[] parameters = Networks.initialParameters(config.network(), 1);
        try (OutputStream out = Files.newOutputStream(run.resolve("model.zip"))) {
            ModelFile.write(config.network(), new TrainingState(1, parameters, new float[2 * parameters.length]), out);
        }
        Files.writeString(run.resolve("config.resolved.conf"), Hocon.text(config.resolved()));
    }

    private Cli evaluate(Path model, String... more) {
        return Cli.run(List.of("evaluate", "--master", "local[1]", "--model", model.toString()), more);
    }

    private String predicted(Path model, String... more) throws IOException {
        Path csv = folder.resolve("p.csv");
        Cli.run(List.of("predict", "--master", "local[1]", "--model", model.toString(), "--out", csv.toString()), more)
                .expectDone();
        String text = Files.readString(csv);
        Files.delete(csv);
        return text;
    }

    @Test
    void testExamplesAloneAreEnoughAndClassesOnlyForEvaluation() throws IOException {
        String whole = predicted(run);
        assertThat(whole.lines()).hasSize(1 + TinyData.TEST);
        String scores = evaluate(run).expectDone().out();
        assertThat(scores).contains("examples 60");

        Path test = Files.createDirectory(folder.resolve("test"));
        Files.copy(data.resolve(TinyData.TEST_IMAGES), test.resolve(TinyData.TEST_IMAGES));
        assertThat(predicted(run, "--data", test.toString())).isEqualTo(whole);
        evaluate(run, "--data", test.toString())
                .expectError(
                        3,
                        test
                                + " lacks t10k-labels-idx1-ubyte: expected t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte");

        Files.copy(data.resolve(TinyData.TEST_LABELS), test.resolve(TinyData.TEST_LABELS));
        assertThat(evaluate(run, "--data", test.toString()).expectDone().out()).isEqualTo(scores);
        Files.writeString(test.resolve(TinyData.TEST_LABELS), "damaged");
        assertThat(predicted(run, "--data", test.toString())).isEqualTo(whole);
    }

    @Test
    void aModelFileIsForItsRunsDataOrForWhatIsGiven() throws IOException {
        String scores = evaluate(run).expectDone().out();
        Path inItsRun = run.resolve("model.zip");
        assertThat(evaluate(inItsRun).expectDone().out()).isEqualTo(scores);
        Path alone = Files.copy(
                inItsRun, Files.createDirectory(folder.resolve("elsewhere")).resolve("m.zip"));
        evaluate(alone)
                .expectError(2, "--model " + alone, "nothing beside it says what data it is for; give --data DIR");
        assertThat(evaluate(alone, "--data", data.toString()).expectDone().out())
                .isEqualTo(scores);
        evaluate(alone, "--data", "bundled:fashion-mnist-12k")
                .expectError(
                        3,
                        "holds images of 1x28x28 but the network expects 1x4x4; give with --data what the model is for");
    }

    @Test
    void answersToFilesAreCsv() {
        Path out = folder.resolve("p.parquet");
        Cli.run("predict", "--master", "local[1]", "--model", run.toString(), "--out", out.toString())
                .expectError(2, "--out " + out + ": only a single network's answers to a table are written as parquet");
        Cli.run("predict", "--model", run.toString(), "--out", out.toString(), "--format", "xml")
                .expectError(2, "Invalid value for option '--format'", "CSV, PARQUET, JSONL");
    }

    @Test
    void nothingElseOfTheRunsConfigurationIsRead() throws IOException {
        String text = Hocon.text(config.resolved()) + "\ndata.weights = ${NOT_STORED}\nof.another.version = 1\n";
        Files.writeString(run.resolve("config.resolved.conf"), text);
        evaluate(run).expectDone();
    }

    /** Each parameter is a number, their sums are not: the loss is clipped, and the first class would be the answer. */
    @Test
    void answersThatAreNotFiniteAreRefused() throws IOException {
        float[] parameters = Networks.initialParameters(config.network(), 1);
        Arrays.fill(parameters, 3e38f);
        try (OutputStream out = Files.newOutputStream(run.resolve("model.zip"))) {
            ModelFile.write(config.network(), new TrainingState(1, parameters, new float[2 * parameters.length]), out);
        }
        String message = "--model " + run + ": not all of its answers are finite numbers";
        evaluate(run).expectError(5, message);
        Path csv = folder.resolve("p.csv");
        Cli.run(List.of("predict", "--master", "local[1]", "--model", run.toString(), "--out", csv.toString()))
                .expectError(5, message);
        assertThat(csv).doesNotExist();
    }
}
