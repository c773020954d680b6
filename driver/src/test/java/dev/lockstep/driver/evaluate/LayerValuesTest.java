package dev.lockstep.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.NetworkSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LayerValuesTest {
    private static NetworkSpec network(String text) {
        return RunConfigParser.parse(ConfigFactory.parseString(text)).network();
    }

    private static LayerValues values(NetworkSpec network, float[] parameters, byte[]... examples) {
        try (LayerValues.Probe probe = new LayerValues.Probe(network, List.of(examples))) {
            return probe.of(parameters);
        }
    }

    /** Of an untrained network of two classes, both outputs of which are 1/2: the mean of (1/2 - target) x, by weight. */
    @Test
    void gradientsAreOfTheMeanThatIsTrained() {
        NetworkSpec network = network("network { input = [1], classes = 2, layers = [{ type = output }] }");
        ExampleFormat format = ExampleFormat.bytes(network.input(), 2);
        byte[] first = format.pack(0, new byte[] {(byte) 255}, 0);
        byte[] second = format.pack(1, new byte[] {(byte) 255}, 0);
        float[] untrained = new float[4];
        assertThat(values(network.of(format), untrained, first, second)
                        .gradients()
                        .get("0"))
                .containsExactly(new float[] {0, 0}, within(1e-6f));
        assertThat(values(network.of(format).weighing(List.of(1.0, 3.0)), untrained, first, second)
                        .gradients()
                        .get("0"))
                .as("of classes")
                .containsExactly(new float[] {0.25f, -0.25f}, within(1e-6f));
        ExampleFormat weighted = format.withWeights();
        byte[] heavy = weighted.pack(1, new byte[] {(byte) 255}, 0, 3);
        assertThat(values(network.of(weighted), untrained, weighted.pack(0, new byte[] {(byte) 255}, 0), heavy)
                        .gradients()
                        .get("0"))
                .as("of examples")
                .containsExactly(new float[] {0.25f, -0.25f}, within(1e-6f));
    }

    /** With {@code average-over = tokens} every step counts once, however long its sequence is. */
    @Test
    void gradientsAreOfTheMeanOverTokens() {
        NetworkSpec network = network("data { format = text, path = any }, network { input = [time, 1], classes = 2,"
                + " layers = [{ type = output }] }, train.average-over = tokens");
        ExampleFormat format =
                new ExampleFormat(Element.FLOAT, network.input(), new Target(Target.Kind.CLASS, 2, true));
        byte[] shorter = format.pack(new float[] {1}, new float[] {0});
        byte[] longer = format.pack(new float[] {1, 1, 1}, new float[] {1, 1, 1});
        assertThat(values(network.of(format), new float[4], shorter, longer)
                        .gradients()
                        .get("0"))
                .containsExactly(new float[] {0.25f, -0.25f}, within(1e-6f));
    }

    /** Neither biases nor scales and shifts, whatever DL4J calls them. */
    @Test
    void weightsAreWeightsAlone() {
        NetworkSpec network = network("network { input = [time, 3], classes = 2, layers = [\n"
                + "{ type = gru, units = 4 }, { type = layer-norm }, { type = attention, heads = 2 }, { type = last-step }\n"
                + "{ type = dense, units = 5 }, { type = prelu }, { type = batch-norm }, { type = output }] }");
        ExampleFormat format =
                new ExampleFormat(Element.FLOAT, network.input(), new Target(Target.Kind.CLASS, 2, false));
        LayerValues values = values(
                network.of(format),
                Networks.initialParameters(network, 1),
                format.pack(new float[] {1, 2, 3, 4, 5, 6}, new float[] {1}));
        Map<String, Integer> sizes = values.weights().entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, layer -> layer.getValue().length));
        assertThat(sizes)
                .isEqualTo(Map.of(
                        "0",
                        3 * 4 * 3 + 4 * 4 * 3, // three gates
                        "2",
                        4 * 4 * 3 + 4 * 4,
                        "4",
                        4 * 5,
                        "7",
                        5 * 2));
        assertThat(values.gradients().keySet()).isEqualTo(values.weights().keySet());
    }
}
