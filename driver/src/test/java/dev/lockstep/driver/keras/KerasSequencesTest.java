package dev.lockstep.driver.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.worker.dl4j.FlatValues;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Models with recurrent layers, embeddings and branches say what Keras says (src/test/resources/keras/make.py). */
class KerasSequencesTest {
    private static final Path FILES = Path.of("src/test/resources/keras");

    private static KerasModel model(String file) throws IOException {
        return KerasModel.of(file, Files.readAllBytes(FILES.resolve(file)));
    }

    private static float[][] rows(String told) throws IOException {
        return Files.readAllLines(FILES.resolve(told)).stream()
                .map(line -> {
                    String[] texts = line.split(",");
                    float[] row = new float[texts.length];
                    for (int i = 0; i < row.length; i++) {
                        row[i] = Float.parseFloat(texts[i]);
                    }
                    return row;
                })
                .toArray(float[][]::new);
    }

    /** {@code [1, length, time]} or {@code [1, channels, height, width]}, of values as Keras has them. */
    private static INDArray input(Shape shape, float[] values) {
        INDArray features = Nd4j.createFromArray(values);
        return shape.isImage()
                ? features.reshape(1, shape.height(), shape.width(), shape.channels())
                        .permute(0, 3, 1, 2)
                        .dup('c')
                : features.reshape(1, values.length / shape.size(), shape.size())
                        .permute(0, 2, 1)
                        .dup('c');
    }

    /** By DL4J's layers where it has them, and by ours. */
    @ParameterizedTest
    @CsvSource({
        "words-keras-1.h5, 7",
        "words-keras-2.h5, 7",
        "words-keras-3.h5, 7",
        "words-keras-3.keras, 7",
        "after-keras-2.h5, 18",
        "after-keras-3.keras, 18",
        "ends-keras-2.h5, 15",
        "ends-keras-3.keras, 15",
        "block-keras-1.h5, 96",
        "block-keras-2.h5, 96",
        "block-keras-3.keras, 96",
        "apart-keras-2.h5, 126",
        "apart-keras-3.keras, 126",
    })
    void theyAreToldAsKerasTellsThem(String file, int values) throws IOException {
        KerasModel model = model(file);
        assertThat(model.version()).startsWith(file.replaceAll("\\D+(\\d).*", "$1"));
        Network network = Networks.stock(model.network());
        try {
            for (boolean ours : new boolean[] {false, true}) {
                if (ours) {
                    network.useFastLayers();
                }
                FlatValues.write(network.parameters(), model.parameters());
                for (float[] row : rows(file.replaceAll("-.*", ".csv"))) {
                    INDArray input = input(model.network().input(), Arrays.copyOf(row, values));
                    INDArray output = network.output(input);
                    INDArray inTime = output.rank() == 3 ? output.permute(0, 2, 1) : output;
                    assertThat(inTime.dup('c').data().asFloat())
                            .containsExactly(Arrays.copyOfRange(row, values, row.length), within(1e-5f));
                }
            }
        } finally {
            network.close();
        }
    }

    @Test
    void theConfigurationIsOneOfOurs() throws IOException {
        assertThat(model("branches-keras-3.keras").network().objective()).isEqualTo(Objective.REGRESSION);
        assertThat(model("words-keras-1.h5").configuration()).isEqualTo("""
                network {
                  input = [time, 1]
                  classes = 11
                  layers = [
                    { type = embedding, vocabulary = 11, units = 5 }
                    { type = bidirectional, layers = [{ type = lstm, units = 3 }] }
                    { type = dropout, ratio = 0.2 }
                    { type = gru, units = 4, reset = before }
                    { type = lstm, units = 4 }
                    { type = last-step }
                    { type = output, activation = softmax }
                  ]
                }
                train.objective = classification
                """);
        assertThat(model("ends-keras-2.h5").configuration().lines().map(String::strip))
                .contains(
                        "{ type = lstm, units = 4, input = [\"input\"] }",
                        "{ type = gru, units = 3, reset = before, input = [\"0\"] }",
                        "{ type = reverse, input = [\"0\"] }",
                        "{ type = gru, units = 3, reset = before }",
                        "{ type = last-step }",
                        "{ type = concat, input = [\"2\", \"input\"] }");
    }

    /** A text in the configuration of a file of Keras 2 is another one of the same length. */
    private static void refused(String file, String text, String instead, String line) throws IOException {
        String content = Files.readString(FILES.resolve(file), StandardCharsets.ISO_8859_1);
        assertThat(content).contains(text);
        String other = instead + " ".repeat(text.length() - instead.length());
        byte[] changed = content.replace(text, other).getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> KerasModel.of("a file", changed))
                .isInstanceOf(ModelException.class)
                .hasMessage("a file: " + line);
    }

    @Test
    void whatHasNoCounterpartIsNamed() throws IOException {
        String words = "words-keras-2.h5";
        refused(
                words,
                "\"recurrent_activation\": \"sigmoid\"",
                "\"recurrent_activation\": \"elu\"",
                "layer 'forward_lstm' (LSTM): recurrent_activation = \"elu\" has no counterpart; expected sigmoid");
        refused(
                words,
                "\"stateful\": false",
                "\"stateful\": true",
                "layer 'forward_lstm' (LSTM): stateful = true has no counterpart; expected false");
        refused(
                words,
                "\"recurrent_dropout\": 0.0",
                "\"recurrent_dropout\": 0.5",
                "layer 'forward_lstm' (LSTM): recurrent_dropout = 0.5 has no counterpart; expected 0");
        refused(
                words,
                "\"merge_mode\": \"concat\"",
                "\"merge_mode\": \"mul\"",
                "layer 'both' (Bidirectional): merge_mode = mul has no counterpart; expected concat, sum or ave");
        refused(
                words,
                "\"mask_zero\": false",
                "\"mask_zero\": true",
                "layer 'rows' (Embedding): mask_zero = true has no counterpart; expected false");
        refused(
                words,
                "\"input_dim\": 11",
                "\"input_dim\": 12",
                "layer 'rows' (Embedding): array 0 is of [11, 5] in the file; expected [12, 5]");
        refused(
                words,
                "\"return_sequences\": true",
                "\"return_sequences\":false",
                "layer 'before' (GRU): reads a sequence, its input is [6]");
        refused(
                "after-keras-2.h5",
                "\"reset_after\": true",
                "\"reset_after\":false",
                "layer 'after' (GRU): array 2 is of [2, 12] in the file; expected [12]");
        refused(
                "ends-keras-2.h5",
                "\"padding\": \"causal\"",
                "\"padding\": \"valid\"",
                "layer 'taps' (Conv1D): strides = 1 with padding = valid has no counterpart; expected strides of 1 and"
                        + " padding same or causal");
        refused(
                "block-keras-2.h5",
                "\"filters\": 3",
                "\"filters\": 4",
                "layer 'one' (Conv2D): array 0 is of [3, 3, 2, 3] in the file; expected [3, 3, 2, 4]");
    }

    private static void noGraph(String line, String... layers) throws IOException {
        String model = "{\"class_name\": \"Functional\", \"config\": {\"layers\": [" + String.join(", ", layers)
                + "], \"output_layers\": [[\"c\", 0, 0]]}}";
        assertThatThrownBy(() -> KerasGraph.of(new ObjectMapper().readTree(model)))
                .isInstanceOf(ModelException.class)
                .hasMessage(line);
    }

    private static String layer(String name, String calls) {
        return "{\"class_name\": \"Dense\", \"config\": {\"name\": \"" + name + "\"}, \"inbound_nodes\": [" + calls
                + "]}";
    }

    @Test
    void whatIsNoGraphOfOneInputAndOneOutputIsRefused() throws IOException {
        String reads = "; only models of one input, in which layers stand behind those that they read, can be imported";
        String a = layer("a", "");
        noGraph("layer 'b' (Dense): reads []" + reads, a, layer("b", ""));
        noGraph("layer 'b' (Dense): reads [c]" + reads, a, layer("b", "[[\"c\", 0, 0]]"));
        noGraph("layer 'a' (Dense): there is another layer of this name", a, layer("a", "[[\"a\", 0, 0]]"));
        noGraph(
                "layer 'b' (Dense): is used 2 times; layers that are shared have no counterpart",
                a,
                layer("b", "[[\"a\", 0, 0]], [[\"b\", 0, 0]]"));
        noGraph(
                "answers with the layers c; only models that answer with their last layer alone, b, can be imported",
                a,
                layer("b", "[[\"a\", 0, 0]]"));
    }
}
