package dev.lockstep.driver.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.FlatValues;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Models that Keras made (src/test/resources/keras/make.py) say what Keras says. */
class KerasModelTest {
    private static final Path FILES = Path.of("src/test/resources/keras");

    private static byte[] content(String file) throws IOException {
        return Files.readAllBytes(FILES.resolve(file));
    }

    private static KerasModel model(String file) throws IOException {
        return KerasModel.of(file, content(file));
    }

    /** Compares with the rows of a file, each an example and Keras's answer. */
    private static void requireAnswers(KerasModel model, String told) throws IOException {
        Network network = Networks.stock(model.network());
        try {
            FlatValues.write(network.parameters(), model.parameters());
            Shape shape = model.network().input();
            for (String line : Files.readAllLines(FILES.resolve(told))) {
                float[] row = new float[line.split(",").length];
                for (int i = 0; i < row.length; i++) {
                    row[i] = Float.parseFloat(line.split(",")[i]);
                }
                INDArray features = Nd4j.createFromArray(Arrays.copyOf(row, shape.size()));
                INDArray input = shape.isImage()
                        ? features.reshape(1, shape.height(), shape.width(), shape.channels())
                                .permute(0, 3, 1, 2)
                                .dup('c')
                        : features.reshape(1, shape.size());
                assertThat(network.output(input).toFloatVector())
                        .containsExactly(Arrays.copyOfRange(row, shape.size(), row.length), within(1e-5f));
            }
        } finally {
            network.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"image-keras-1.h5", "image-keras-2.h5", "image-keras-3.h5", "image-keras-3.keras"})
    void imagesAreToldAsKerasTellsThem(String file) throws IOException {
        KerasModel model = model(file);
        assertThat(model.version()).startsWith(file.replaceAll("\\D+(\\d).*", "$1"));
        assertThat(model.network().input()).isEqualTo(new Shape(2, 10, 12));
        assertThat(model.network().objective()).isEqualTo(Objective.CLASSIFICATION);
        requireAnswers(model, "image.csv");
    }

    @Test
    void valuesAreToldAsKerasTellsThem() throws IOException {
        KerasModel model = model("values-keras-3.keras");
        assertThat(model.network().objective()).isEqualTo(Objective.MULTI_LABEL);
        requireAnswers(model, "values.csv");
    }

    /** The same layers, put together by functions. */
    @Test
    void aFunctionalModelWithoutBranchesIsAChain() throws IOException {
        requireAnswers(model("functional-keras-3.keras"), "values.csv");
        String config = config("functional-keras-3.keras");
        String oneAnswer = config.replace("[[\"told\", 0, 0]]", "[\"told\", 0, 0]");
        assertThat(oneAnswer).isNotEqualTo(config);
        requireAnswers(KerasModel.of("a file", zip(oneAnswer)), "values.csv");
        byte[] older = with("\"class_name\": \"Sequential\"", "\"class_name\": \"Subclasses\"");
        refused(older, "is a model of class Subclasses; only Sequential and Functional ones can be imported");
    }

    /** What a layer reads stands as a list of lists in them, from Keras 2 with a fourth thing. */
    @ParameterizedTest
    @ValueSource(strings = {"Model|[[[$1]]]", "Functional|[[[$1, {}]]]"})
    void anOlderFunctionalModelIsAChainToo(String form) throws IOException {
        String[] parts = form.split("\\|");
        String config = config("functional-keras-3.keras")
                .replaceFirst("\"class_name\": \"Functional\"", "\"class_name\": \"" + parts[0] + "\"")
                .replaceAll(
                        "\\[\\{\"args\": .*?\"keras_history\": \\[(.*?)]}}], \"kwargs\": \\{.*?}}]",
                        Matcher.quoteReplacement(parts[1]).replace("\\$1", "$1"));
        assertThat(config).contains("\"inbound_nodes\": " + parts[1].replace("$1", "\"norm\", 0, 0"));
        requireAnswers(KerasModel.of("a file", zip(config)), "values.csv");
        refused(
                zip(config.replace("[[\"told\", 0, 0]]", "[[\"norm\", 0, 0], [\"told\", 0, 0]]")),
                "answers with the layers norm, told; only models that answer with their last layer alone, told, can be"
                        + " imported");
        refused(
                zip(config.replace("[[\"told\", 0, 0]]", "[[\"norm\", 0, 0]]")),
                "answers with the layers norm; only models that answer with their last layer alone, told, can be"
                        + " imported");
    }

    @Test
    void theConfigurationIsOneOfOurs() throws IOException {
        assertThat(model("image-keras-2.h5").configuration()).isEqualTo("""
                network {
                  input = [2, 10, 12]
                  classes = 5
                  layers = [
                    { type = convolution, filters = 4, kernel = 3, stride = 1, dilation = 1, padding = 0, activation = relu }
                    { type = batch-norm, decay = 0.9, epsilon = 1.0E-4 }
                    { type = max-pool, kernel = 2, stride = 2 }
                    { type = convolution, filters = 3, kernel = 3, stride = 1, dilation = 1, padding = same, activation = tanh }
                    { type = average-pool, kernel = 2, stride = 1 }
                    { type = flatten }
                    { type = batch-norm, decay = 0.99, epsilon = 0.001 }
                    { type = dense, units = 6, activation = relu }
                    { type = dropout, ratio = 0.3 }
                    { type = output, activation = softmax }
                  ]
                }
                train.objective = classification
                """);
    }

    private static void refused(byte[] content, String line) {
        assertThatThrownBy(() -> KerasModel.of("a file", content))
                .isInstanceOf(ModelException.class)
                .hasMessage("a file: " + line);
    }

    /** The file of Keras 2 with another text of the same length in its configuration. */
    private static byte[] with(String text, String instead) throws IOException {
        String file = new String(content("image-keras-2.h5"), StandardCharsets.ISO_8859_1);
        assertThat(file).contains(text);
        assertThat(instead).hasSameSizeAs(text);
        return file.replace(text, instead).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] entry(String file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(FILES.resolve(file).toFile())) {
            return zip.getInputStream(zip.getEntry(name)).readAllBytes();
        }
    }

    private static String config(String file) throws IOException {
        return new String(entry(file, "config.json"), StandardCharsets.UTF_8);
    }

    /** A zip of Keras 3 with the weights of the model of values. */
    private static byte[] zip(String config) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("config.json"));
            zip.write(config.getBytes(StandardCharsets.UTF_8));
            zip.putNextEntry(new ZipEntry("model.weights.h5"));
            zip.write(entry("values-keras-3.keras", "model.weights.h5"));
        }
        return bytes.toByteArray();
    }

    /** A sequential model of an input and layers of these classes. */
    private static byte[] sequential(String input, String... layers) throws IOException {
        String first = "{\"class_name\": \"InputLayer\", \"config\": {\"batch_shape\": [null, " + input + "]}}";
        return zip("{\"class_name\": \"Sequential\", \"config\": {\"layers\": [" + first
                + Stream.of(layers)
                        .map(layer -> ", {\"class_name\": \"" + layer + "\", \"config\": {\"units\": 7}}")
                        .collect(Collectors.joining())
                + "]}}");
    }

    /** Sizes may be any: nothing is computed with them, and no memory taken for them, before they are checked. */
    @Test
    void sizesThatCannotBeAreNamed() throws IOException {
        String counts = " has no counterpart; expected a whole number from 1, the same along both axes";
        refused(
                with("\"strides\": [2, 2]", "\"strides\": [0, 0]"),
                "layer 'pool' (MaxPooling2D): strides = [0,0]" + counts);
        refused(
                with("\"pool_size\": [2, 2]", "\"pool_size\": [0, 0]"),
                "layer 'pool' (MaxPooling2D): pool_size = [0,0]" + counts);
        refused(
                with("\"strides\": [1, 1]", "\"strides\":[-1,-1]"),
                "layer 'conv' (Conv2D): strides = [-1,-1]" + counts);
        refused(
                with("\"dilation_rate\": [1, 1]", "\"dilation_rate\": [9, 9]"),
                "layer 'conv' (Conv2D): takes 19 pixels along each axis; its input is [10, 12, 2]");
        refused(
                with("\"units\": 6", "\"units\":-6"),
                "layer 'hidden' (Dense): units = -6; expected a whole number from 1");
        String sizes = "; expected sizes from 1, and at most 2147483647 values";
        refused(with("[null, 10, 12, 2]", "[null, -1, 12, 2]"), "layer 'conv' (Conv2D): makes [-1, 12, 2]" + sizes);
        refused(sequential("-3", "Dense"), "layer 'InputLayer' (InputLayer): makes [-3]" + sizes);
        refused(
                sequential("70000, 70000, 1", "Flatten", "Dense"),
                "layer 'InputLayer' (InputLayer): makes [70000, 70000, 1]" + sizes);
        refused(
                sequential("30000, 30000, 2", "Flatten", "Dense"),
                "layer 'Dense' (Dense): array 0 is of [5, 7] in the file; expected [1800000000, 7]");
        refused(
                sequential("2147483647", "BatchNormalization", "Dense"),
                "layer 'BatchNormalization' (BatchNormalization): array 2 is of [7] in the file; expected [2147483647]");
    }

    /** Without a Dense behind it, what Flatten makes of an image would be answered in another order. */
    @Test
    void whatIsFlattenedIsNotAnswered() throws IOException {
        refused(
                sequential("2, 2, 3", "Flatten", "Softmax"),
                "layer 'Softmax' (Softmax): is the last layer, its input an image of [2, 2, 3] that is flattened, whose"
                        + " values are in another order here; expected a Dense between");
    }

    @Test
    void whatHasNoCounterpartIsNamed() throws IOException {
        refused(
                content("uneven-keras-3.keras"),
                "layer 'uneven' (Conv2D): kernel_size = [3,2] has no counterpart; expected a whole number from 1, the same"
                        + " along both axes");
        refused(
                with("\"tanh\"", "\"selu\""),
                "layer 'conv_same' (Conv2D): activation = \"selu\" has no counterpart; known are elu, linear, relu,"
                        + " sigmoid, softmax, tanh");
        refused(with("\"Dropout\"", "\"Dropped\""), "layer 'drop' (Dropped): has no counterpart that is imported");
        refused(
                with("\"units\": 6", "\"units\": 7"),
                "layer 'hidden' (Dense): array 0 is of [36, 6] in the file; expected [36, 7]");
    }

    @Test
    void whatIsNoModelIsRefused() throws IOException {
        refused(with("2.15.0", "4.15.0"), "is of Keras 4.15.0; expected one from 1 to 3");
        refused("no".getBytes(), "is no model of Keras: expected HDF5 (.h5) or Keras 3's zip (.keras)");
        refused(
                zip(" ".repeat((16 << 20) + 1)),
                "its entry config.json unpacks to more than 16777216 bytes; this is no model, or Java needs more memory"
                        + " (-Xmx)");
        assertThatThrownBy(() -> KerasModel.of("a file", Arrays.copyOf(content("image-keras-3.h5"), 3000)))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("a file: is damaged: ");
    }

    /** Whatever is in the file: a model, or a line. */
    @ParameterizedTest
    @ValueSource(strings = {"image-keras-2.h5", "values-keras-3.keras"})
    void damageIsSaidInALine(String file) throws IOException {
        byte[] whole = content(file);
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            byte[] damaged = i % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int flips = 0; damaged.length > 0 && flips < i % 3 * 20; flips++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                KerasModel.of("a file", damaged);
            } catch (ModelException e) {
                assertThat(e.getMessage().lines()).as("damage %d", i).hasSize(1);
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(60);
    }
}
