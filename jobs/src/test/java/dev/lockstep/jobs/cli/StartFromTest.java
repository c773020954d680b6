package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.driver.run.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that begin with another run's model. */
class StartFromTest {
    private static final int FIRST = 16 * 6 + 6;

    @TempDir
    private static Path folder;

    private static Path data;
    private static JsonNode first;

    @BeforeAll
    static void trainTheFirst() throws IOException {
        data = TinyData.write(folder.resolve("data"));
        first = train("first", "train.epochs=3");
    }

    private static JsonNode train(String name, String... settings) throws IOException {
        return Cli.trained(folder, name, settings(settings), "--master", "local[2]");
    }

    private static List<String> settings(String... more) {
        List<String> all = new ArrayList<>(TinyData.network(data));
        all.add("optimizer.learning-rate=0.01");
        all.addAll(List.of(more));
        return all;
    }

    private static String from(String run) {
        return "train.start-from=" + folder.resolve(run);
    }

    private static String layers(String hidden, String output) {
        return "network.layers=[{type=dense,units=6,activation=relu" + hidden + "},{type=output" + output + "}]";
    }

    private static float[] parameters(Path zip) throws IOException {
        return ModelFile.read("model", () -> Files.newInputStream(zip)).model().parameters();
    }

    private static float[] parameters(String run) throws IOException {
        return parameters(folder.resolve(run).resolve("model.zip"));
    }

    private static String hash(JsonNode run) {
        return run.path("parameters_sha256").asText();
    }

    @Test
    void aRunBeginsWhereAnotherEnded() throws IOException {
        JsonNode next = train("next", from("first"), "train.iterations=1", "optimizer={name=sgd,learning-rate=1e-30}");
        assertThat(hash(next)).isEqualTo(hash(first)).hasSize(64); // so small a step changes nothing
        assertThat(next.path("start_parameters_sha256").asText()).isEqualTo(hash(first));
        assertThat(first.has("start_parameters_sha256")).isFalse();
        assertThat(next.path("test_accuracy")).isEqualTo(first.path("test_accuracy"));
    }

    /** By the folder or by the file, and on any cluster: what counts are its parameters. */
    @Test
    void whereTheModelLiesSaysNothing() throws IOException {
        Path copy = Files.copy(folder.resolve("first/model.zip"), folder.resolve("copy.zip"));
        String a = hash(train("a", from("first"), "train.epochs=1"));
        String b = hash(Cli.trained(
                folder,
                "b",
                settings("train.start-from=" + copy, "train.epochs=1", "train.exchange=job"),
                "--master",
                "local[1]"));
        assertThat(a).isEqualTo(b).isNotIn(hash(first), hash(train("c", "train.epochs=1")));
    }

    @Test
    void itGoesOnFromTheSameModelAlone() throws IOException {
        String whole = hash(train("whole", from("first"), "train.epochs=3"));
        train("parted", from("first"), "train.epochs=1");
        train("other", "seed=2", "train.epochs=1");
        List<String> resume = List.of(
                "train",
                "--quiet",
                "--resume",
                "--master",
                "local[2]",
                "--out",
                folder.resolve("parted").toString());
        Cli.run(resume, settings(from("other"), "train.epochs=3").toArray(String[]::new))
                .expectError(5, "train.start-from (SHA-256) is " + hash(first), " there and ");
        Cli.run(resume, settings("train.epochs=3").toArray(String[]::new))
                .expectError(5, "train.start-from (SHA-256) is " + hash(first), " there and (absent) here");
        Cli.run(resume, settings(from("first"), "train.epochs=3").toArray(String[]::new))
                .expectDone();
        assertThat(hash(new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(folder.resolve("parted/run.json").toFile())))
                .isEqualTo(whole);
    }

    @Test
    void theFrozenStayAndTheFreshBeginAnew() throws IOException {
        train("transfer", from("first"), "seed=9", "train.epochs=2", layers(",frozen=true", ",fresh=true"));
        train("chance", "seed=9", "train.epochs=2");
        float[] before = parameters("first");
        float[] after = parameters("transfer");
        assertThat(Arrays.copyOf(after, FIRST)).isEqualTo(Arrays.copyOf(before, FIRST));
        float[] head = Arrays.copyOfRange(after, FIRST, after.length);
        assertThat(head).isNotEqualTo(Arrays.copyOfRange(before, FIRST, before.length));
        // Fresh is as the seed has it: without a step, the chance's own.
        String tiny = "optimizer={name=sgd,learning-rate=1e-30}";
        train("begun", from("first"), "seed=9", "train.iterations=1", tiny, layers("", ",fresh=true"));
        train("seeded", "seed=9", "train.iterations=1", tiny);
        assertThat(Arrays.copyOfRange(parameters("begun"), FIRST, before.length))
                .isEqualTo(Arrays.copyOfRange(parameters("seeded"), FIRST, before.length));
        assertThat(Arrays.copyOf(parameters("begun"), FIRST)).isEqualTo(Arrays.copyOf(before, FIRST));
    }

    @Test
    void aHeadOfAnotherKindIsFresh() throws IOException {
        String deeper = "network.layers=[{type=dense,units=6,activation=relu,learning-rate-scale=0.1},"
                + "{type=dense,units=5,activation=tanh,fresh=true},{type=output,fresh=true}]";
        JsonNode run = train("deeper", from("first"), "train.epochs=1", deeper);
        assertThat(run.path("parameters").asInt()).isEqualTo(FIRST + 6 * 5 + 5 + 5 * 3 + 3);
        assertThat(run.path("start_parameters_sha256").asText()).isEqualTo(hash(first));
    }

    private static void refused(int code, String layers, String from, String... fragments) {
        Cli.refused(folder, code, settings(layers, from), fragments);
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        String wider = "network.layers=[{type=dense,units=7,activation=relu},{type=output}]";
        refused(
                5,
                wider,
                from("first"),
                "train.start-from = " + folder.resolve("first")
                        + ": layer 0 (dense: W 16 x 7, b 7) does not fit the model's layer 0 (W 16 x 6, b 6);"
                        + " make it alike, or fresh = true to begin it anew");
        refused(
                5,
                "network.layers=[{type=output}]",
                from("first"),
                "layer 0 (output: W 16 x 3, b 3) does not fit the model's layer 0 (W 16 x 6, b 6)");
        refused(
                5,
                "network.layers=[{type=dense,units=6},{type=dense,units=3},{type=output}]",
                from("first"),
                "layer 2 (output: W 3 x 3, b 3) has no counterpart: the model has 2 layers with parameters");
    }

    @Test
    void aModelOfMoreLayersIsNotCutInSilence() throws IOException {
        String deep = "network.layers=[{type=dense,units=6,activation=relu},{type=dense,units=3},{type=output}]";
        train("deep", deep, "train.iterations=1");
        refused(
                5,
                "network.layers=[{type=dense,units=6,activation=relu},{type=dense,units=3},{type=loss}]",
                from("deep"),
                "the model's layer 2 W 3 x 3, b 3 has no counterpart: the network has 2 layers with parameters");
    }

    @Test
    void whatIsNoModelIsRefused() throws IOException {
        refused(5, layers("", ""), from("nowhere"), "there is no ", "nowhere; expected a run's folder with a finished");
        refused(5, layers("", ""), from("data"), "data/model.zip; expected a run's folder with a finished model");
        Path text = Files.writeString(folder.resolve("text.zip"), "no zip");
        refused(5, layers("", ""), "train.start-from=" + text, "text.zip: is ");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        refused(2, layers("", ",fresh=true"), "seed=1", "have one that is fresh", "train.start-from");
        refused(2, layers(",frozen=true", ",frozen=true"), "seed=1", "network.layers: are all frozen");
        refused(
                2,
                layers(",frozen=true,learning-rate-scale=2", ""),
                "seed=1",
                "network.layers[0].learning-rate-scale: is given of a layer that is frozen");
        refused(2, layers(",learning-rate-scale=0", ""), "seed=1", "expected a number above 0, found 0");
        refused(2, layers(",learning-rate-scale=2", ""), "optimizer={name=adadelta}", "adadelta has no learning rate");
        refused(2, layers(",frozn=true", ""), "seed=1", "did you mean 'frozen'");
    }
}
