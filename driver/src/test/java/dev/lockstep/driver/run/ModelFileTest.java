package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.step.Predictor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions;

class ModelFileTest {
    private static final String CONFIGURATION = "configuration.json";
    private static final String COEFFICIENTS = "coefficients.bin";

    private static NetworkSpec spec(String optimizer) {
        return RunConfigParser.parse(ConfigFactory.parseString("network { input = [1, 6, 6], classes = 3, layers = [\n"
                        + "{ type = convolution, filters = 2, kernel = 3 }, { type = batch-norm }, { type = dropout }\n"
                        + "{ type = output }] }, optimizer.name = " + optimizer))
                .network();
    }

    /** Any state of a network's size. */
    private static TrainingState state(NetworkSpec spec) {
        MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(spec, 1));
        network.init();
        INDArray optimizer = network.getUpdater().getStateViewArray();
        Random random = new Random(5);
        return new TrainingState(
                9, floats(random, network.numParams()), floats(random, optimizer == null ? 0 : optimizer.length()));
    }

    private static float[] floats(Random random, long length) {
        float[] values = new float[(int) length];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() + 0.1f; // above 0: some are variances
        }
        return values;
    }

    private static byte[] written(NetworkSpec spec, TrainingState state) {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        try {
            ModelFile.write(spec, state, zip);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return zip.toByteArray();
    }

    private static byte[] adam() {
        return written(spec("adam"), state(spec("adam")));
    }

    private static ModelFile.Contents read(byte[] zip) throws IOException {
        return ModelFile.read("m.zip", () -> new ByteArrayInputStream(zip));
    }

    private static AbstractThrowableAssert<?, ?> assertRefused(byte[] zip) {
        return assertThatThrownBy(() -> read(zip))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("m.zip: ")
                .hasMessageNotContaining("\n");
    }

    /** The file with one entry changed; null takes it out. */
    private static byte[] changed(byte[] zip, String entry, UnaryOperator<byte[]> change) throws IOException {
        Map<String, byte[]> entries = entries(zip);
        byte[] content = change.apply(entries.get(entry));
        entries.remove(entry);
        if (content != null) {
            entries.put(entry, content);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream to = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                to.putNextEntry(new ZipEntry(each.getKey()));
                to.write(each.getValue());
            }
        }
        return out.toByteArray();
    }

    private static byte[] changedText(byte[] zip, String from, String to) throws IOException {
        return changed(zip, CONFIGURATION, json -> {
            String text = new String(json, StandardCharsets.UTF_8);
            assertThat(text).contains(from);
            return text.replace(from, to).getBytes(StandardCharsets.UTF_8);
        });
    }

    private static Map<String, byte[]> entries(byte[] zip) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "momentum", "adagrad", "rmsprop", "adam"})
    void comesBackWithTheSameBits(String optimizer) throws IOException {
        NetworkSpec spec = spec(optimizer);
        TrainingState state = state(spec);
        byte[] zip = written(spec, state);
        ModelFile.Contents contents = read(zip);
        assertThat(contents.input()).isEqualTo(new Shape(1, 6, 6));
        assertThat(contents.classes()).isEqualTo(3);
        assertThat(contents.model().parameters()).containsExactly(state.parameters());
        assertThat(written(spec, state))
                .as("the same state gives the same file")
                .isEqualTo(zip);
    }

    /** A loss has no weights of its own, and so no number of outputs that DL4J would know. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ type = dense, units = 3 }, { type = dropout }, { type = loss }",
                "{ type = convolution, filters = 3, kernel = 6 }, { type = loss }",
                "{ type = dense, units = 3 }, { type = residual, layers = [{ type = dense, units = 3 }] }, { type = loss }"
            })
    void aNetworkThatEndsWithALossIsOfItsOutputs(String layers) throws IOException {
        NetworkSpec spec = RunConfigParser.parse(ConfigFactory.parseString(
                        "network { input = [1, 6, 6], classes = 3, layers = [" + layers + "] }"))
                .network();
        float[] parameters = Networks.initialParameters(spec, 1);
        ModelFile.Contents contents = read(written(spec, new TrainingState(1, parameters, new float[0])));
        assertThat(contents.classes()).isEqualTo(3);
        assertThat(contents.model().parameters()).containsExactly(parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sgd", "momentum", "adagrad", "rmsprop", "adam"})
    void stockDl4jRestoresItWithItsOptimizerState(String optimizer) throws IOException {
        NetworkSpec spec = spec(optimizer);
        TrainingState state = state(spec);
        byte[] zip = written(spec, state);
        assertThat(new String(entries(zip).get(CONFIGURATION), StandardCharsets.UTF_8))
                .doesNotContain("lockstep");
        MultiLayerNetwork restored = ModelSerializer.restoreMultiLayerNetwork(new ByteArrayInputStream(zip), true);
        assertThat(restored.params().data().asFloat()).containsExactly(state.parameters());
        INDArray updater = restored.getUpdater().getStateViewArray();
        assertThat(updater == null ? new float[0] : updater.data().asFloat()).containsExactly(state.optimizer());
        INDArray input = Nd4j.rand(2, 1, 6, 6);
        assertThat(restored.output(input).sumNumber().doubleValue())
                .isCloseTo(2, org.assertj.core.api.Assertions.within(1e-5));
    }

    /** Streamed, and byte for byte what DL4J writes. */
    @ParameterizedTest
    @ValueSource(strings = {"sgd", "momentum", "adam"})
    void entriesAreThoseOfDl4j(String optimizer) throws IOException {
        NetworkSpec spec = spec(optimizer);
        TrainingState state = state(spec);
        Network network = Networks.stock(spec);
        network.parameters().assign(Nd4j.createFromArray(state.parameters()));
        if (state.optimizer().length > 0) {
            network.optimizerState().assign(Nd4j.createFromArray(state.optimizer()));
        }
        Map<String, byte[]> ours = entries(written(spec, state));
        ours.remove("lockstep.json");
        Map<String, byte[]> dl4j = entries(saved(network.model()));
        assertThat(ours.keySet()).isEqualTo(dl4j.keySet());
        ours.forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(dl4j.get(name)));
    }

    /** Whoever gets the file can tell whether DL4J alone reads it. */
    @Test
    void saysWhetherItNeedsOurJar() throws IOException {
        NetworkSpec ours = RunConfigParser.parse(
                        ConfigFactory.parseString("network { input = [4], classes = 3, layers = [\n"
                                + "{ type = dense, units = 5 }, { type = layer-norm }, { type = output }] }"))
                .network();
        assertThat(new String(entries(adam()).get("lockstep.json"), StandardCharsets.UTF_8))
                .contains("\"needs_lockstep\":false");
        byte[] zip = written(ours, state(ours));
        assertThat(new String(entries(zip).get("lockstep.json"), StandardCharsets.UTF_8))
                .contains("\"needs_lockstep\":true");
        assertThat(read(zip).classes()).isEqualTo(3);
    }

    /** As versions before wrote it. */
    @Test
    void anEntryWithoutThatIsRead() throws IOException {
        byte[] older = changed(
                adam(), "lockstep.json", json -> "{\"input\":[1,6,6],\"classes\":3}".getBytes(StandardCharsets.UTF_8));
        assertThat(read(older).classes()).isEqualTo(3);
    }

    @Test
    void aModelOfDl4jIsReadAndRun() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Nesterovs(0.1, 0.9))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(12)
                        .nOut(7)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(7)
                        .nOut(4)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        ModelFile.Contents contents = read(saved(network));
        assertThat(contents.input()).isEqualTo(Shape.vector(12));
        assertThat(contents.classes()).isEqualTo(4);
        byte[] example = new byte[Integer.BYTES + 12]; // class 0, all pixels black
        float[] answer = Predictor.with(
                contents.model().configurationJson(),
                ExampleFormat.bytes(contents.input(), contents.classes()),
                contents.model().parameters(),
                predictor -> predictor.predict(List.of(example)).outputs()[0]);
        assertThat(answer).containsExactly(network.output(Nd4j.zeros(1, 12)).toFloatVector());
    }

    @Test
    void aGraphOfDl4jIsReadAndRun() throws IOException {
        ComputationGraph network = new ComputationGraph(graph().setOutputs("a").build());
        network.init();
        ModelFile.Contents contents = read(saved(network));
        assertThat(contents.input()).isEqualTo(Shape.vector(5));
        assertThat(contents.classes()).isEqualTo(2);
        float[] answer = Predictor.with(
                contents.model().configurationJson(),
                ExampleFormat.bytes(contents.input(), contents.classes()),
                contents.model().parameters(),
                predictor ->
                        predictor.predict(List.of(new byte[Integer.BYTES + 5])).outputs()[0]);
        assertThat(answer)
                .containsExactly(network.outputSingle(Nd4j.zeros(1, 5)).toFloatVector());
        assertRefused(changed(saved(network), COEFFICIENTS, bytes -> array(Nd4j.zeros(1, 500))))
                .hasMessageContaining("holds 500 parameters, but its network has 12");
    }

    private static ComputationGraphConfiguration.GraphBuilder graph() {
        return new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.feedForward(5))
                .addLayer("a", classes(2), "in");
    }

    private static OutputLayer classes(int count) {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(count)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static byte[] saved(org.deeplearning4j.nn.api.Model network) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network, out, true);
        return out.toByteArray();
    }

    @Test
    void whatIsNoModelIsRefused() throws IOException {
        assertRefused(new byte[0])
                .hasMessageContainingAll("is not a DL4J model file: expected the entries", CONFIGURATION);
        assertRefused("a text".getBytes(StandardCharsets.UTF_8)).hasMessageContaining("is not a DL4J model file");
        assertRefused(changed(adam(), COEFFICIENTS, bytes -> null))
                .hasMessageContainingAll(
                        "expected the entries configuration.json and coefficients.bin, found [configuration.json");
        assertRefused(changed(adam(), CONFIGURATION, bytes -> null)).hasMessageContaining("found [coefficients.bin");
        assertRefused(changed(adam(), CONFIGURATION, bytes -> new byte[0])).hasMessageContaining("is damaged");
        assertRefused(changed(adam(), CONFIGURATION, bytes -> "{".repeat(5000).getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("is damaged");
    }

    @Test
    void aFileCutShortAnywhereIsRefused() {
        byte[] zip = adam();
        for (int length = zip.length * 3 / 4; length > 0; length -= zip.length / 9) {
            assertRefused(Arrays.copyOf(zip, length));
        }
    }

    @Test
    void coefficientsThatAreNotThisNetworksAreRefused() throws IOException {
        assertRefused(changed(adam(), COEFFICIENTS, bytes -> Arrays.copyOf(bytes, bytes.length / 2)))
                .hasMessageContaining("is damaged");
        assertRefused(changed(adam(), COEFFICIENTS, bytes -> new byte[0])).hasMessageContaining("is damaged");
        assertRefused(changed(adam(), COEFFICIENTS, bytes -> array(Nd4j.zeros(1, 500))))
                .hasMessageContaining("holds 500 parameters, but its network has 127");
        assertRefused(changed(adam(), COEFFICIENTS, bytes -> new byte[bytes.length]))
                .hasMessageContaining("is damaged");
    }

    private static byte[] array(INDArray array) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            Nd4j.write(array, new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    @Test
    void aDamagedLengthCostsNoMemory() throws IOException { // with ND4J's reader it ended the JVM
        byte[] good = entries(adam()).get(COEFFICIENTS);
        for (int at : lengths(good)) {
            for (int with : new int[] {0x00, 0x01, 0x7f, 0xff}) {
                byte[] damaged = good.clone();
                Arrays.fill(damaged, at, at + Long.BYTES, (byte) with);
                assertRefused(changed(adam(), COEFFICIENTS, bytes -> damaged));
            }
        }
    }

    /** Where the two lengths are: each between the name of an allocation mode and that of a type. */
    private static List<Integer> lengths(byte[] array) {
        String text = new String(array, StandardCharsets.ISO_8859_1);
        return List.of(text.indexOf("LONG", text.indexOf("\0\4LONG")) - 10, text.indexOf("\0\5FLOAT") - 8);
    }

    @Test
    void parametersOfTypeDoubleAreReadAndOthersRefused() throws IOException {
        float[] values = read(adam()).model().parameters();
        byte[] doubles =
                array(Nd4j.createFromArray(values).reshape(1, values.length).castTo(DataType.DOUBLE));
        assertThat(read(changed(adam(), COEFFICIENTS, bytes -> doubles)).model().parameters())
                .containsExactly(values);
        byte[] longs = array(Nd4j.zeros(DataType.INT64, 1, values.length));
        assertRefused(changed(adam(), COEFFICIENTS, bytes -> longs))
                .hasMessageContaining("holds parameters of type LONG; expected FLOAT or DOUBLE");
    }

    @Test
    void aNetworkFarLargerThanTheFileIsRefusedBeforeItIsBuilt() throws IOException {
        assertRefused(changedText(adam(), "\"nout\" : 3", "\"nout\" : 2000000000"))
                .hasMessageContainingAll("holds 127 parameters, but its network has 66000000");
    }

    @Test
    void aForeignClassIsNotBuilt() throws IOException {
        String softmax = "\"@class\" : \"org.nd4j.linalg.activations.impl.ActivationSoftmax\"";
        String evil = "\"javax.swing.JEditorPane\"";
        for (String way : List.of(
                "\"@class\" : " + evil, "\"\\u0040class\":" + evil, "\"@class\" : \"javax.swi\\u006eg.JEditorPane\"")) {
            assertRefused(changedText(adam(), softmax, way))
                    .hasMessageContaining("names the class javax.swing.JEditorPane, which is neither DL4J's nor ours");
        }
        assertRefused(changedText(adam(), softmax, "\"@class\" : " + evil + ", " + softmax))
                .as("hidden behind a good one")
                .hasMessageContaining("Duplicate field '@class'");
    }

    @Test
    void anEntryThatUnpacksToFarMoreThanAModelIsRefused() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bomb)) {
            zip.putNextEntry(new ZipEntry(CONFIGURATION));
            zeros(zip, 17);
        }
        assertThat(bomb.size()).isLessThan(100_000);
        assertRefused(bomb.toByteArray())
                .hasMessageContainingAll(
                        "its entry configuration.json holds more than 16777216 bytes", "this is no model");
    }

    private static void zeros(OutputStream out, int mebibytes) throws IOException {
        for (int i = 0; i < mebibytes; i++) {
            out.write(new byte[1 << 20]);
        }
    }

    @Test
    void aModelThatWeCannotRunIsRefused() throws IOException {
        MultiLayerNetwork headless = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(3).nOut(2).build())
                .build());
        headless.init();
        assertRefused(saved(headless)).hasMessageContaining("its last layer computes no loss");
        ComputationGraph twoOutputs = new ComputationGraph(
                graph().addLayer("b", classes(2), "in").setOutputs("a", "b").build());
        twoOutputs.init();
        assertRefused(saved(twoOutputs))
                .hasMessageContainingAll("a DL4J network of one input and output", "1 inputs and 2 outputs");
    }

    @Test
    void parametersThatAreNotFiniteAreRefused() throws IOException {
        float[] values = read(adam()).model().parameters();
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            float[] damaged = values.clone();
            damaged[17] = bad;
            damaged[40] = Float.NaN;
            assertRefused(changed(
                            adam(),
                            COEFFICIENTS,
                            bytes -> array(Nd4j.createFromArray(damaged).reshape(1, damaged.length))))
                    .hasMessageContaining("its parameter 17 of 127 is " + bad);
        }
        INDArray doubles =
                Nd4j.createFromArray(values).reshape(1, values.length).castTo(DataType.DOUBLE);
        doubles.putScalar(3, 1e300);
        assertRefused(changed(adam(), COEFFICIENTS, bytes -> array(doubles)))
                .hasMessageContaining("its parameter 3 of 127 is Infinity");
    }

    @Test
    void whatLockstepJsonSaysMustFitTheNetwork() throws IOException {
        for (String[] wrong : new String[][] {
            {
                "{\"input\":[1,6,6],\"classes\":2000000000}",
                "says that there are 2000000000 classes, but its network has 3"
            },
            {"{\"input\":[1,7,7],\"classes\":3}", "says that examples are of 1x7x7"},
            {"{\"input\":[3,6,6],\"classes\":3}", "says that examples are of 3x6x6"},
            {"{\"input\":[36],\"classes\":3}", "is damaged or of a kind we cannot run"},
            {"{\"input\":[2147483647,2147483647,2147483647],\"classes\":3}", "has more than 2147483647 values"},
            {"{\"input\":[1,40000,40000],\"classes\":3}", "says that examples are of 1x40000x40000"},
            {"{\"input\":null,\"classes\":3}", "says that examples are of null; expected [channels, height, width]"},
            {"{\"input\":[],\"classes\":3}", "says that examples are of []"},
            {"{\"input\":[1,null,6],\"classes\":3}", "says that examples are of [1, null, 6]"},
            {
                "{\"input\":[1,6,6],\"classes\":3,\"text\":{\"unit\":\"WORDS\",\"tokens\":[\"<pad>\",\"<bos>\",\"<eos>\",\"<unk>\"]}}",
                "its lockstep.json does not say how its text was cut, as models did not at first; train it again"
            },
            {
                "{\"input\":[1,6,6],\"classes\":3,\"text\":{\"unit\":\"words\",\"task\":\"next\",\"tokens\":[\"<pad>\",\"<bos>\",\"<eos>\",\"<unk>\"]}}",
                "a text is cut for a task, into steps from 1, by a stride from 0; found NEXT, 0 and 0"
            },
            {"null", "an object {...}, found null"},
        }) {
            assertRefused(changed(adam(), "lockstep.json", json -> wrong[0].getBytes(StandardCharsets.UTF_8)))
                    .hasMessageContaining(wrong[1]);
        }
    }

    /** Each is as small as an entry may be; together they would fill the memory, or take a day. */
    @Test
    void entriesThatAreTooManyOrTooMuchTogetherAreRefused() throws IOException {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(many)) {
            for (int i = 0; i < 101; i++) {
                zip.putNextEntry(new ZipEntry("a" + i + ".json"));
            }
        }
        assertRefused(many.toByteArray()).hasMessageContaining("more than 100");
    }
}
