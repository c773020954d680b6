package dev.lockstep.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import scala.tools.nsc.MainClass;

/**
 * A program that a document shows, as it stands there.
 *
 * @param lines without imports, as in the document
 */
public record DocumentedProgram(String lines) {
    private static final String JAVA = """
            import dev.lockstep.driver.state.TrainingState;
            import dev.lockstep.ml.*;
            import java.nio.charset.StandardCharsets;
            import java.util.Arrays;
            import org.apache.spark.ml.*;
            import org.apache.spark.ml.evaluation.*;
            import org.apache.spark.ml.feature.*;
            import org.apache.spark.ml.param.*;
            import org.apache.spark.ml.tuning.*;
            import org.apache.spark.sql.*;

            public class Program {
                public static Object[] run() throws Exception {
                    %s
                    return new Object[] {best, loaded, answers};
                }

                /** The figures of the cross-validation and what tells models and answers apart. */
                public static String told(Object[] made) {
                    CrossValidatorModel best = (CrossValidatorModel) made[0];
                    PipelineModel model = (PipelineModel) best.bestModel();
                    String answers = ((Dataset<?>) made[2]).collectAsList().toString();
                    return Arrays.toString(best.avgMetrics())
                            + " " + ((LockstepClassificationModel) model.stages()[2]).summary().parametersSha256()
                            + " " + TrainingState.sha256(answers.getBytes(StandardCharsets.UTF_8));
                }

                public static void main(String[] none) throws Exception {
                    System.out.println("told: " + told(run()));
                }
            }
            """;

    private static final String SCALA = """
            import dev.lockstep.ml._
            import org.apache.spark.ml._
            import org.apache.spark.ml.evaluation._
            import org.apache.spark.ml.feature._
            import org.apache.spark.ml.tuning._
            import org.apache.spark.sql._

            object ScalaProgram {
              def run(): Array[AnyRef] = {
                %s
                Array(best, loaded)
              }
            }
            """;

    /** @param language in which it is written, as its block in the document says */
    public static DocumentedProgram of(Path document, String language) {
        String text;
        try {
            text = Files.readString(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Matcher found = Pattern.compile("```" + language + "\n((?:(?!```).)*LockstepClassifier.*?)```", Pattern.DOTALL)
                .matcher(text);
        assertThat(found.find()).as(language + " in " + document).isTrue();
        return new DocumentedProgram(found.group(1));
    }

    /** The same on other files: those that it names, in a folder. */
    public DocumentedProgram in(Path folder) {
        return with("\"iris.parquet\"", "\"" + folder.resolve("iris.parquet") + "\"")
                .with("\"iris.model\"", "\"" + folder.resolve("iris.model") + "\"");
    }

    /** The same for who has no time: two folds of two passes. */
    public DocumentedProgram shorter() {
        return with("setMaxIter(20)", "setMaxIter(2)").with("setNumFolds(5)", "setNumFolds(2)");
    }

    private DocumentedProgram with(String text, String instead) {
        assertThat(lines).contains(text);
        return new DocumentedProgram(lines.replace(text, instead));
    }

    /** Compiles it to a class {@code Program}. */
    public void compileJava(Path classes) {
        String program = JAVA.formatted(lines);
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Program.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return program;
                    }
                };
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        List<String> options = List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
        boolean done =
                javac.getTask(said, null, null, options, null, List.of(source)).call();
        assertThat(done).as(said.toString()).isTrue();
    }

    /** Compiles it to a class {@code ScalaProgram}. */
    public void compileScala(Path classes) throws IOException {
        Path source = Files.writeString(classes.resolve("ScalaProgram.scala"), SCALA.formatted(lines));
        String[] words = {
            "-classpath", System.getProperty("java.class.path"), "-d", classes.toString(), source.toString()
        };
        assertThat(new MainClass().process(words)).as("compiled").isTrue();
    }
}
