package dev.lockstep.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the documents do as these say, in a session that somebody else set up. */
class DocumentedProgramsTest {
    @TempDir
    private static Path data;

    private static SparkSession spark;
    private static Dataset<Row> iris;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
                .config("spark.speculation", "true")
                .config("spark.sql.shuffle.partitions", "3")
                .getOrCreate();
        spark.read()
                .option("header", "true")
                .option("inferSchema", "true")
                .csv("src/main/resources/data/iris/iris.csv")
                .write()
                .parquet(data.resolve("iris.parquet").toString());
        iris = spark.read().parquet(data.resolve("iris.parquet").toString());
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private Object[] made(String program) throws Exception {
        URL[] classes = {folder.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(classes, DocumentedProgramsTest.class.getClassLoader())) {
            return (Object[]) loader.loadClass(program).getMethod("run").invoke(null);
        }
    }

    private static void requireSameAnswers(Object[] made) {
        List<Row> expected =
                ((CrossValidatorModel) made[0]).bestModel().transform(iris).collectAsList();
        assertThat(((PipelineModel) made[1]).transform(iris).collectAsList())
                .isEqualTo(expected)
                .hasSize(150);
    }

    @Test
    void twelveLinesOfJava() throws Exception {
        DocumentedProgram program = DocumentedProgram.of(Path.of("..", "README.md"), "java");
        assertThat(program.lines().lines().filter(line -> !line.startsWith("    ")))
                .hasSize(12);
        program.in(data).compileJava(folder);
        Object[] made = made("Program");
        double[] accuracies = ((CrossValidatorModel) made[0]).avgMetrics();
        System.out.println("accuracy in 5 folds: " + accuracies[0] + " " + accuracies[1]);
        assertThat(accuracies).hasSize(2);
        assertThat(accuracies[0]).isGreaterThanOrEqualTo(0.93);
        requireSameAnswers(made);
        assertThat(((Dataset<?>) made[2]).count()).isEqualTo(150);
    }

    @Test
    void theSameInScala() throws Exception {
        DocumentedProgram.of(Path.of("..", "docs", "spark-ml.md"), "scala")
                .in(data)
                .shorter()
                .compileScala(folder);
        Object[] made = made("ScalaProgram");
        assertThat(((CrossValidatorModel) made[0]).avgMetrics()).hasSize(2);
        requireSameAnswers(made);
    }
}
