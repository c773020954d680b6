package dev.lockstep.ml;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of what cannot be learnt from, one line. */
class BadDatasetTest {
    @TempDir
    private Path folder;

    private static SparkSession spark;
    private static Dataset<Row> iris;

    @BeforeAll
    static void start() {
        spark = Tables.session();
        iris = Tables.iris(spark).cache();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static LockstepClassifier classifier() {
        return new LockstepClassifier().setMaxIter(1);
    }

    private static void refused(LockstepEstimator<?, ?> estimator, Dataset<Row> rows, String line) {
        assertThatThrownBy(() -> estimator.fit(rows))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(line)
                .hasMessageNotContaining("\n");
    }

    @Test
    void columnsThatAreNotThere() {
        refused(
                classifier().setFeaturesCol("feature"),
                iris,
                "the dataset has no column 'feature' (featuresCol); did you mean 'features'?");
        refused(classifier().setLabelCol("labels"), iris, "no column 'labels' (labelCol); did you mean 'label'?");
        refused(classifier().setWeightCol("w"), iris, "no column 'w' (weightCol); it has species, label, features");
        refused(classifier().setIdCol("i"), iris, "no column 'i' (idCol)");
    }

    @Test
    void columnsOfAnotherType() {
        refused(
                classifier().setFeaturesCol("species"),
                iris,
                "column 'species' is of type string; expected a number, or an array, a vector or bytes of them");
        refused(classifier().setLabelCol("features").setFeaturesCol("label"), iris, "expected a number or a word");
        refused(new LockstepRegressor().setLabelCol("species"), iris, "column 'species' is of type string");
        refused(
                classifier().setValidationIndicatorCol("label2"),
                iris.withColumn("label2", col("label")),
                "column 'label2' is of type double; expected boolean");
        refused(classifier(), iris.withColumn("prediction", lit(1)), "column 'prediction' already exists");
    }

    @Test
    void labelsThatAreNoClasses() {
        refused(classifier(), iris.where("label = 1"), "all 50 training rows have the same label (label)");
        refused(
                classifier().setLabelCol("species"),
                iris.where("label = 1"),
                "column 'species' holds one label only ('versicolor'); expected at least two classes");
        refused(
                classifier().setConf("network.classes = 2"),
                iris,
                "column 'label': expected a class from 0 to 1, found 2.0; 50 rows are no examples");
        refused(
                classifier(),
                iris.withColumn("label", col("label").plus(0.5)),
                "column 'label': expected a class from 0 to 2, found 0.5");
        refused(classifier(), iris.withColumn("label", col("label").minus(1)), "found -1.0");
        refused(classifier(), iris.withColumn("label", lit(1e9)), "expected classes from 0 to at most 9999");
        refused(classifier(), iris.withColumn("label", lit(null).cast("double")), "column 'label' holds only nulls");
    }

    @Test
    void featuresThatAreNone() {
        Dataset<Row> uneven = iris.withColumn(
                "features", when(col("label").gt(0), array(lit(1.0), lit(2.0))).otherwise(array(lit(3.0))));
        refused(classifier(), uneven, "column 'features' holds from 1 to 2 values a row; expected as many in each");
        refused(
                classifier().setConf("network.input = [2]"),
                uneven,
                "column 'features': expected 2 values, found 1; 50 rows are no examples");
        refused(
                classifier(),
                iris.withColumn("features", lit(null).cast("array<double>")),
                "column 'features' holds only nulls");
        refused(
                classifier(),
                iris.withColumn("features", array(lit(1.0), lit(Double.NaN))),
                "column 'features': expected a finite number, found NaN");
        refused(classifier(), iris.limit(0), "the dataset has no row to learn from: it is empty");
        refused(classifier(), iris.withColumn("features", array(lit(1.0))).limit(0), "it is empty");
    }

    @Test
    void weightsAndMarksThatLeaveNothing() {
        for (double weight : new double[] {0, -1, Double.NaN}) {
            refused(
                    classifier().setWeightCol("weight"),
                    iris.withColumn("weight", lit(weight)),
                    "column 'weight': expected a finite number above 0, found " + weight);
        }
        refused(
                classifier().setValidationIndicatorCol("held_back"),
                iris.withColumn("held_back", lit(true)),
                "'held_back' (validationIndicatorCol) marks all 150 of them for validation");
    }

    @Test
    void settingsThatCannotBe() {
        refused(classifier().setBatchSize(500), iris, "batchSize: is 500, but there are only 150 training examples");
        refused(classifier().setConf("no-such-file.conf"), iris, "'no-such-file.conf' is no file");
        refused(classifier().setConf("train.epoch = 3"), iris, "train.epoch");
        refused(
                new LockstepRegressor().setConf("data.columns.label = [label, id]"),
                iris,
                "names 2 columns; expected one");
        assertThatThrownBy(() -> classifier().setMaxIter(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> classifier().setThresholds(new double[] {0, 0}))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Counted, and said in the log. */
    @Test
    void rowsThatAreLeftOut() throws IOException {
        Dataset<Row> some = iris.withColumn("label", when(col("label").lt(2), col("label")));
        String skip = "data.on-bad-row = skip, network.classes = 2";
        RunFolder log = RunFolder.at(folder.toString(), spark.sparkContext().hadoopConfiguration());
        try (RunLog all = RunLog.ofProcess(log)) {
            LockstepTrainingSummary summary =
                    classifier().setConf(skip).fit(some).summary();
            assertThat(summary.skippedRows()).isEqualTo(50);
            assertThat(summary.totalIterations()).isEqualTo(4); // 100 rows in batches of 32
            assertThat(classifier().fit(iris).summary().skippedRows()).isZero();
        }
        assertThat(Files.readString(folder.resolve("train.log")))
                .containsOnlyOnce("rows are no examples")
                .contains(
                        "50 rows are no examples and left out, the first one: column 'label': expected a number, found null");
    }

    @Test
    void rowsOfAnotherKindThanWasFitted() {
        LockstepClassificationModel model = classifier().fit(iris);
        assertThatThrownBy(() -> model.transform(iris.withColumnRenamed("features", "feature")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the dataset has no column 'features' (featuresCol); did you mean 'feature'?");
        Dataset<Row> shorter = new org.apache.spark.ml.feature.VectorAssembler()
                .setInputCols(new String[] {"label"})
                .setOutputCol("features")
                .transform(iris.drop("features"));
        assertThatThrownBy(() -> model.transform(shorter))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("column 'features' (featuresCol) holds vectors of 1 values, but the model was fitted on 4");
        assertThatThrownBy(() -> model.transform(iris.withColumn("features", array(lit(1.0))))
                        .collect())
                .hasMessageContaining("column 'features': expected 4 values, found 1");
        assertThatThrownBy(() -> model.setThresholds(new double[] {1, 2}).transform(iris))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("thresholds has 2 values; expected one for each of 3 classes");
    }
}
