package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns of numbers are scaled by constants that belong to the model. */
class ScalingTest {
    private static final int ROWS = 240;

    @TempDir
    static Path folder;

    /** Two columns that a network can do nothing with as they are, and a word; the same rows in one file and in seven. */
    @BeforeAll
    static void write() throws IOException {
        Random random = new Random(11);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            double x = 1e6 + 1000 * random.nextGaussian();
            double y = 1e-4 * random.nextGaussian();
            String kind = (x - 1e6) / 1000 > y / 1e-4 ? "above" : "below";
            rows.add("%s,%s,%s,%s,%s".formatted(i, x, random.nextBoolean() ? "hot" : "cold", y, kind));
        }
        parts("one", rows, 1);
        Collections.shuffle(rows, random);
        parts("seven", rows, 7);
    }

    private static void parts(String name, List<String> rows, int count) throws IOException {
        Path into = Files.createDirectories(folder.resolve(name + ".csv"));
        for (int i = 0; i < count; i++) {
            List<String> part = new ArrayList<>(List.of("id,x,air,y,kind"));
            part.addAll(rows.subList(i * ROWS / count, (i + 1) * ROWS / count));
            Files.write(into.resolve(i + ".csv"), part);
        }
    }

    private static List<String> settings(String name, String... more) {
        return Stream.concat(
                        Stream.of(
                                "data.format=csv",
                                "data.path=" + folder.resolve(name + ".csv"),
                                "data.columns.features=[x,air,y]",
                                "data.columns.one-hot=[air]",
                                "data.columns.label=kind",
                                "data.columns.id=id",
                                "data.scaling=standardise",
                                "network.input=[4]",
                                "network.classes=2",
                                "network.layers=[{type=output}]",
                                "optimizer.learning-rate=0.1",
                                "train.batch-size=24",
                                "train.shards=2",
                                "train.epochs=5"),
                        Stream.of(more))
                .toList();
    }

    private static Fitted fitted(String run) throws IOException {
        Path model = folder.resolve(run).resolve("model.zip");
        return ModelFile.read("m", () -> Files.newInputStream(model)).fitted();
    }

    @Test
    void itIsTheSameOfAnyPartitionsAndGoesWithTheModel() throws IOException {
        TreeSet<String> hashes = new TreeSet<>();
        for (String name : List.of("one", "seven")) {
            JsonNode run = Cli.trained(
                    folder, name, settings(name), "--master", name.equals("seven") ? "local[2]" : "local[1]");
            hashes.add(run.path("parameters_sha256").asText() + " "
                    + run.path("test_loss").asText());
            assertThat(run.path("test_accuracy").asDouble()).isGreaterThan(0.9);
        }
        assertThat(hashes).hasSize(1);
        Fitted fitted = fitted("one");
        assertThat(fitted).isEqualTo(fitted("seven"));
        assertThat(fitted.features()).containsExactly("x", "air", "y");
        assertThat(fitted.scaling().shift()[0]).isCloseTo(1e6f, within(300f));
        assertThat(fitted.scaling().factor()[0]).isCloseTo(1e-3f, within(3e-4f));
        assertThat(fitted.scaling().factor()[3]).isCloseTo(1e4f, within(3e3f));
        assertThat(fitted.scaling().shift()).contains(0, 0); // of the words
        assertThat(fitted.scaling().factor()).contains(1, 1);

        String model = folder.resolve("one").toString();
        Path rows = folder.resolve("rows.csv");
        Files.writeString(rows, "id,y,x,air,kind\n1,-3e-4,1003000,hot,above\n2,3e-4,997000,cold,below\n");
        Path out = folder.resolve("said.jsonl");
        Cli.run("predict", "--master", "local[1]", "--model", model, "--data", rows.toString(), "--out", out.toString())
                .expectDone();
        List<String> said = new ArrayList<>();
        for (String line : Cli.written(out)) {
            said.add(new ObjectMapper().readTree(line).path("predictedLabel").asText());
        }
        assertThat(said).containsExactly("above", "below");
        String evaluated = Cli.run("evaluate", "--master", "local[1]", "--model", model, "--data", rows.toString())
                .expectDone()
                .out();
        assertThat(evaluated).contains("accuracy 1.000000");
    }

    @Test
    void itIsAPartOfWhatIsResumedAndChangesTheResult() throws IOException {
        List<String> plain = settings("one", "data.scaling=none", "train.epochs=1");
        List<String> scaled = settings("one", "data.scaling=min-max", "train.epochs=1");
        Cli.trained(folder, "least", scaled, "--master", "local[1]");
        assertThat(fitted("least").scaling().factor()[0]).isBetween(1e-4f, 3e-4f);
        Cli.run(Stream.concat(
                                Stream.of("train", "--quiet", "--resume", "--master", "local[1]", "--out"),
                                Stream.concat(Stream.of(folder.resolve("least").toString()), plain.stream()))
                        .toList())
                .expectError(5, "data.scaling is min-max there and none here");
    }

    @Test
    void whatHasNoNumbersIsRefused() {
        Cli.refused(
                folder,
                3,
                settings("one", "data.columns.features=[air]", "network.input=[2]"),
                "one.csv has no features that data.scaling could scale: these are words");
        Cli.refused(
                folder,
                2,
                settings("one", "data.scaling=standard"),
                "data.scaling: expected one of none, standardise, min-max, found \"standard\"");
        Cli.refused(folder, 2, List.of("data.scaling=min-max"), "data.scaling: unknown key");
    }
}
