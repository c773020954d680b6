package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of conf/: it parses, has the size that it is known for, and its resolved form says the same. */
class ShippedConfigurationsTest {

    private static final Path FOLDER = Path.of("..", "conf");

    private static final Map<String, Integer> PARAMETERS = Map.of(
            "deep-convnet", 123_552,
            "fashion-cnn", 468_586,
            "lenet", 431_080,
            "lenet-bn", 431_360,
            "mlp", 32_430,
            "simple-convnet", 433_890);

    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".conf"))
                    .sorted()
                    .toList();
        }
    }

    private static Config config(Path file) {
        return ConfigFactory.parseFile(file.toFile());
    }

    @Test
    void allAreThere() throws IOException {
        assertThat(files().stream().map(ShippedConfigurationsTest::name)).containsAll(PARAMETERS.keySet());
    }

    @ParameterizedTest
    @MethodSource("files")
    void parsesAndHasItsSize(Path file) {
        RunConfig config = RunConfigParser.parse(config(file));
        assertThat(config.name()).isEqualTo(name(file));
        int parameters = config.network().initialParameters(1).length;
        assertThat(parameters).isEqualTo(PARAMETERS.getOrDefault(name(file), parameters));
    }

    @ParameterizedTest
    @MethodSource("files")
    void theResolvedConfigurationSaysTheSame(Path file) {
        for (List<String> overrides : List.of(
                List.<String>of(),
                List.of("seed=-5", "data.path=hdfs://h:1/a \"b\"", "train.iterations=30", "train.exchange=local"),
                List.of("optimizer.name=rmsprop", "regularization.l1=1e-30", "data.validation-fraction=0.1"),
                List.of("optimizer.name=momentum", "optimizer.momentum=0.3", "train.evaluate-every=7 steps"))) {
            RunConfig config = RunConfigParser.parse(RunConfigParser.override(config(file), overrides));
            assertThat(RunConfigParser.parse(config.resolved())).isEqualTo(config);
            String text = config.resolved()
                    .root()
                    .render(ConfigRenderOptions.defaults()
                            .setOriginComments(false)
                            .setJson(false));
            RunConfig again = RunConfigParser.parse(ConfigFactory.parseString(text));
            assertThat(again).isEqualTo(config);
            assertThat(again.hashCode()).isEqualTo(config.hashCode());
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".conf", "");
    }
}
