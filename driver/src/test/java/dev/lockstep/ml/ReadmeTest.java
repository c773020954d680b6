package dev.lockstep.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's program, as it stands there. */
class ReadmeTest {
    private static final Pattern BLOCK =
            Pattern.compile("## In a spark\\.ml pipeline.*?```java\n(.*?)```", Pattern.DOTALL);
    private static SparkSession spark;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        spark = Tables.session();
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static String lines() throws Exception {
        Matcher found = BLOCK.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    /** The program in a class, which gives back what it made. */
    private Class<?> compiled(String lines) throws Exception {
        String program =
                "import dev.lockstep.ml.*; import org.apache.spark.ml.*; import org.apache.spark.ml.evaluation.*;"
                        + " import org.apache.spark.ml.feature.*; import org.apache.spark.ml.param.*;"
                        + " import org.apache.spark.ml.tuning.*; import org.apache.spark.sql.*;"
                        + " public class Program { public static Object[] run() throws Exception {\n" + lines
                        + "\nreturn new Object[] {best, loaded, answers}; } }";
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return program;
                    }
                };
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        boolean done = javac.getTask(
                        said,
                        null,
                        null,
                        List.of("-d", folder.toString(), "-cp", System.getProperty("java.class.path")),
                        null,
                        List.of(source))
                .call();
        assertThat(done).as(said.toString()).isTrue();
        URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, ReadmeTest.class.getClassLoader());
        return loader.loadClass("Program");
    }

    @Test
    void twelveLinesDoAsTheReadmeSays() throws Exception {
        Map<String, Path> places =
                Map.of("iris.parquet", folder.resolve("iris.parquet"), "iris.model", folder.resolve("iris.model"));
        Tables.csv(spark, "iris").write().parquet(places.get("iris.parquet").toString());
        String lines = lines();
        assertThat(lines.lines().filter(line -> !line.startsWith("    "))).hasSize(12);
        for (Map.Entry<String, Path> each : places.entrySet()) {
            assertThat(lines).contains("\"" + each.getKey() + "\"");
            lines = lines.replace("\"" + each.getKey() + "\"", "\"" + each.getValue() + "\"");
        }
        Object[] made = (Object[]) compiled(lines).getMethod("run").invoke(null);
        CrossValidatorModel best = (CrossValidatorModel) made[0];
        System.out.println("accuracy in 5 folds: " + best.avgMetrics()[0] + " " + best.avgMetrics()[1]);
        assertThat(best.avgMetrics()[0]).isGreaterThanOrEqualTo(0.93);
        assertThat(best.avgMetrics()).hasSize(2);
        Dataset<Row> iris = spark.read().parquet(places.get("iris.parquet").toString());
        List<Row> expected = best.bestModel().transform(iris).collectAsList();
        assertThat(((PipelineModel) made[1]).transform(iris).collectAsList())
                .isEqualTo(expected)
                .hasSize(150);
        assertThat(((Dataset<?>) made[2]).count()).isEqualTo(150);
    }
}
