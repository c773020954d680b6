package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.ml.LockstepClassificationModel;
import dev.lockstep.ml.LockstepClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two doors to one machine: spark.ml's and the command line. */
class FitTest {
    private static final String NETWORK =
            "network.layers=[{type=dense,units=8,activation=tanh},{type=dropout,ratio=0.1},{type=output}]";

    @TempDir
    private Path folder;

    @Test
    void aFitIsARunOfTheCommandLine() throws IOException {
        String table = folder.resolve("iris.parquet").toString();
        LockstepClassificationModel model;
        try (SparkSession spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.sql.shuffle.partitions", "5")
                .getOrCreate()) {
            Dataset<Row> rows = spark.read()
                    .option("header", "true")
                    .option("inferSchema", "true")
                    .csv("src/main/resources/data/iris/iris.csv")
                    .withColumn("weight", functions.expr("1 + petal_width"));
            rows.repartition(6).write().parquet(table);
            model = new LockstepClassifier()
                    .setConf("data.columns.features = [sepal_length, petal_length, petal_width]\n" + NETWORK)
                    .setLabelCol("species")
                    .setWeightCol("weight")
                    .setSeed(11)
                    .setMaxIter(3)
                    .setBatchSize(40)
                    .setStepSize(0.02)
                    .fit(rows.orderBy(functions.rand(1)));
        }
        JsonNode run = Cli.trained(
                folder,
                "run",
                List.of(
                        "data.format=parquet",
                        "data.path=" + table,
                        "data.columns.features=[sepal_length,petal_length,petal_width]",
                        "data.columns.label=species",
                        "data.columns.weight=weight",
                        "data.test-fraction=0",
                        "network.input=[3]",
                        "network.classes=3",
                        NETWORK,
                        "seed=11",
                        "train.epochs=3",
                        "train.batch-size=40",
                        "optimizer.learning-rate=0.02"),
                "--master",
                "local[1]");
        assertThat(run.path("parameters_sha256").asText())
                .isEqualTo(model.summary().parametersSha256())
                .hasSize(64);
    }
}
