package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.Pruning;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run begins with, of a model of 16 inputs, 6 hidden units and 3 classes. */
class StartingPointTest {
    private static final String HIDDEN = "{ type = dense, units = 6, activation = relu }";
    private static final String OUTPUT = "{ type = output }";
    private static final int FIRST = 16 * 6 + 6;
    private static final int ALL = FIRST + 6 * 3 + 3;

    @TempDir
    private Path folder;

    private Path zip;
    private float[] model;

    @BeforeEach
    void writeAModel() throws IOException {
        model = new float[ALL];
        for (int i = 0; i < ALL; i++) {
            model[i] = (i + 1) * (i % 2 == 0 ? 0.01f : -0.01f);
        }
        zip = write("model.zip", HIDDEN, OUTPUT);
    }

    private Path write(String name, String... layers) throws IOException {
        RunConfig config = config("", layers);
        float[] parameters =
                Arrays.copyOf(model, (int) Networks.size(config.network()).parameters());
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            ModelFile.write(config.network(), new TrainingState(1, parameters, new float[0]), out);
        }
        return file;
    }

    private static RunConfig config(String more, String... layers) {
        return RunConfigParser.parse(ConfigFactory.parseString("network { input = [1, 4, 4], classes = 3, layers = [\n"
                + String.join("\n", layers) + "\n] }\nseed = 5\n" + more));
    }

    private StartingPoint start(String more, String... layers) throws IOException {
        return StartingPoint.of(
                config("train.start-from = \"" + zip + "\"\n" + more, layers), new Configuration(false));
    }

    private static float[] chance(String more, String... layers) {
        return Networks.initialParameters(config(more, layers).network(), new SeedLaw(5).seed(Purpose.INITIAL_WEIGHTS));
    }

    @Test
    void itIsTheModels() throws IOException {
        StartingPoint start = start("", HIDDEN, OUTPUT);
        assertThat(start.parameters()).isEqualTo(model);
        assertThat(start.pruned()).isNull();
        assertThat(start.modelSha256()).isEqualTo(new TrainingState(0, model, new float[0]).parametersSha256());
        assertThat(StartingPoint.of(config("", HIDDEN, OUTPUT), new Configuration(false)))
                .isNull();
    }

    @Test
    void whatIsFreshIsBySeed() throws IOException {
        String fresh = "{ type = output, fresh = true }";
        StartingPoint start = start("", HIDDEN, fresh);
        float[] expected = chance("", HIDDEN, OUTPUT);
        System.arraycopy(model, 0, expected, 0, FIRST);
        assertThat(start.parameters()).isEqualTo(expected);
        assertThat(start.modelSha256()).isEqualTo(start("", HIDDEN, OUTPUT).modelSha256());
    }

    /** Layers without parameters have no part in it; behind a fresh end the model may have more. */
    @Test
    void aHeadOfAnotherKindIsFresh() throws IOException {
        String[] deeper = {
            HIDDEN, "{ type = dropout }", "{ type = dense, units = 5, fresh = true }", "{ type = output, fresh = true }"
        };
        float[] start = start("", deeper).parameters();
        assertThat(Arrays.copyOf(start, FIRST)).isEqualTo(Arrays.copyOf(model, FIRST));
        assertThat(start).hasSize(FIRST + 6 * 5 + 5 + 5 * 3 + 3);
        zip = write("deep.zip", HIDDEN, "{ type = dense, units = 3 }", OUTPUT);
        assertThat(Arrays.copyOf(
                        start("", HIDDEN, "{ type = output, fresh = true }").parameters(), FIRST))
                .isEqualTo(Arrays.copyOf(model, FIRST));
    }

    /** In a graph layers are paired in DL4J's order. */
    @Test
    void blocksAreTakenOver() throws IOException {
        String[] layers = {
            "{ type = residual, layers = [{ type = convolution, filters = 1, kernel = 3, padding = same }, { type = batch-norm }] }",
            OUTPUT
        };
        float[] before = model;
        model = chance("", layers);
        IntStream.range(0, model.length).forEach(i -> model[i] = 1 + i);
        zip = write("residual.zip", layers);
        assertThat(start("", layers).parameters()).isEqualTo(model).isNotEqualTo(before);
    }

    @Test
    void theSmallestWeightsArePruned() throws IOException {
        StartingPoint start = start("train.prune = 0.25", HIDDEN, OUTPUT);
        assertThat(start.pruned()).isEqualTo(new Pruning.Outcome(28, 114));
        float[] expected = model.clone();
        Arrays.fill(expected, 0, 28, 0); // sizes ascend from the first
        assertThat(start.parameters()).isEqualTo(expected);
        String frozen = "{ type = dense, units = 6, activation = relu, frozen = true }";
        assertThat(start("train.prune = 0.5", frozen, OUTPUT).pruned()).isEqualTo(new Pruning.Outcome(9, 18));
    }

    /** What a run is known by is what it begins with, though the model's file is written anew meanwhile. */
    @Test
    void aModelIsReadOnce() throws IOException {
        RunConfig config = config(
                "train.start-from = \"" + zip
                        + "\"\ndata { format = generated, generated { rule = images, train = 20, test =" + " 10 } }",
                HIDDEN,
                OUTPUT);
        Configuration hadoop = new Configuration(false);
        Dataset dataset = Dataset.open(
                config.data(), config.network().input(), config.network().target(), hadoop);
        Resumption resumption = new Resumption(
                config, dataset, RunFolder.at(folder.resolve("run").toString(), hadoop));
        assertThat(StartingPoint.sha256(config, hadoop)).isEqualTo(resumption.startSha256());
        float[] before = model.clone();
        model[0] = 7;
        write("model.zip", HIDDEN, OUTPUT);
        assertThat(StartingPoint.sha256(config, hadoop)).isNotEqualTo(resumption.startSha256());
        StartingPoint taken = resumption.takeStart();
        assertThat(taken.modelSha256()).isEqualTo(resumption.startSha256());
        assertThat(taken.parameters()).isEqualTo(before);
        assertThat(resumption.takeStart()).as("given up").isNull();
        assertThat(StartingPoint.sha256(config("", HIDDEN, OUTPUT), hadoop)).isNull();
    }

    private void refused(String line, String more, String... layers) {
        assertThatThrownBy(() -> start(more, layers))
                .isInstanceOf(ModelException.class)
                .hasMessage("train.start-from = " + zip + ": " + line);
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        refused(
                "layer 0 (dense: W 16 x 7, b 7) does not fit the model's layer 0 (W 16 x 6, b 6); make it alike, or"
                        + " fresh = true to begin it anew",
                "",
                "{ type = dense, units = 7 }",
                OUTPUT);
        refused(
                "layer head (output: W 3 x 3, b 3) has no counterpart: the model has 2 layers with parameters; fresh ="
                        + " true begins it anew",
                "",
                HIDDEN,
                "{ type = dense, units = 3 }",
                "{ type = output, name = head }");
        refused(
                "layer 0 (dense) has no weight left: all 96 are among the smallest; prune less, or freeze the layer",
                "train.prune = 0.9",
                HIDDEN,
                OUTPUT);
        zip = write("deep.zip", HIDDEN, "{ type = dense, units = 3 }", OUTPUT);
        refused(
                "the model's layer 2 W 3 x 3, b 3 has no counterpart: the network has 2 layers with parameters;"
                        + " expected 3",
                "",
                HIDDEN,
                "{ type = dense, units = 3 }",
                "{ type = loss }");
    }

    @Test
    void whatIsNoModelIsSaid() throws IOException {
        Path model = zip;
        zip = folder.resolve("nowhere");
        refused(
                "there is no " + zip.toUri().toString().replace("file:///", "file:/")
                        + "; expected a run's folder with a finished model, or a model file",
                "",
                HIDDEN,
                OUTPUT);
        zip = Files.write(folder.resolve("cut.zip"), Arrays.copyOf(Files.readAllBytes(model), 50));
        assertThatThrownBy(() -> start("", HIDDEN, OUTPUT))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("train.start-from = " + zip + ": ");
    }
}
