package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same rows are the same examples, however they are stored, cut and shuffled. */
class TableTest {
    private static final StructType SCHEMA = new StructType()
            .add("x", DataTypes.DoubleType)
            .add("y", DataTypes.DoubleType)
            .add("colour", DataTypes.StringType)
            .add("tree", DataTypes.StringType)
            .add("held_back", DataTypes.BooleanType)
            .add("weight", DataTypes.DoubleType)
            .add("id", DataTypes.LongType);

    @TempDir
    static Path folder;

    private static long greens;
    private static final List<String> trees = new ArrayList<>();

    /** A tree is an oak above the diagonal and an elm below it; the red ones are firs. */
    @BeforeAll
    static void write() {
        Random random = new Random(7);
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < 600; i++) {
            double x = random.nextInt(1000) / 1000.0;
            double y = random.nextInt(1000) / 1000.0;
            String colour = List.of("red", "green", "blue").get(random.nextInt(3));
            String tree = colour.equals("red") ? "fir" : x > y ? "oak" : "elm";
            trees.add(tree);
            rows.add(RowFactory.create(x, y, colour, tree, random.nextInt(5) == 0, 1.0 + random.nextInt(3), i));
        }
        try (SparkSession spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", "3")
                .getOrCreate()) {
            Dataset<Row> table = spark.createDataFrame(rows, SCHEMA);
            Dataset<Row> shuffled = table.orderBy(functions.rand(3));
            table.repartition(1).write().parquet(folder.resolve("one.parquet").toString());
            shuffled.repartition(40)
                    .write()
                    .parquet(folder.resolve("many.parquet").toString());
            shuffled.repartition(7).write().orc(folder.resolve("some.orc").toString());
            table.repartition(3)
                    .write()
                    .option("header", "true")
                    .csv(folder.resolve("some.csv").toString());
            table.select("x", "y", "colour", "tree")
                    .write()
                    .parquet(folder.resolve("bare.parquet").toString());
            Dataset<Row> green = table.where("colour = 'green'").select("x", "y", "colour");
            greens = green.count();
            green.toDF("X", "Y", "Colour")
                    .write()
                    .parquet(folder.resolve("green.parquet").toString());
            table.repartition(2).write().json(folder.resolve("some.json").toString());
        }
    }

    private static List<String> settings(String format, String file, String... more) {
        return Stream.concat(
                        Stream.of(
                                "data.format=" + format,
                                "data.path=" + folder.resolve(file),
                                "data.columns.features=[x,y,colour]",
                                "data.columns.one-hot=[colour]",
                                "data.columns.label=tree",
                                "network.input=[5]",
                                "network.classes=3",
                                "network.layers=[{type=dense,units=8,activation=tanh},{type=output}]",
                                "train.batch-size=40",
                                "train.shards=4",
                                "train.epochs=4",
                                "optimizer.learning-rate=0.05"),
                        Stream.of(more))
                .toList();
    }

    private static JsonNode train(String name, List<String> settings, String... options) throws IOException {
        return Cli.trained(folder, name, settings, options);
    }

    private static String hash(String name, List<String> settings, String... options) throws IOException {
        JsonNode run = train(name, settings, options);
        return run.path("parameters_sha256").asText() + " "
                + run.path("test_loss").asText();
    }

    @Test
    void filesPartitionsOrderAndPlansSayNothing() throws IOException {
        TreeSet<String> byContent = new TreeSet<>();
        byContent.add(hash("c0", settings("parquet", "one.parquet"), "--master", "local[1]"));
        byContent.add(hash(
                "c1",
                settings("table", "none", "data.table=SELECT * FROM parquet.`" + folder.resolve("many.parquet") + "`"),
                "--master",
                "local[3]"));
        byContent.add(hash("c2", settings("source", "some.orc", "data.source=orc"), "--master", "local[2]"));
        byContent.add(hash("c3", settings("csv", "some.csv"), "--master", "local[2]"));
        byContent.add(hash("c4", settings("json", "some.json"), "--master", "local[2]"));
        assertThat(byContent).hasSize(1);
        TreeSet<String> byId = new TreeSet<>();
        byId.add(hash("i0", settings("orc", "some.orc", "data.columns.id=id"), "--master", "local[2]"));
        byId.add(hash("i1", settings("json", "some.json", "data.columns.id=id"), "--master", "local[1]"));
        assertThat(byId).hasSize(1).doesNotContainAnyElementsOf(byContent);
    }

    /** Twice again where its class weighs 2; each batch is all of the table. */
    @Test
    void aRowThatWeighsTwoIsTheRowTwice() throws IOException {
        Random random = new Random(4);
        List<String> weighing = new ArrayList<>(List.of("x,y,kind,weight"));
        List<String> repeated = new ArrayList<>(List.of("x,y,kind"));
        for (int i = 0; i < 12; i++) {
            int kind = random.nextInt(2);
            String row = random.nextInt(99) / 100.0 + "," + random.nextInt(99) / 100.0 + "," + kind;
            weighing.add(row + "," + (1 + i % 3));
            repeated.addAll(Collections.nCopies((1 + i % 3) * (kind == 0 ? 2 : 1), row));
        }
        Files.write(folder.resolve("weighing.csv"), weighing);
        Files.write(folder.resolve("repeated.csv"), repeated);
        List<JsonNode> steps = steps("weighing", 12, "data.columns.weight=weight", "train.class-weights=[2,1]");
        List<JsonNode> expected = steps("repeated", repeated.size() - 1);
        assertThat(steps).hasSize(6).hasSameSizeAs(expected);
        for (int i = 0; i < 6; i++) {
            for (String figure : List.of("loss", "gradient_norm")) {
                double value = expected.get(i).path(figure).asDouble();
                assertThat(steps.get(i).path(figure).asDouble())
                        .as(figure + " of step " + i)
                        .isGreaterThan(0.01)
                        .isCloseTo(value, within(2e-6 * value));
            }
        }
        assertThat(steps.get(5).path("loss").asDouble())
                .isLessThan(steps.get(0).path("loss").asDouble());
        String model = folder.resolve("weighing").toString();
        for (String command : List.of("evaluate", "predict")) {
            String out = folder.resolve("nothing.csv").toString();
            List<String> words = new ArrayList<>(List.of(command, "--master", "local[1]", "--model", model));
            words.addAll(command.equals("predict") ? List.of("--out", out) : List.of());
            Cli.run(words)
                    .expectError(
                            3,
                            command.equals("predict")
                                    ? "weighing.csv has no row for the test; give rows with --data"
                                    : "there is no test example in the run's data");
        }
    }

    private static List<JsonNode> steps(String name, int batch, String... more) throws IOException {
        List<String> settings = new ArrayList<>(List.of(
                "data.format=csv",
                "data.path=" + folder.resolve(name + ".csv"),
                "data.columns.features=[x,y]",
                "data.columns.label=kind",
                "data.test-fraction=0",
                "network.input=[2]",
                "network.classes=2",
                "network.layers=[{type=dense,units=8,activation=tanh},{type=output}]",
                "optimizer.name=momentum",
                "train.batch-size=" + batch,
                "train.shards=3",
                "train.epochs=6"));
        settings.addAll(List.of(more));
        train(name, settings, "--master", "local[2]");
        List<JsonNode> steps = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(name).resolve("metrics.jsonl"))) {
            JsonNode step = new ObjectMapper().readTree(line);
            if (step.path("split").asText().equals("train")) {
                steps.add(step);
            }
        }
        return steps;
    }

    @Test
    void theModelRemembersItsWords() throws IOException {
        JsonNode run = train("words", settings("parquet", "one.parquet", "train.epochs=20"), "--master", "local[2]");
        assertThat(run.path("test_accuracy").asDouble()).isGreaterThan(0.93);
        String evaluated = Cli.run(
                        "evaluate",
                        "--master",
                        "local[2]",
                        "--model",
                        folder.resolve("words").toString())
                .expectDone()
                .out();
        assertThat(evaluated).contains("accuracy");
        Cli.run(
                        "evaluate",
                        "--master",
                        "local[1]",
                        "--model",
                        folder.resolve("words").toString(),
                        "--data",
                        folder.resolve("many.parquet").toString())
                .expectDone();
        Path pink = Files.writeString(folder.resolve("pink.csv"), "x,y,colour,tree\n0.1,0.9,pink,elm\n");
        train("of-text", settings("csv", "some.csv", "train.epochs=1", "data.test-path=" + folder.resolve("some.csv")));
        Cli.run(
                        "evaluate",
                        "--master",
                        "local[1]",
                        "--model",
                        folder.resolve("of-text").toString(),
                        "--data",
                        pink.toString())
                .expectError(3, "pink.csv, column 'colour': expected one of blue, green, red, found 'pink'");
    }

    @Test
    void rowsThatAreMarkedAreHeldBack() throws IOException {
        JsonNode run = train(
                "marked",
                settings("parquet", "one.parquet", "data.columns.validation=held_back", "data.columns.id=id"),
                "--master",
                "local[2]");
        List<String> lines = Files.readAllLines(folder.resolve("marked/metrics.jsonl"));
        assertThat(lines).anyMatch(line -> line.contains("\"validation\""));
        assertThat(run.path("status").asText()).isEqualTo("finished");
    }

    private static String predict(String run, String out, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "predict",
                "--master",
                "local[2]",
                "--model",
                folder.resolve(run).toString(),
                "--out",
                folder.resolve(out).toString()));
        arguments.addAll(List.of(more));
        return Cli.run(arguments).expectDone().out();
    }

    /** Drawn by their content, which the label is a part of whether somebody asks for it or not. */
    @Test
    void predictionsAreOfTheRowsThatWereHeldBackForTheTest() throws IOException {
        train("drawn", settings("parquet", "one.parquet"), "--master", "local[2]");
        JsonNode evaluation = new ObjectMapper()
                .readTree(folder.resolve("drawn/evaluation.json").toFile());
        predict("drawn", "drawn.csv");
        assertThat(Cli.written(folder.resolve("drawn.csv")))
                .hasSize(evaluation.path("examples").asInt());
    }

    /** Words are those of the training, whatever the columns' letters; weights and marks are no business of who predicts. */
    @Test
    void newRowsNeedTheFeaturesAlone() throws IOException {
        train(
                "bare",
                settings(
                        "parquet",
                        "one.parquet",
                        "data.columns.weight=weight",
                        "data.columns.validation=held_back",
                        "data.test-path=" + folder.resolve("bare.parquet")),
                "--master",
                "local[2]");
        JsonNode evaluation = new ObjectMapper()
                .readTree(folder.resolve("bare/evaluation.json").toFile());
        assertThat(evaluation.path("examples").asLong()).isEqualTo(600);
        predict("bare", "green.csv", "--data", folder.resolve("green.parquet").toString());
        assertThat(Cli.written(folder.resolve("green.csv")))
                .hasSize((int) greens)
                .allMatch(line -> line.matches("[^,]+,[^,]+,green,.*"));
    }

    /** As often right as the evaluation says, whatever the form: the same answers to the same ids. */
    @Test
    void answersAreWordsBesideTheirIds() throws IOException {
        List<String> settings = settings(
                "parquet", "one.parquet", "data.columns.id=id", "data.columns.test=held_back", "train.epochs=8");
        JsonNode run = train("answers", settings, "--master", "local[2]");
        predict("answers", "answers.jsonl");
        predict("answers", "answers.csv");
        predict("answers", "parquet-answers", "--format", "parquet");
        int right = 0;
        Map<String, String> said = new TreeMap<>();
        for (String line : Cli.written(folder.resolve("answers.jsonl"))) {
            JsonNode row = new ObjectMapper().readTree(line);
            assertThat(row.fieldNames())
                    .toIterable()
                    .containsExactly("id", "prediction", "predictedLabel", "probability");
            JsonNode p = row.path("probability");
            String word =
                    List.of("elm", "fir", "oak").get(row.path("prediction").asInt());
            assertThat(row.path("predictedLabel").asText()).isEqualTo(word);
            assertThat(p.path(0).asDouble() + p.path(1).asDouble() + p.path(2).asDouble())
                    .isCloseTo(1, within(1e-6));
            right += word.equals(trees.get(row.path("id").asInt())) ? 1 : 0;
            said.put(
                    row.path("id").asText(),
                    "%s,%s,%s,%s,%s".formatted(row.path("prediction"), word, p.path(0), p.path(1), p.path(2)));
        }
        assertThat(right).isEqualTo(Math.round(run.path("test_accuracy").asDouble() * said.size()));
        assertThat(Cli.written(folder.resolve("answers.csv")))
                .hasSameSizeAs(said.keySet())
                .allSatisfy(line -> {
                    String id = line.substring(0, line.indexOf(','));
                    String answer = line.substring(id.length() + 1);
                    assertThat(answer).startsWith(said.get(id).substring(0, 9)); // numbers are spelt differently
                });
        try (Stream<Path> parts = Files.list(folder.resolve("parquet-answers"))) {
            assertThat(parts.map(file -> file.getFileName().toString()))
                    .contains("_SUCCESS")
                    .anyMatch(file -> file.endsWith(".parquet"));
        }
    }

    @Test
    void whatCannotBeAnsweredLeavesNothingBehind() throws IOException {
        train("asked", settings("csv", "some.csv", "train.epochs=1", "data.columns.id=id"), "--master", "local[2]");
        Path pink = Files.writeString(
                folder.resolve("pinks.csv"), "x,y,colour,id\n0.1,0.9,red,1\n0.1,0.9,pink,2\n0.1,,red,3\n");
        List<String> predict = List.of(
                "predict",
                "--master",
                "local[1]",
                "--model",
                folder.resolve("asked").toString());
        Path out = folder.resolve("never.parquet");
        Cli.run(predict, "--data", pink.toString(), "--out", out.toString())
                .expectError(
                        3,
                        "row with id 2, column 'colour': expected one of blue, green, red, found 'pink'"
                                + " (data.on-bad-row = skip leaves such rows out)");
        Path none = Files.writeString(folder.resolve("none.csv"), "x,y,colour,id\n");
        Cli.run(predict, "--data", none.toString(), "--out", out.toString()).expectError(3, "none.csv is empty");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("never"));
        }
    }

    @Test
    void badRowsAreLeftOutOfTheAnswersWhereTheyWereOfTheTraining() throws IOException {
        train(
                "leaving",
                settings("csv", "some.csv", "train.epochs=1", "data.columns.id=id", "data.on-bad-row=skip"),
                "--master",
                "local[2]");
        Path some = Files.writeString(
                folder.resolve("some-pink.csv"), "x,y,colour,id\n0.1,0.9,red,1\n0.1,0.9,pink,2\n0.1,,red,3\n");
        String told = predict("leaving", "left.jsonl", "--data", some.toString());
        assertThat(told)
                .contains("note: 2 rows are no examples and left out, such as: row with id 2, column 'colour'")
                .contains("1 predictions in ");
        assertThat(Cli.written(folder.resolve("left.jsonl")))
                .singleElement()
                .asString()
                .contains("\"id\":1,");
    }

    @Test
    void aDamagedFileIsSaidInALine() throws IOException {
        Path damaged = Files.createDirectories(folder.resolve("damaged.parquet"));
        try (Stream<Path> files = Files.list(folder.resolve("one.parquet"))) {
            Path whole = files.filter(file -> file.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(whole);
            for (int i = 4; i < bytes.length / 2; i++) {
                bytes[i] ^= 0x55; // the pages; what the file ends with stays
            }
            Files.write(damaged.resolve("part.parquet"), bytes);
        }
        Cli.refused(folder, 3, settings("parquet", "damaged.parquet"), "damaged.parquet cannot be read: ");
    }

    private static final Map<String, List<String>> REFUSED = Map.of(
            "has no column 'tre' (data.columns.label); did you mean 'tree'?",
            List.of("data.columns.label=tre"),
            "column 'tree' holds 3 labels (elm, fir, oak), but the network tells 2 classes; set network.classes = 3",
            List.of("network.classes=2"),
            "has features of 4 values in 2 columns but the network expects 5; set network.input to [4]",
            List.of("data.columns.features=[x,colour]"),
            "column 'colour' is of type string; expected a number",
            List.of("data.columns.one-hot=[]"),
            "column 'x' is of type double; expected boolean",
            List.of("data.columns.validation=x", "data.columns.features=[y,colour]", "network.input=[4]"),
            "column 'held_back' is of type boolean; expected a whole number",
            List.of("data.columns.id=held_back"),
            "cannot be read: [DATA_SOURCE_NOT_FOUND] Failed to find the data source: nosuch.",
            List.of("data.format=source", "data.source=nosuch"),
            "cannot be read: [PATH_NOT_FOUND]",
            List.of("data.path=/no/such/table"));

    @Test
    void whatDoesNotFitIsSaidInALine() throws IOException {
        for (Map.Entry<String, List<String>> each : REFUSED.entrySet()) {
            List<String> settings =
                    settings("parquet", "one.parquet", each.getValue().toArray(new String[0]));
            Cli.refused(folder, 3, settings, each.getKey());
        }
    }

    @Test
    void whatSaysTheSameTwiceIsRefused() {
        Cli.refused(
                folder,
                2,
                settings("parquet", "one.parquet", "data.columns.validation=held_back", "data.validation-fraction=0.1"),
                "data.columns.validation: is given together with data.validation-fraction; give one of them");
    }

    /** The first in order of what is wrong with them, whatever the partitions. */
    @Test
    void badRowsAreRefusedOrLeftOut() throws IOException {
        Path csv = Files.writeString(folder.resolve("bad.csv"), """
                x,y,kind,row
                1,2,0,1
                2,NaN,1,2
                ,4,1,3
                4,5,7,4
                5,6,1,5
                6,7,0,6
                """);
        List<String> settings = List.of(
                "data.format=csv",
                "data.path=" + csv,
                "data.columns.features=[x,y]",
                "data.columns.label=kind",
                "data.columns.id=row",
                "data.test-fraction=0",
                "network.input=[2]",
                "network.classes=2",
                "network.layers=[{type=output}]",
                "train.batch-size=3",
                "train.shards=1",
                "train.epochs=1");
        Cli.refused(
                folder,
                3,
                settings,
                "row with id 2, column 'y': expected a finite number, found NaN; 3 rows are no examples"
                        + " (data.on-bad-row = skip leaves such rows out)");
        List<String> skipping = new ArrayList<>(settings);
        skipping.add("data.on-bad-row=skip");
        train("skipped", skipping, "--master", "local[2]");
        String run = folder.resolve("skipped").toString();
        assertThat(Cli.run("evaluate", "--master", "local[1]", "--model", run, "--data", csv.toString())
                        .expectDone()
                        .out())
                .contains("note: 3 rows are no examples and left out, the first one: row with id 2, column 'y'");
        assertThat(Files.readAllLines(folder.resolve("skipped/skipped-rows.txt")))
                .containsExactly(
                        "3 rows left out",
                        "row with id 2, column 'y': expected a finite number, found NaN",
                        "row with id 3, column 'x': expected a number, found null",
                        "row with id 4, column 'kind': expected a class from 0 to 1, found 7");
    }

    @Test
    void whatLeavesNothingToLearnFromIsRefused() throws IOException {
        Path csv = Files.writeString(folder.resolve("same.csv"), "x,y,kind,back\n1,2,1,true\n3,4,1,true\n");
        List<String> settings = List.of(
                "data.format=csv",
                "data.path=" + csv,
                "data.columns.features=[x,y]",
                "data.columns.label=kind",
                "data.test-fraction=0",
                "network.input=[2]",
                "network.classes=2",
                "network.layers=[{type=output}]");
        Cli.refused(
                folder, 3, settings, "all 2 training rows have the same label (kind); expected at least two classes");
        List<String> marked = new ArrayList<>(settings);
        marked.add("data.columns.validation=back");
        Cli.refused(folder, 3, marked, "(data.columns.validation) marks all 2 of them for validation");
    }
}
