package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may teach a network of 16 inputs and 3 classes. */
class TeacherModelTest {
    private static final Configuration HADOOP = new Configuration(false);
    private static final String INPUT = "input = [1, 4, 4], ";
    private static final String CLASSES = "classes = 3, layers = [{ type = dense, units = 5 }, { type = output }]";
    private static final String DATA =
            "data { format = generated, generated { rule = images, train = 20, test = 10 } }\n";

    @TempDir
    private Path folder;

    private Path zip;
    private float[] parameters;

    @BeforeEach
    void writeATeacher() throws IOException {
        zip = folder.resolve("teacher.zip");
        write(INPUT + CLASSES, "", Fitted.NOTHING, 1);
    }

    private void write(String network, String more, Fitted fitted, long seed) throws IOException {
        RunConfig config = RunConfigParser.parse(ConfigFactory.parseString("network { " + network + " }\n" + more));
        parameters = Networks.initialParameters(config.network(), seed);
        try (OutputStream out = Files.newOutputStream(zip)) {
            ModelFile.write(config.network(), new TrainingState(1, parameters, new float[0]), fitted, out);
        }
    }

    private RunConfig config() {
        return RunConfigParser.parse(ConfigFactory.parseString(DATA + "train.teacher = \"" + zip + "\"\nnetwork { "
                + INPUT + "classes = 3, layers = [{ type = output }] }"));
    }

    private static Dataset dataset(RunConfig config, Fitted fitted) {
        Dataset plain = Dataset.open(
                config.data(), config.network().input(), config.network().target(), HADOOP);
        return new Dataset(
                plain.format(), plain.train(), null, plain.test(), plain.fingerprint(), fitted, plain.skipped());
    }

    private TeacherModel teacher(Fitted fitted) throws IOException {
        return TeacherModel.of(config(), dataset(config(), fitted), HADOOP);
    }

    @Test
    void itIsTheModel() throws IOException {
        TeacherModel teacher = teacher(Fitted.NOTHING);
        assertThat(teacher.model().parameters()).isEqualTo(parameters);
        assertThat(teacher.modelSha256()).isEqualTo(new TrainingState(0, parameters, new float[0]).parametersSha256());
        RunConfig alone =
                RunConfigParser.parse(ConfigFactory.parseString(DATA + "network { " + INPUT + CLASSES + " }"));
        assertThat(TeacherModel.of(alone, dataset(alone, Fitted.NOTHING), HADOOP))
                .isNull();
    }

    /** The parameters alone do not say what is computed with them. */
    @Test
    void anotherNetworkOfTheSameParametersIsAnotherTeacher() throws IOException {
        Map<String, String> before = teacher(Fitted.NOTHING).fingerprint();
        assertThat(before)
                .hasSize(2)
                .containsEntry(
                        "train.teacher (SHA-256)", teacher(Fitted.NOTHING).modelSha256());
        assertThat(teacher(Fitted.NOTHING).fingerprint()).isEqualTo(before);
        write(INPUT + CLASSES.replace("units = 5", "units = 5, activation = tanh"), "", Fitted.NOTHING, 1);
        Map<String, String> after = teacher(Fitted.NOTHING).fingerprint();
        assertThat(after).containsEntry("train.teacher (SHA-256)", before.get("train.teacher (SHA-256)"));
        assertThat(after).isNotEqualTo(before);
    }

    /** What a run is known by is what it learns from, though the model's file is written anew meanwhile. */
    @Test
    void aTeacherIsReadOnce() throws IOException {
        Resumption resumption =
                new Resumption(config(), dataset(config(), Fitted.NOTHING), RunFolder.at(folder + "/run", HADOOP));
        assertThat(resumption.teacherSha256()).isEqualTo(teacher(Fitted.NOTHING).modelSha256());
        float[] before = parameters;
        write(INPUT + CLASSES, "", Fitted.NOTHING, 2);
        assertThat(teacher(Fitted.NOTHING).modelSha256()).isNotEqualTo(resumption.teacherSha256());
        assertThat(resumption.takeTeacher().parameters()).isEqualTo(before);
        assertThat(resumption.takeTeacher()).as("given up").isNull();
    }

    private void refused(String line, Fitted fitted) {
        assertThatThrownBy(() -> teacher(fitted))
                .isInstanceOf(ModelException.class)
                .hasMessage("train.teacher = " + zip + ": " + line);
    }

    @Test
    void whoTellsSomethingElseIsRefused() throws IOException {
        write("input = [16], " + CLASSES, "", Fitted.NOTHING, 1);
        refused("reads examples of 16, the network those of 1x4x4; expected the same", Fitted.NOTHING);
        write(INPUT + CLASSES.replace("3", "4"), "", Fitted.NOTHING, 1);
        refused("tells 4 classes, the network 3; expected as many", Fitted.NOTHING);
        write(INPUT + CLASSES.replace("type = output", "type = output, loss = squared-error"), "", Fitted.NOTHING, 1);
        refused("does not end with softmax; expected probabilities of classes", Fitted.NOTHING);
        write(
                INPUT + "targets = 1, layers = [{ type = output }]",
                "data { format = csv, path = x, columns.label = [y] }, train.objective = regression",
                Fitted.NOTHING,
                1);
        refused("was trained for regression; expected classification", Fitted.NOTHING);
        zip = folder.resolve("nowhere");
        refused(
                "there is no " + zip.toUri().toString().replace("file:///", "file:/")
                        + "; expected a run's folder with a finished model, or a model file",
                Fitted.NOTHING);
    }

    @Test
    void whoReadsExamplesOtherwiseIsRefused() throws IOException {
        List<String> columns = List.of("a", "b");
        Map<String, List<String>> words = Map.of("b", List.of("no", "yes"));
        Scaling half = new Scaling(new float[16], new float[16]);
        Fitted known = new Fitted(columns, words, half);
        write(INPUT + CLASSES, "", known, 1);
        assertThat(teacher(new Fitted(columns, words, half))).isNotNull();
        refused(
                "was trained with the columns [a, b], the data has [b, a]; expected the same, in their order",
                new Fitted(List.of("b", "a"), words, half));
        refused(
                "was trained with other words in the columns [b] than the data has; expected the same",
                new Fitted(columns, Map.of("b", List.of("maybe", "no")), half));
        refused(
                "was given features scaled otherwise than the data's are; expected the same data.scaling of the same"
                        + " training rows",
                new Fitted(columns, words, Scaling.NONE));
        write(INPUT + CLASSES, "", Fitted.NOTHING, 1);
        assertThat(teacher(new Fitted(columns, words, Scaling.NONE)))
                .as("one that knows no columns, as models from elsewhere")
                .isNotNull();
        refused(
                "was given features scaled otherwise than the data's are; expected the same data.scaling of the same"
                        + " training rows",
                known);
    }
}
