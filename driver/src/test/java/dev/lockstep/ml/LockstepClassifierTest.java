package dev.lockstep.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.monotonically_increasing_id;
import static org.apache.spark.sql.functions.rand;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fits and scores in a session that has Kryo, speculation and adaptive plans. */
class LockstepClassifierTest {
    private static SparkSession spark;
    private static Dataset<Row> iris;
    private static LockstepClassificationModel model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = Tables.session();
        iris = Tables.iris(spark)
                .withColumn("id", monotonically_increasing_id())
                .cache();
        model = classifier().fit(iris);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static LockstepClassifier classifier() {
        return new LockstepClassifier().setMaxIter(4).setStepSize(0.02);
    }

    private static String hash(LockstepClassificationModel of) {
        return of.summary().parametersSha256();
    }

    private static List<Dataset<Row>> arranged(Dataset<Row> rows) {
        return List.of(
                rows.coalesce(1),
                rows.repartition(7),
                rows.repartition(200),
                rows.orderBy(rand(3)),
                rows.sort("label"));
    }

    @Test
    void partitionsOrderAndPlansSayNothing() {
        TreeSet<String> hashes = new TreeSet<>(List.of(hash(model)));
        arranged(iris).forEach(rows -> hashes.add(hash(classifier().fit(rows))));
        spark.conf().set("spark.sql.adaptive.enabled", "false");
        try {
            hashes.add(hash(classifier().fit(iris.repartition(5))));
        } finally {
            spark.conf().set("spark.sql.adaptive.enabled", "true");
        }
        assertThat(hashes).hasSize(1);
        assertThat(hash(classifier().setSeed(2).fit(iris))).isNotIn(hashes);
        assertThat(hash(classifier().setIdCol("id").fit(iris))).isNotIn(hashes);
    }

    /** Probabilities by id. */
    private static Map<Long, double[]> answers(Dataset<Row> scored) {
        Map<Long, double[]> answers = new TreeMap<>();
        for (Row row : scored.select("id", "probability").collectAsList()) {
            answers.put(row.getLong(0), row.<Vector>getAs(1).toArray());
        }
        return answers;
    }

    /** But for the last bits of float32, which depend on the rows that are computed together. */
    private static void requireSameAnswers(Dataset<Row> scored) {
        Map<Long, double[]> expected = answers(model.transform(iris));
        Map<Long, double[]> found = answers(scored);
        assertThat(expected).hasSize(150);
        assertThat(found).containsOnlyKeys(expected.keySet());
        found.forEach((id, probability) -> assertThat(probability).containsExactly(expected.get(id), within(1e-6)));
    }

    @Test
    void anAnswerIsThatOfItsRow() {
        for (Dataset<Row> rows : arranged(iris)) {
            requireSameAnswers(model.transform(rows));
        }
    }

    @Test
    void whatIsAnsweredFitsTogether() {
        for (Row row : model.transform(iris).collectAsList()) {
            Vector probability = row.getAs("probability");
            Vector raw = row.getAs("rawPrediction");
            assertThat(Arrays.stream(probability.toArray()).sum()).isCloseTo(1, within(1e-6));
            assertThat(row.<Double>getAs("prediction")).isEqualTo(probability.argmax());
            for (int i = 0; i < probability.size(); i++) {
                assertThat(Math.exp(raw.apply(i))).isCloseTo(probability.apply(i), within(1e-9));
            }
        }
        assertThat(model.numClasses()).isEqualTo(3);
        assertThat(model.numFeatures()).isEqualTo(4);
        assertThat(model.transform(iris).schema())
                .isEqualTo(model.transformSchema(iris.schema()))
                .isEqualTo(classifier().transformSchema(iris.schema()));
        assertThat(model.transform(iris).schema().apply("label").metadata())
                .isEqualTo(iris.schema().apply("label").metadata());
    }

    @Test
    void thresholdsMoveThePrediction() {
        LockstepClassificationModel strict = model.copy(new org.apache.spark.ml.param.ParamMap())
                .setThresholds(new double[] {1e9, 1, 0})
                .setRawPredictionCol("")
                .setProbabilityCol("");
        Dataset<Row> scored = strict.transform(iris);
        assertThat(scored.columns()).containsExactly("species", "label", "features", "id", "prediction");
        assertThat(scored.where("prediction = 2").count()).isEqualTo(150);
    }

    @Test
    void wordsAreAnswered() {
        LockstepClassificationModel words =
                classifier().setMaxIter(20).setLabelCol("species").fit(iris.drop("label"));
        assertThat(words.labels()).containsExactly("setosa", "versicolor", "virginica");
        Dataset<Row> scored = words.transform(iris);
        assertThat(scored.where("species = predictedLabel").count()).isGreaterThan(140);
        assertThat(scored.schema())
                .isEqualTo(classifier().setLabelCol("species").transformSchema(iris.schema()));
    }

    @Test
    void rowsAreWeighedAndHeldBack() {
        Dataset<Row> marked = iris.withColumn("weight", col("label").plus(1))
                .withColumn("held_back", col("id").mod(5).equalTo(0));
        LockstepClassificationModel watched = classifier()
                .setMaxIter(3)
                .setWeightCol("weight")
                .setValidationIndicatorCol("held_back")
                .fit(marked);
        assertThat(hash(watched)).isNotEqualTo(hash(model));
        LockstepTrainingSummary summary = watched.summary();
        assertThat(summary.objectiveHistory()).hasSize(3);
        assertThat(summary.objectiveHistory()[2]).isLessThan(summary.objectiveHistory()[0]);
        assertThat(summary.totalIterations()).isEqualTo(3 * 4); // 120 rows in batches of 32
        assertThat(summary.evaluations()).hasSize(3).allSatisfy(each -> {
            assertThat(each.split()).isEqualTo("validation");
            assertThat(each.figures()).containsKey("accuracy");
        });
        assertThat(summary.metricHistory("validation", "accuracy"))
                .containsExactly(summary.evaluations().stream()
                        .mapToDouble(each -> each.figures().get("accuracy"))
                        .toArray());
        assertThat(summary.metricHistory("validation", "loss"))
                .containsExactly(summary.evaluations().stream()
                        .mapToDouble(LockstepTrainingSummary.Evaluation::loss)
                        .toArray());
        assertThat(summary.metricHistory("test", "loss")).isEmpty();
        assertThatThrownBy(() -> summary.metricHistory("validation", "rmse"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there is no figure 'rmse'; expected loss or one of [accuracy");
        assertThat(summary.conf()).contains("weight=weight", "batch-size=32");
    }

    /** What Params do not say, a configuration does; what they say goes before it. */
    @Test
    void theConfigurationSaysTheRest() {
        String conf = "network.layers = [{ type = dense, units = 5, activation = tanh }, { type = output }]\n"
                + "train { epochs = 2, batch-size = 50 }, optimizer { name = momentum, learning-rate = 0.1 }, seed = 7";
        LockstepTrainingSummary of =
                new LockstepClassifier().setConf(conf).fit(iris).summary();
        assertThat(of.totalIterations()).isEqualTo(6);
        assertThat(of.conf()).contains("learning-rate=0.1", "seed=7", "units=5");
        LockstepTrainingSummary over = new LockstepClassifier()
                .setConf(conf)
                .setMaxIter(1)
                .setBatchSize(25)
                .setStepSize(0.5)
                .setSeed(1)
                .fit(iris)
                .summary();
        assertThat(over.totalIterations()).isEqualTo(6);
        assertThat(over.conf()).contains("learning-rate=0.5", "seed=1");
    }

    @Test
    void anInterruptedFitGoesOn() {
        String checkpoints = folder.resolve("checkpoints").toString();
        classifier().setMaxIter(2).setCheckpointDir(checkpoints).fit(iris);
        LockstepClassificationModel resumed =
                classifier().setCheckpointDir(checkpoints).fit(iris);
        assertThat(hash(resumed)).isEqualTo(hash(model));
        assertThat(resumed.summary().objectiveHistory()).hasSize(2);
    }

    /** From the run that a fit left in its checkpointDir. */
    @Test
    void aFitBeginsWithAnotherModelOrLearnsFromIt() throws Exception {
        String checkpoints = folder.resolve("first").toString();
        classifier().setCheckpointDir(checkpoints).fit(iris);
        Path run;
        try (Stream<Path> runs = Files.list(Path.of(checkpoints))) {
            run = runs.findFirst().orElseThrow();
        }
        String from = "train.start-from = \"" + run + "\"";
        LockstepClassificationModel same = new LockstepClassifier()
                .setMaxIter(1)
                .setConf(from + "\noptimizer { name = sgd, learning-rate = 1e-30 }")
                .fit(iris);
        assertThat(hash(same)).isEqualTo(hash(model));
        assertThatThrownBy(
                        () -> classifier().setConf("train.start-from = nowhere").fit(iris))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nowhere; expected a run's folder with a finished model, or a model file");
        String taught =
                "data.scaling = standardise, network.layers = [{ type = output }], train.teacher = \"" + run + "\"";
        String hash = hash(classifier().setConf(taught).fit(iris));
        assertThat(hash(classifier().setConf(taught + ", train.temperature = 2").fit(iris)))
                .isNotEqualTo(hash);
        String recorded = folder.resolve("taught").toString();
        assertThat(hash(classifier().setConf(taught).setCheckpointDir(recorded).fit(iris)))
                .isEqualTo(hash);
    }

    @Test
    void aStreamIsScoredAsATable() throws Exception {
        String arriving = folder.resolve("arriving").toString();
        String scored = folder.resolve("scored").toString();
        Dataset<Row> rows = iris.select("id", "features");
        for (String part : List.of("id < 40", "id >= 40")) {
            rows.where(part).coalesce(1).write().mode("append").parquet(arriving);
            model.transform(spark.readStream().schema(rows.schema()).parquet(arriving))
                    .writeStream()
                    .option("checkpointLocation", folder.resolve("stream").toString())
                    .trigger(Trigger.AvailableNow())
                    .format("parquet")
                    .start(scored)
                    .awaitTermination();
        }
        requireSameAnswers(spark.read().parquet(scored));
    }

    @Test
    void theModelIsAFunctionOfSql() {
        model.register(spark, "lockstep_predict");
        model.transform(iris).createOrReplaceTempView("scored");
        assertThat(spark.sql("SELECT * FROM scored WHERE lockstep_predict(features) = prediction")
                        .count())
                .isEqualTo(150);
        assertThat(spark.sql("SELECT lockstep_predict(array(5.1, 3.5, 1.4, 0.2)), lockstep_predict(NULL)")
                        .first())
                .isEqualTo(spark.sql("SELECT 0D, NULL").first());
    }

    /** Light above or below, as Spark's image source has pictures; nobody says anything of the network. */
    @Test
    void picturesGetConvolutions() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            byte[] pixels = new byte[36];
            Arrays.fill(pixels, i % 2 * 18, i % 2 * 18 + 18, (byte) (60 + 5 * i));
            rows.add(RowFactory.create(RowFactory.create("", 6, 6, 1, 0, pixels), (double) (i % 2)));
        }
        Dataset<Row> pictures =
                spark.createDataFrame(rows, ImageSchema.imageSchema().add("label", DataTypes.DoubleType));
        LockstepClassificationModel lights = new LockstepClassifier()
                .setFeaturesCol("image")
                .setMaxIter(30)
                .setBatchSize(8)
                .setStepSize(0.01)
                .fit(pictures);
        assertThat(lights.summary().conf()).contains("type=convolution");
        assertThat(lights.numFeatures()).isEqualTo(36);
        assertThat(lights.transform(pictures).where("prediction = label").count())
                .isEqualTo(24);
        lights.register(spark, "lights");
        pictures.createOrReplaceTempView("pictures");
        assertThat(spark.sql("SELECT * FROM pictures WHERE lights(image) = label")
                        .count())
                .isEqualTo(24);
    }

    @Test
    void columnsMayBeScalarsAndWords() {
        Dataset<Row> rows = Tables.csv(spark, "iris")
                .withColumn("wide", col("sepal_width").gt(3).cast("string"));
        LockstepClassifier of = classifier()
                .setLabelCol("species")
                .setConf("data.columns { features = [petal_length, petal_width, wide], one-hot = [wide] }");
        LockstepClassificationModel fitted = of.fit(rows);
        assertThat(fitted.numFeatures()).isEqualTo(4);
        List<String> columns =
                new ArrayList<>(Arrays.asList(fitted.transform(rows).columns()));
        assertThat(columns).contains("predictedLabel", "wide");
    }
}
