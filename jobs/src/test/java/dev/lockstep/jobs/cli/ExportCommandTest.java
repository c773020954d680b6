package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;

/** The command; what is in its file is OnnxTest's. */
class ExportCommandTest {
    private static final Map<String, List<String>> WORDS = Map.of("y", List.of("\"ant\"", "bee", "cat"));

    @TempDir
    private Path folder;

    private Path run;
    private Path file;

    @BeforeEach
    void write() throws IOException {
        run = Files.createDirectory(folder.resolve("run"));
        file = folder.resolve("new/of/model.onnx");
        RunConfig config =
                RunConfigParser.parse(RunConfigParser.override(ConfigFactory.empty(), TinyData.network(folder)));
        float[] parameters = Networks.initialParameters(config.network(), 1);
        try (OutputStream out = Files.newOutputStream(run.resolve("model.zip"))) {
            ModelFile.write(
                    config.network(),
                    new TrainingState(1, parameters, new float[0]),
                    new Fitted(List.of("x"), WORDS, Scaling.NONE),
                    out);
        }
    }

    private Cli export(Path model) {
        return Cli.run("export", "--model", model.toString(), "--onnx", file.toString());
    }

    @Test
    void aRunOrItsModelFileIsWritten() throws IOException {
        assertThat(export(run).expectDone().out())
                .isEqualTo("image [batch, 1, 4, 4] to probabilities [batch, 3], logits [batch, 3] (ONNX, opset 13) in "
                        + file + System.lineSeparator());
        byte[] written = Files.readAllBytes(file);
        ModelProto read = ModelProto.parseFrom(written);
        assertThat(read.getGraph().getNodeCount()).isEqualTo(7);
        assertThat(read.getMetadataPropsList().stream().map(said -> said.getKey() + " " + said.getValue()))
                .containsExactly(
                        "objective classification",
                        "words {\"y\":[\"\\\"ant\\\"\",\"bee\",\"cat\"]}",
                        "features [\"x\"]");
        try (Stream<Path> beside = Files.list(file.getParent())) {
            assertThat(beside).containsExactly(file);
        }
        Files.delete(file);
        export(run.resolve("model.zip")).expectDone();
        assertThat(file).hasBinaryContent(written);
    }

    @Test
    void nothingIsOverwritten() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "mine");
        export(run).expectError(2, "--onnx " + file + ": exists already; choose another name");
        assertThat(file).hasContent("mine");
    }

    @Test
    void aModelThatCannotBeReadOrWrittenLeavesNothing() throws IOException {
        export(folder.resolve("none")).expectError(5, "--model " + folder + "/none: there is no file:");
        Files.writeString(run.resolve("ensemble.json"), "{}");
        export(run).expectError(2, "--model " + run + ": is an ensemble of several networks");
        MultiLayerNetwork stock = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list(
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(3)
                                .activation(Activation.SWISH)
                                .build(),
                        new OutputLayer.Builder()
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build())
                .build());
        stock.init();
        Path zip = folder.resolve("stock.zip");
        stock.save(zip.toFile());
        export(zip)
                .expectError(
                        2,
                        "--model " + zip + ": its layer '0' (DenseLayer) cannot be written as ONNX: no operators are"
                                + " known for the activation swish");
        assertThat(folder.resolve("new")).doesNotExist();
        Files.writeString(folder.resolve("new"), "a file");
        export(zip.resolveSibling("run/model.zip")).expectError(2, "cannot make the folder");
    }

    @Test
    void whatIsMissingIsAskedFor() {
        Cli.run("export", "--onnx", "x").expectError(2, "Missing required option: '--model=RUN_OR_ZIP'");
        Cli.run("export", "--model", "x").expectError(2, "Missing required option: '--onnx=FILE'");
        assertThat(List.of(folder.resolve("new"))).noneMatch(Files::exists);
    }
}
