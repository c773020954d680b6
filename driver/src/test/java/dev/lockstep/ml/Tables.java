package dev.lockstep.ml;

import java.nio.file.Path;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The tables of these tests. */
final class Tables {
    private static final Path DATA = Path.of("..", "jobs", "src", "main", "resources", "data");

    private Tables() {}

    /** A session as somebody else has it, with more of Spark's own ideas than is usual. */
    static SparkSession session(String... settings) {
        SparkSession.Builder builder = SparkSession.builder()
                .master("local[2]")
                .appName("spark.ml test")
                .config("spark.ui.enabled", "false")
                .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
                .config("spark.speculation", "true")
                .config("spark.sql.shuffle.partitions", "3");
        for (int i = 0; i < settings.length; i += 2) {
            builder.config(settings[i], settings[i + 1]);
        }
        return builder.getOrCreate();
    }

    static Dataset<Row> csv(SparkSession spark, String name) {
        return spark.read()
                .option("header", "true")
                .option("inferSchema", "true")
                .csv(DATA.resolve(name).resolve(name + ".csv").toString());
    }

    /** Species as a word and as a label, measures as features. */
    static Dataset<Row> iris(SparkSession spark) {
        Dataset<Row> rows = csv(spark, "iris");
        Dataset<Row> labelled = new StringIndexer()
                .setInputCol("species")
                .setOutputCol("label")
                .fit(rows)
                .transform(rows);
        return new VectorAssembler()
                .setInputCols(new String[] {"sepal_length", "sepal_width", "petal_length", "petal_width"})
                .setOutputCol("features")
                .transform(labelled)
                .select("species", "label", "features");
    }
}
