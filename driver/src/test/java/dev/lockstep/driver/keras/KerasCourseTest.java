package dev.lockstep.driver.keras;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.model.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The course's Keras exercises as files of Keras (conf/course/keras) are the networks of our exercises. */
class KerasCourseTest {
    private static final Path COURSE = Path.of("..", "conf", "course");

    @ParameterizedTest
    @CsvSource({"4_3_perceptron, or-30", "4_3_iris, relu", "4_3_rnn, relu"})
    void theyAreTheExercisesNetworks(String name, String variant) throws IOException {
        Config exercise =
                ConfigFactory.parseFile(COURSE.resolve(name + ".conf").toFile()).resolve();
        Config with = exercise.getConfigList("variants").stream()
                .filter(one -> one.getString("name").equals(variant))
                .findFirst()
                .orElseThrow();
        NetworkSpec ours = RunConfigParser.parse(with.withOnlyPath("with")
                        .withFallback(ConfigFactory.parseString("with {}"))
                        .getConfig("with")
                        .withFallback(exercise.getConfig("base")))
                .network();
        KerasModel model = KerasModel.of(name, Files.readAllBytes(COURSE.resolve("keras/" + name + ".keras")));
        assertThat(model.network().layers()).isEqualTo(ours.layers());
        assertThat(model.network().input()).isEqualTo(ours.input());
        assertThat(model.network().objective()).isEqualTo(ours.objective());
    }
}
