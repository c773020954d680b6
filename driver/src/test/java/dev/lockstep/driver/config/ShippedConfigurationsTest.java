package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of conf/: it parses, has the size that it is known for, and its resolved form says the same. */
class ShippedConfigurationsTest {

    private static final Path FOLDER = Path.of("..", "conf");

    /** The course's numbers and, for the others, the sums of their layers' own. */
    private static final Map<String, Long> PARAMETERS = Map.ofEntries(
            Map.entry("alexnet", 62_378_344L),
            Map.entry("alexnet-small", 1_157_962L),
            Map.entry("deep-convnet", 123_552L),
            Map.entry("double-convnet", 75_430L),
            Map.entry("fashion-cnn", 468_586L),
            Map.entry("lenet", 431_080L),
            Map.entry("lenet-5", 61_706L),
            Map.entry("lenet-bn", 431_360L),
            Map.entry("mlp", 32_430L),
            Map.entry("mlp-10m", 10_068_810L),
            Map.entry("multi-layer-net", 130_010L),
            Map.entry("multi-layer-net-extended", 132_410L),
            Map.entry("resnet-20", 274_442L),
            Map.entry("resnet-32", 470_218L),
            Map.entry("resnet-56", 861_770L),
            Map.entry("simple-convnet", 433_890L));

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
        long parameters = Networks.size(config.network()).parameters();
        assertThat(parameters).isEqualTo(PARAMETERS.getOrDefault(name(file), parameters));
    }

    /** Found without building it, and as if it had been built. */
    @ParameterizedTest
    @MethodSource("files")
    void theSizeIsThatOfTheNetworkBuilt(Path file) {
        NetworkSpec spec = RunConfigParser.parse(config(file)).network();
        if (Networks.size(spec).parameters() < 10_000_000) {
            Network built = Networks.build(spec, 1);
            Map<String, Long> parameters = new TreeMap<>();
            built.parts().forEach((name, part) -> {
                if (part.numParams() > 0) {
                    parameters.put(name, part.numParams());
                }
            });
            Map<String, Long> found = new TreeMap<>();
            Networks.sizes(spec).forEach((name, size) -> {
                if (size.parameters() > 0) {
                    found.put(name, size.parameters());
                }
            });
            assertThat(found).isEqualTo(parameters);
            assertThat(Networks.size(spec))
                    .isEqualTo(new NetworkSize(
                            built.parameters().length(), built.optimizerState().length()));
            assertThat(Networks.stockConfigurationJson(spec))
                    .isEqualTo(Networks.stock(spec).configurationJson());
        }
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

    /** Each layer by our code, in the gradient of a small shard too; a loss layer has next to nothing to do. */
    @ParameterizedTest
    @MethodSource("files")
    void noLayerIsLeftToDl4j(Path file) {
        RunConfig config = RunConfigParser.parse(config(file));
        NetworkSpec network = config.network();
        int size = network.input().size();
        byte[] values = new byte[3 * size];
        new Random(1).nextBytes(values);
        Block block = Block.of(ExampleFormat.bytes(Shape.vector(size), 1 << 20), 0, new int[] {0, 1, 0}, values);
        Replica replica = new Replica(network, new SeedLaw(config.seed()));
        replica.gradient(new StepId(0, 0, 3), 0, List.of(block.packed(0), block.packed(1), block.packed(2)));
        assertThat(replica.model().kernels()).isNotEmpty().allSatisfy(choice -> {
            assertThat(choice.stock()).isEmpty();
            assertThat(choice.stockForward()).isZero();
            assertThat(choice.stockBackward()).isZero();
            if (!choice.type().equals("LossLayer")) {
                assertThat(choice.forward()).isPositive();
                assertThat(choice.backward()).isEqualTo(1);
            }
        });
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".conf", "");
    }
}
