package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.exchange.InJvmBroadcast;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.table.Column;
import dev.lockstep.worker.table.Fitted;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are no good are told before anything is trained; good ones are the same however they are cut. */
class TableSourceTest {
    private static final AtomicInteger READ = new AtomicInteger();

    private static SparkSession spark;

    @BeforeAll
    static void start() {
        spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", "2")
                .getOrCreate();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static Dataset<Row> rows(String schema, Object[]... values) {
        List<Row> rows = new ArrayList<>();
        for (Object[] each : values) {
            rows.add(RowFactory.create(each));
        }
        return spark.createDataFrame(rows, StructType.fromDDL(schema));
    }

    private static Object[] row(Object... values) {
        return values;
    }

    /** Two features, two classes; all rows are learnt from. */
    private static TableSource source(Fitted fitted, String... settings) {
        RunConfig config = RunConfigParser.parse(RunConfigParser.override(
                ConfigFactory.parseString("data { format = parquet, path = none, test-fraction = 0 }\n"
                        + "network { input = [2], classes = 2, layers = [{ type = output }] }"),
                List.of(settings)));
        return new TableSource(
                "the table",
                config.data().table(),
                config.network().input(),
                config.network().target(),
                fitted);
    }

    private static dev.lockstep.driver.source.Dataset open(Dataset<Row> rows, String... settings) {
        return source(Fitted.NOTHING, settings).open(rows, null, 0, 0);
    }

    private static void refuses(String message, Dataset<Row> rows, String... settings) {
        assertThatThrownBy(() -> open(rows, settings))
                .isInstanceOf(DataException.class)
                .hasMessage(message);
    }

    @Test
    void tablesOfNothing() {
        refuses("the table has no row to learn from: it is empty", rows("x int, y int, label int"));
        refuses("the table is empty", rows("x int, y int, label string"));
        refuses("the table is empty", rows("x string, y string, label string"));
        refuses(
                "the table: column 'label' holds no word, only nulls",
                rows("x int, y int, label string", row(1, 2, null), row(3, 4, null)));
        refuses(
                "the table: column 'label': expected a number, found null; 2 rows are no examples"
                        + " (data.on-bad-row = skip leaves such rows out)",
                rows("x int, y int, label int", row(null, null, null), row(null, null, null)));
        refuses(
                "the table has no row to learn from: all 2 are bad, the first one: column 'label': expected a number, found null",
                rows("x int, y int, label int", row(null, null, null), row(null, null, null)),
                "data.on-bad-row=skip");
    }

    @Test
    void weightsThatAreNone() {
        for (Object weight : new Object[] {0.0, -1.0, Double.NaN, Double.POSITIVE_INFINITY, 1e-60, null}) {
            refuses(
                    "the table: column 'w': expected a finite number above 0, found " + weight
                            + " (data.on-bad-row = skip leaves such rows out)",
                    rows("x int, y int, label int, w double", row(1, 2, 0, 1.0), row(3, 4, 1, weight)),
                    "data.columns.weight=w");
        }
        refuses(
                "the table: column 'w' is of type string; expected a number",
                rows("x int, y int, label int, w string", row(1, 2, 0, "1")),
                "data.columns.weight=w");
    }

    @Test
    void labelsThatTellNothingOrTooMuch() {
        refuses(
                "the table: all rows have the same label, oak (label); expected at least two classes",
                rows("x int, y int, label string", row(1, 2, "oak"), row(3, 4, "oak")));
        refuses(
                "the table: all 2 training rows have the same label (label); expected at least two classes",
                rows("x int, y int, label int", row(1, 2, 1), row(3, 4, 1)));
        refuses(
                "the table: column 'label': expected a class from 0 to 1, found 2"
                        + " (data.on-bad-row = skip leaves such rows out)",
                rows("x int, y int, label int", row(1, 2, 1), row(3, 4, 0), row(5, 6, 2)));
        refuses(
                "the table: column 'label' is of type array<int>; expected a number or a word",
                rows("x int, y int, label array<int>", row(1, 2, List.of(1))));
    }

    /** Of any type of number, which Spark's own stages take, too. */
    @Test
    void numbersAreWhatTheySay() {
        Dataset<Row> doubles = rows(
                "x double, y double, label double, w double, id double",
                row(1.0, 2.0, 0.0, 1.0, 3.0),
                row(3.0, 4.0, 1.0, 2.0, 1.0));
        TreeSet<String> found = new TreeSet<>();
        for (String type : List.of("tinyint", "smallint", "int", "bigint", "float", "double", "decimal(10, 2)")) {
            Dataset<Row> cast = doubles.selectExpr(
                    "cast(x as " + type + ") as x",
                    "y",
                    "cast(label as " + type + ") as label",
                    "cast(w as " + type + ") as w",
                    "id");
            ExampleSet train =
                    open(cast, "data.columns.weight=w", "data.columns.id=id").train();
            found.add(
                    train.firstPacked(2).stream().map(Arrays::toString).toList().toString());
            assertThat(train.format().weight(train.firstPacked(1).get(0))).isEqualTo(2);
        }
        assertThat(found).hasSize(1);
        refuses(
                "the table: column 'id': expected a value, found null (data.on-bad-row = skip leaves such rows out)",
                rows("x int, y int, label int, id int", row(1, 2, 0, 1), row(1, 2, 1, null)),
                "data.columns.id=id");
    }

    /** A name that the catalog knows, a query, and any source with what it is told. */
    @Test
    void tablesAreFoundByNameByQueryAndByOptions(@TempDir Path folder) throws IOException {
        Dataset<Row> some = rows("x int, y int, label int", row(1, 2, 0), row(3, 4, 1));
        some.createOrReplaceTempView("known");
        some.createOrReplaceTempView("`well known`");
        List<String> named = new ArrayList<>();
        for (String table : List.of("known", "SELECT y AS x, x AS y, label FROM known", " `well known` ")) {
            named.add(read("data.format=table", "data.table=" + table)
                    .orderBy("label")
                    .first()
                    .toString());
        }
        assertThat(named).containsExactly("[1,2,0]", "[2,1,0]", "[1,2,0]");
        Path file = Files.writeString(folder.resolve("some.txt"), "1;2;0\n3;'4;5';1\n");
        Dataset<Row> csv = read(
                "data.format=csv", "data.path=" + file, "data.options { header = false, sep = \";\", quote = \"'\" }");
        assertThat(csv.orderBy("_c0").collectAsList().toString()).isEqualTo("[[1,2,0], [3,4;5,1]]");
        assertThatThrownBy(() -> read("data.format=table", "data.table=unknown"))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("data.table cannot be read: [TABLE_OR_VIEW_NOT_FOUND]");
    }

    private static Dataset<Row> read(String... settings) {
        String text = String.join("\n", settings).replaceFirst("data.table=(.*)", "data.table=\"$1\"");
        RunConfig config = RunConfigParser.parse(ConfigFactory.parseString(
                text + "\nnetwork { input = [2], classes = 2, layers = [{ type = output }] }"));
        return TableSource.rows(spark, config.data().table(), config.data().path());
    }

    /** The number of a word, from 0, in the order of their code points, which an embedding may take. */
    @Test
    void wordsMayBeNumbers() {
        Dataset<Row> table =
                rows("tree string, bark string, label int", row("oak", "a", 0), row("elm", "b", 1), row("Fir", "a", 0));
        String[] settings = {
            "data.columns.index=[tree,bark]",
            "network.input=[time,2]",
            "network.layers=[{type=embedding,vocabulary=3,units=2},{type=mean-over-time},{type=output}]"
        };
        dev.lockstep.driver.source.Dataset opened = open(table, settings);
        assertThat(opened.fitted().words())
                .isEqualTo(Map.of("tree", List.of("Fir", "elm", "oak"), "bark", List.of("a", "b")));
        TreeSet<String> features = new TreeSet<>();
        for (byte[] packed : opened.train().firstPacked(3)) {
            float[] values = new float[2];
            opened.format().readFeatures(packed, values, 0);
            features.add(Arrays.toString(values));
        }
        assertThat(features).containsExactly("[0.0, 0.0]", "[1.0, 1.0]", "[2.0, 0.0]");
        assertThatThrownBy(() -> source(opened.fitted(), settings)
                        .openTest(rows("tree string, bark string", row("ash", "a")), true, false, 0))
                .hasMessage("the table: column 'tree': expected one of Fir, elm, oak, found 'ash'"
                        + " (data.on-bad-row = skip leaves such rows out)");
    }

    @Test
    void featuresOfOtherLengths() {
        refuses(
                "the table: column 'v': expected 2 values, found 3 (data.on-bad-row = skip leaves such rows out)",
                rows("v array<double>, label int", row(List.of(1.0, 2.0), 0), row(List.of(1.0, 2.0, 3.0), 1)));
        refuses(
                "the table: column 'v' is of type map<string,int>; expected a number, or an array, a vector or bytes of them",
                rows("v map<string, int>, label int", row(Map.of(), 0)));
    }

    /** Whatever other columns there are, and in whatever order; a model is not asked on others that are as many. */
    @Test
    void aModelFindsTheFeaturesThatItWasTrainedWith() {
        Fitted fitted = open(rows("x int, label int, y int", row(1, 0, 2), row(3, 1, 4)))
                .fitted();
        assertThat(fitted.features()).containsExactly("x", "y");
        ExampleSet found = source(fitted).openTest(rows("y int, z int, x int", row(2, 9, 1)), true, false, 0);
        float[] features = new float[2];
        found.format().readFeatures(found.firstPacked(1).get(0), features, 0);
        assertThat(features).containsExactly(1, 2);
        assertThatThrownBy(() -> source(fitted).openTest(rows("y int, z int", row(2, 9)), true, false, 0))
                .isInstanceOf(DataException.class)
                .hasMessage("the table has no column 'x' (a feature that the model was trained with);"
                        + " did you mean 'y'?");
    }

    /** Before anything is computed; of ids alone nothing is left to refuse. */
    @Test
    void whatHasNoPlaceBesideAnswersIsRefused() {
        Dataset<Row> table =
                rows("v array<double>, label int, prediction int, id int", row(List.of(1.0, 2.0), 0, 1, 1));
        Fitted fitted = new Fitted(List.of("v"), Map.of(), Scaling.NONE);
        assertThatThrownBy(() -> answer(source(fitted).answers(table, true), true))
                .isInstanceOf(DataException.class)
                .hasMessage("the table: column 'v' is of type array<double>, which has no place in a CSV;"
                        + " take parquet or jsonl (--format), or a model with data.columns.id");
        assertThatThrownBy(() -> answer(source(fitted).answers(table, true), false))
                .isInstanceOf(DataException.class)
                .hasMessage(
                        "the table has a column 'prediction' already, which is what an answer is called; rename it");
        assertThat(answer(source(fitted, "data.columns.id=id").answers(table, true), true))
                .containsExactly("id", "prediction", "p0", "p1");
        assertThat(answer(source(fitted, "data.columns.id=id").answers(table, true), false))
                .containsExactly("id", "prediction", "probability");
    }

    /** @return the columns of what would be written */
    private static List<String> answer(TableAnswers answers, boolean flat) {
        List<String> columns = new ArrayList<>();
        answers.write(
                new InJvmBroadcast<>(new StoredModel("", new float[0])),
                Objective.CLASSIFICATION,
                flat,
                null,
                said -> columns.addAll(List.of(said.columns())));
        return columns;
    }

    @Test
    void scalingIsThatOfTheTrainingRowsOfAnyPartitions() {
        List<Object[]> values = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            values.add(row(i * i / 7.0f, (float) Math.sin(i), i % 2, i % 5 == 0, (float) (1 + i % 3), (long) i));
        }
        Dataset<Row> table =
                rows("x float, y float, label int, held boolean, w float, id bigint", values.toArray(Object[][]::new));
        TreeSet<String> found = new TreeSet<>();
        for (int parts : new int[] {1, 7, 200}) {
            dev.lockstep.driver.source.Dataset dataset = open(
                    table.repartition(parts),
                    "data.columns.features=[x,y]",
                    "data.columns.validation=held",
                    "data.columns.weight=w",
                    "data.columns.id=id",
                    "data.scaling=standardise");
            Scaling scaling = dataset.fitted().scaling();
            found.add(List.of(scaling.shift()[0], scaling.shift()[1], scaling.factor()[0], scaling.factor()[1])
                    .toString());
            assertThat(dataset.validation().format().scaling()).isEqualTo(scaling);
        }
        double weight = 0;
        double sum = 0;
        for (Object[] each : values) {
            if (!(Boolean) each[3]) {
                weight += (Float) each[4];
                sum += (Float) each[4] * (Float) each[0];
            }
        }
        assertThat(found).singleElement().asString().startsWith("[" + (float) (sum / weight) + ", ");
    }

    @Test
    void whatIsScaledAreNumbers() {
        Column number = new Column("n", 0, Column.Kind.NUMBER);
        Column words = new Column("w", 1, Column.Kind.ONE_HOT, List.of("a", "b"));
        Column array = new Column("v", 2, Column.Kind.ARRAY);
        Column bytes = new Column("b", 3, Column.Kind.BYTES);
        assertThat(Scalable.among("the table", List.of(number, words, array, words, number), 9))
                .containsExactly(true, false, false, true, true, true, false, false, true);
        assertThat(Scalable.among("the table", List.of(array), 2)).containsExactly(true, true);
        assertThat(Scalable.among("the table", List.of(bytes, number), 3)).containsExactly(false, false, true);
        assertThatThrownBy(() -> Scalable.among("the table", List.of(array, words, array), 9))
                .hasMessage(
                        "the table: data.scaling cannot tell which features are those of column 'w'; name it first or"
                                + " last in data.columns.features");
        assertThatThrownBy(() -> Scalable.among("the table", List.of(bytes), 9))
                .hasMessage(
                        "the table has no features that data.scaling could scale: these are bytes, of which a network"
                                + " is given a 255th");
    }

    /** Spark looks at all keys before it sorts by them. */
    @Test
    void aPictureIsReadOnce() throws IOException {
        List<Object[]> values = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
            image.getRaster().setSample(0, 0, 0, i);
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(image, "png", png);
            values.add(row(png.toByteArray(), i % 2, i));
        }
        StructType schema = StructType.fromDDL("image binary, label int, id int");
        MapFunction<Row, Row> counted = row -> {
            READ.incrementAndGet();
            return row;
        };
        Dataset<Row> table = rows("image binary, label int, id int", values.toArray(Object[][]::new))
                .repartition(4)
                .map(counted, Encoders.row(schema));
        READ.set(0);
        int before = spark.sparkContext().getPersistentRDDs().size();
        dev.lockstep.driver.source.Dataset dataset = open(
                table,
                "network.input=[1,4,4]",
                "data.columns.features=[image]",
                "data.images.resize=crop",
                "data.columns.id=id");
        assertThat(dataset.train().firstPacked(60).get(59)[4]).isEqualTo((byte) 59);
        assertThat(READ).hasValue(60);
        assertThat(spark.sparkContext().getPersistentRDDs().size())
                .as("what is kept besides the examples")
                .isLessThanOrEqualTo(before + 1);
    }
}
