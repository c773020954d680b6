package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

/** Numbers, labels and sequences through the same commands as classes, and the same bits on every shape. */
class ObjectivesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private JsonNode train(String name, List<String> settings, String... shape) throws IOException {
        return Cli.trained(folder, name, settings, shape);
    }

    /** On one thread, three, by each exchange: one hash. */
    private JsonNode onEveryShape(List<String> settings) throws IOException {
        Set<String> hashes = new TreeSet<>();
        JsonNode run = null;
        int number = 0;
        for (String[] shape : new String[][] {
            {"--master", "local[1]"},
            {"--master", "local[3]"},
            {"--master", "local[2]", "train.exchange=job"},
            {"--master", "local[2]", "train.exchange=local"}
        }) {
            run = train("run-" + number++, settings, shape);
            hashes.add(run.path("parameters_sha256").asText() + " "
                    + run.path("optimizer_sha256").asText() + " "
                    + run.path("test_loss").asText());
        }
        assertThat(hashes).hasSize(1);
        return run;
    }

    private Path table(int rows, long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("a,b,c,y,l0,l1,row\n");
        for (int i = 0; i < rows; i++) {
            double a = random.nextGaussian();
            double b = random.nextGaussian();
            double c = random.nextGaussian();
            double noise = random.nextGaussian();
            csv.append(String.format(
                    Locale.ROOT,
                    "%.6f,%.6f,%.6f,%.6f,%d,%d,%d%n",
                    a,
                    b,
                    c,
                    3 * a + 2 * b - c + 2 * noise,
                    a > 0 ? 1 : 0,
                    a + b > 0.5 ? 1 : 0,
                    i));
        }
        return Files.writeString(folder.resolve("table-" + rows + ".csv"), csv);
    }

    private static List<String> ofTable(Path table, String label, String objective, String... more) {
        return Stream.concat(
                        Stream.of(
                                "data.format=csv",
                                "data.path=" + table,
                                "data.columns.features=[a,b,c]",
                                "data.columns.label=" + label,
                                "data.columns.id=row",
                                "train.objective=" + objective,
                                "network.input=[3]",
                                "train.batch-size=40",
                                "train.shards=4",
                                "optimizer.learning-rate=0.02"),
                        Stream.of(more))
                .toList();
    }

    /** The variance of 3a + 2b - c is 14, that of the noise 4: no rule explains more than 14/18. */
    @Test
    void aTableWithAKnownR2() throws IOException {
        JsonNode run = train(
                "known",
                ofTable(
                        table(20_000, 1),
                        "y",
                        "regression",
                        "network.layers=[{type=output}]",
                        "train.epochs=3",
                        "data.test-fraction=0.25"),
                "--master",
                "local[2]");
        assertThat(run.path("test_r2").asDouble()).isCloseTo(14 / 18.0, within(0.015));
        assertThat(run.path("test_rmse").asDouble()).isCloseTo(2, within(0.06));
        assertThat(run.path("test_loss").asDouble())
                .as("half the mean square")
                .isCloseTo(Math.pow(run.path("test_rmse").asDouble(), 2) / 2, within(1e-5));
        assertThat(run.path("test_accuracy").isNull()
                        || run.path("test_accuracy").isMissingNode())
                .isTrue();
    }

    @Test
    void regressionIsTheSameBitsOnEveryShapeAndStockDl4jRestoresIt() throws IOException {
        JsonNode run = onEveryShape(ofTable(
                table(700, 2),
                "y",
                "regression",
                "network.layers=[{type=dense,units=8,activation=tanh},{type=output}]",
                "train.iterations=20"));
        assertThat(run.path("test_r2").asDouble()).isBetween(0.2, 0.85);
        String evaluated = Cli.run(
                        "evaluate",
                        "--master",
                        "local[2]",
                        "--model",
                        folder.resolve("run-0").toString())
                .expectDone()
                .out();
        assertThat(evaluated).contains("rmse", "mae", "r2").doesNotContain("confusion", "accuracy");
        Path csv = folder.resolve("answers.csv");
        Cli.run(
                        "predict",
                        "--master",
                        "local[2]",
                        "--model",
                        folder.resolve("run-0").toString(),
                        "--data",
                        table(30, 3).toString(),
                        "--out",
                        csv.toString())
                .expectDone();
        List<String> answers = Cli.written(csv);
        MultiLayerNetwork stock = ModelSerializer.restoreMultiLayerNetwork(
                folder.resolve("run-0/model.zip").toFile(), false);
        List<String> rows = Files.readAllLines(folder.resolve("table-30.csv"));
        assertThat(answers).hasSize(30);
        for (int i = 0; i < 30; i++) {
            String[] cells = rows.get(1 + i).split(",");
            String[] answer = answers.get(i).split(",");
            float output = stock.output(Nd4j.createFromArray(new float[][] {
                        {Float.parseFloat(cells[0]), Float.parseFloat(cells[1]), Float.parseFloat(cells[2])}
                    }))
                    .getFloat(0);
            assertThat(answer).hasSize(2);
            assertThat(answer[0]).isEqualTo(cells[6]);
            assertThat(Float.parseFloat(answer[1])).as("stock DL4J's").isCloseTo(output, within(1e-5f));
        }
    }

    @Test
    void labelsAreTheSameBitsOnEveryShape() throws IOException {
        JsonNode run = onEveryShape(ofTable(
                table(700, 4),
                "[l0,l1]",
                "multi-label",
                "network.layers=[{type=dense,units=8,activation=tanh},{type=output}]",
                "train.iterations=40"));
        assertThat(run.path("test_exact_match").asDouble()).isGreaterThan(0.7);
        assertThat(run.path("test_auc").asDouble()).isGreaterThan(0.95);
        assertThat(Cli.run(
                                "evaluate",
                                "--master",
                                "local[2]",
                                "--model",
                                folder.resolve("run-0").toString())
                        .expectDone()
                        .out())
                .contains("exact match", "micro f1", "auc", "precision");
    }

    /** Of 1 to 7 steps each: padded, masked, averaged over the steps that are theirs. */
    @Test
    void sequencesOfUnequalLengthsAreTheSameBitsOnEveryShape() throws IOException {
        JsonNode run = onEveryShape(List.of(
                "data.format=generated",
                "data.generated.rule=sequences",
                "data.generated.train=400",
                "data.generated.test=100",
                "data.generated.steps=7",
                "network.input=[time,3]",
                "network.classes=3",
                "network.layers=[{type=mean-over-time},{type=dense,units=8,activation=tanh},{type=output}]",
                "train.batch-size=20",
                "train.shards=4",
                "train.iterations=60",
                "optimizer.learning-rate=0.05"));
        assertThat(run.path("test_accuracy").asDouble()).isGreaterThan(0.7);
    }

    /** Through recurrent layers both ways and attention, each step told for itself, tokens counted; and gone on with in mid-epoch. */
    @Test
    void sequencesToldStepByStepAreTheSameBitsOnEveryShapeAndWhenResumed() throws IOException {
        List<String> settings = List.of(
                "data.format=generated",
                "data.generated.rule=reverse",
                "data.generated.train=200",
                "data.generated.test=60",
                "data.generated.steps=5",
                "network.input=[time,1]",
                "network.classes=4",
                "network.layers=[{type=embedding,vocabulary=4,units=6},{type=convolution-1d,filters=6,kernel=3},"
                        + "{type=gru,units=3,direction=both},{type=positional-encoding},"
                        + "{type=transformer-block,heads=3,units=8,dropout=0.1},"
                        + "{type=lstm,units=8},{type=output}]",
                "train.batch-size=20",
                "train.shards=4",
                "train.average-over=tokens",
                "train.iterations=33",
                "optimizer.learning-rate=0.02");
        JsonNode run = onEveryShape(settings);
        assertThat(run.path("test_accuracy").asDouble()).isGreaterThan(0.3);
        assertThat(run.path("test_perplexity").asDouble()).isBetween(1.0, 4.0);
        assertThat(run.has("test_whole_sequences")).isTrue();
        List<String> shorter = new ArrayList<>(settings);
        shorter.set(settings.indexOf("train.iterations=33"), "train.iterations=7"); // of 10 an epoch
        train("resumed", shorter, "--master", "local[1]");
        Path resumed = folder.resolve("resumed");
        Cli.run(
                        "train",
                        "--resume",
                        "--quiet",
                        "--master",
                        "local[2]",
                        "--out",
                        resumed.toString(),
                        "train.iterations=33")
                .expectDone();
        JsonNode again = new ObjectMapper().readTree(resumed.resolve("run.json").toFile());
        assertThat(again.path("parameters_sha256")).isEqualTo(run.path("parameters_sha256"));
        assertThat(again.path("optimizer_sha256")).isEqualTo(run.path("optimizer_sha256"));
        Path csv = folder.resolve("steps.csv");
        Cli.run("predict", "--master", "local[2]", "--model", resumed.toString(), "--out", csv.toString())
                .expectDone();
        assertThat(Files.readAllLines(csv).get(0)).isEqualTo("index,step,predicted,p0,p1,p2,p3");
    }

    /** From a word each of those around it, or from these the word: gradients of rows of an embedding, on any cluster. */
    @ParameterizedTest
    @ValueSource(strings = {"neighbours", "middle"})
    void vectorsOfWordsAreTheSameBitsOnEveryShape(String task) throws IOException {
        JsonNode run = onEveryShape(List.of(
                "data.format=text",
                "data.path=\"bundled:made-up-realms\"",
                "data.text.lines=true",
                "data.text.task=" + task,
                "data.text.steps=4",
                "data.train-limit=4000",
                "data.test-limit=200",
                "network.input=[time,1]",
                "network.classes=180",
                "network.layers=[{type=embedding,vocabulary=180,units=16},{type=mean-over-time},{type=output}]",
                "train.batch-size=100",
                "train.shards=5",
                "train.iterations=40",
                "optimizer.learning-rate=0.02"));
        assertThat(run.path("test_loss").asDouble()).isLessThan(Math.log(180) - 0.3);
    }

    /** A text that says the same over and over is learnt by heart, and gone on with. */
    @Test
    void textIsLearntByHeartAndGoneOnWith() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "one two, three four; ".repeat(60));
        JsonNode run = train(
                "text",
                List.of(
                        "data.format=text",
                        "data.path=" + text,
                        "data.text.steps=4",
                        "network.input=[time,1]",
                        "network.classes=12",
                        "network.layers=[{type=embedding,vocabulary=12,units=6},"
                                + "{type=transformer-block,heads=2,units=8,mask=causal,dropout=0.1},{type=output}]",
                        "train.batch-size=20",
                        "train.shards=4",
                        "train.iterations=40",
                        "optimizer.learning-rate=0.02"),
                "--master",
                "local[2]");
        assertThat(run.path("test_accuracy").asDouble()).isEqualTo(1);
        String model = folder.resolve("text").toString();
        assertThat(Cli.run("generate", "--model", model, "--prompt", "one two", "--length", "4")
                        .expectDone()
                        .out())
                .isEqualToIgnoringNewLines("one two, three four;");
        assertThat(Cli.run("generate", "--model", model, "--prompt", "one", "--choices", "2")
                        .expectDone()
                        .out())
                .matches("0\\.[5-9]\\d* two\\R0\\.\\d+ \\S+\\R");
        assertThat(Cli.run("generate", "--model", model, "--prompt", "one", "--beams", "3", "--length", "3")
                        .expectDone()
                        .out())
                .isEqualToIgnoringNewLines("one two, three");
        Cli.run("generate", "--model", model).expectError(2, "--prompt: is missing");
        Path csv = folder.resolve("text.csv");
        Path other = Files.writeString(folder.resolve("other.txt"), "four; one");
        Cli.run(
                        "predict",
                        "--master",
                        "local[2]",
                        "--model",
                        model,
                        "--data",
                        other.toString(),
                        "--out",
                        csv.toString())
                .expectDone();
        assertThat(Files.readAllLines(csv)).hasSize(3).element(1).asString().matches("0,0,\\d+,;,.*");
        assertThat(Files.readAllLines(csv).get(0)).startsWith("index,step,predicted,token,p0,p1");
        Path alone = Files.copy(folder.resolve("text/model.zip"), folder.resolve("alone.zip"));
        assertThat(Cli.run("evaluate", "--master", "local[2]", "--model", alone.toString(), "--data", text.toString())
                        .expectDone()
                        .out())
                .contains("accuracy 1.000000", "examples 90"); // 359 tokens, by fours
    }

    /** Letters and, to be told, the same in capitals, backwards: the state at the mark knows what led in. */
    @Test
    void pairsOfLinesAreToldFromEachOther() throws IOException {
        List<String> lines = new ArrayList<>();
        List<String> targets = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 400; i++) {
            String line = "abc".charAt(random.nextInt(3)) + " " + "abc".charAt(random.nextInt(3));
            lines.add(line);
            targets.add(new StringBuilder(line).reverse().toString().toUpperCase(Locale.ROOT));
        }
        Path source = Files.write(folder.resolve("source.txt"), lines);
        Path target = Files.write(folder.resolve("target.txt"), targets);
        train(
                "pairs",
                List.of(
                        "data.format=text",
                        "data.path=" + source,
                        "data.text.target-path=" + target,
                        "network.input=[time,1]",
                        "network.classes=10",
                        "network.weight-init=xavier",
                        "network.layers=[{type=embedding,vocabulary=10,units=8},{type=gru,units=16},{type=output}]",
                        "train.batch-size=40",
                        "train.shards=1",
                        "train.exchange=local",
                        "train.average-over=tokens",
                        "train.iterations=120",
                        "optimizer.learning-rate=0.05"),
                "--master",
                "local[2]");
        String model = folder.resolve("pairs").toString();
        Path few = Files.write(folder.resolve("few.txt"), List.of("a b", "c a", "b b"));
        Path wanted = Files.write(folder.resolve("wanted.txt"), List.of("B A", "A C", "B B"));
        Path out = folder.resolve("told.txt");
        assertThat(Cli.run(
                                "generate",
                                "--model",
                                model,
                                "--input",
                                few.toString(),
                                "--out",
                                out.toString(),
                                "--reference",
                                wanted.toString())
                        .expectDone()
                        .out())
                .contains("3 lines in", "BLEU 0.00"); // no run of four tokens
        assertThat(Files.readAllLines(out)).containsExactly("B A", "A C", "B B");
        assertThat(Cli.run("generate", "--model", model, "--prompt", "c b", "--beams", "2")
                        .expectDone()
                        .out())
                .isEqualToIgnoringNewLines("B C");
        Path alone = Files.copy(folder.resolve("pairs/model.zip"), folder.resolve("alone.zip"));
        assertThat(Cli.run("generate", "--model", alone.toString(), "--prompt", "c b")
                        .expectDone()
                        .out())
                .isEqualToIgnoringNewLines("B C");
        for (String pairs : List.of(model, alone.toString())) {
            Cli.run("evaluate", "--master", "local[2]", "--model", pairs, "--data", few.toString())
                    .expectError(2, "--data " + few + ": is one text, and the network tells pairs", "--reference FILE");
        }
        whatCannotBeToldIsSaidBeforeAnythingIs(model, few);
    }

    private void whatCannotBeToldIsSaidBeforeAnythingIs(String model, Path few) throws IOException {
        Path out = folder.resolve("none.txt");
        Path two = Files.write(folder.resolve("two.txt"), List.of("B A", "A C"));
        List<String> generate = List.of("generate", "--model", model, "--out", out.toString());
        Cli.run(generate, "--input", few.toString(), "--reference", two.toString())
                .expectError(3, "--reference " + two + ": has 2 lines, --input 3; expected as many");
        Path gap = Files.write(folder.resolve("gap.txt"), List.of("a b", "", "b b"));
        Cli.run(generate, "--input", gap.toString())
                .expectError(3, "--input " + gap + ", line 2: is empty; expected at least a token");
        assertThat(out).doesNotExist();
        Path nothing = Files.write(folder.resolve("nothing.txt"), List.of());
        assertThat(Cli.run(generate, "--input", nothing.toString()).expectDone().out())
                .startsWith("0 lines in");
        assertThat(out).isEmptyFile();
    }

    @Test
    void whatDoesNotFitIsSaidInALine() throws IOException {
        Path table = table(50, 5);
        List<String> layers = List.of("network.layers=[{type=output}]");
        refused(3, ofTable(table, "z", "regression", layers.get(0)), "has no column 'z' (data.columns.label)");
        refused(3, ofTable(table, "[y,l0]", "regression", layers.get(0), "network.targets=1"), "names 2 columns");
        refused(
                3,
                ofTable(table, "y", "regression", layers.get(0), "data.columns.features=[a,b]"),
                "features of 2 values in 2 columns",
                "network.input to [2]");
        refused(
                2,
                ofTable(table, "y", "regression", "network.layers=[{type=output,loss=cross-entropy}]"),
                "is not for");
        refused(
                2,
                List.of("train.objective=regression", "network.layers=[{type=output}]"),
                "train.objective",
                "have a class each");
        refused(
                2,
                ofTable(
                        table,
                        "y",
                        "regression",
                        "network.layers=[{type=rnn,units=3},{type=output}]",
                        "network.input=[time,3]"),
                "network.layers: tell every step of a sequence",
                "put last-step or mean-over-time before the output");
        refused(
                2,
                ofTable(table, "y", "regression", layers.get(0), "train.average-over=tokens"),
                "train.average-over",
                "no sequence");
        refused(
                3,
                List.of(
                        "data.format=generated",
                        "data.generated.rule=addition",
                        "network.input=[time,3]",
                        "train.objective=multi-label",
                        "network.layers=[{type=rnn,units=3},{type=output}]"),
                "addition makes pairs of bits in time",
                "the network takes timex3 and tells 1 values at every step");
        Path broken = Files.writeString(folder.resolve("broken.csv"), "a,b,c,y,row\n1,2,3,4,5\n1,x,3,4,6\n");
        refused(
                3,
                ofTable(broken, "y", "regression", layers.get(0)),
                "column 'b' is of type string; expected a number");
        Path cut = Files.writeString(folder.resolve("cut.csv"), "row,a,b,c,y\n8,1,2,3,4\n9,1,2\n");
        refused(
                3,
                ofTable(cut, "y", "regression", layers.get(0)),
                "row with id 9, column 'y': expected a number, found null");
        Path classes = Files.writeString(folder.resolve("classes.csv"), "a,b,c,y,row\n1,2,3,1,1\n1,2,3,2,2\n");
        refused(
                3,
                ofTable(
                        classes,
                        "y",
                        "classification",
                        layers.get(0),
                        "network.classes=2",
                        "data.test-path=" + classes),
                "row with id 2, column 'y': expected a class from 0 to 1, found 2");
    }

    private void refused(int code, List<String> settings, String... message) {
        Cli.refused(folder, code, settings, message);
    }
}
