package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Dl4jDefinition;
import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.dl4j.FlatValues;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.onnx.OnnxExport;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.Model;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.ParameterLayout.Block;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Embedding;
import dev.lockstep.worker.model.layer.Layers;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Residual;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Microsoft's ONNX Runtime tells of an exported network what the network tells. */
class OnnxTest {
    private static final Path FOLDER = Path.of("..", "conf");
    private static final int EXAMPLES = 100;
    /** Of an example's largest output. */
    private static final double TOLERANCE = 1e-5;

    static List<Path> configurations() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".conf"))
                    .sorted()
                    .toList();
        }
    }

    /** AlexNet's 62 million parameters get fewer steps and examples, unless {@code -Dlockstep.onnx.whole=true} is said. */
    @ParameterizedTest
    @MethodSource("configurations")
    void everyConfigurationAfterTwentySteps(Path file) throws IOException {
        NetworkSpec spec =
                RunConfigParser.parse(ConfigFactory.parseFile(file.toFile())).network();
        boolean cut = file.endsWith("alexnet.conf") && !Boolean.getBoolean("lockstep.onnx.whole");
        assertSameLogits(spec, trained(spec, cut ? 3 : 20, 4), cut ? 10 : EXAMPLES);
    }

    /** Parameters after steps on examples that can be told apart. */
    static float[] trained(NetworkSpec spec, int steps, int batch) {
        Replica replica = new Replica(spec, new SeedLaw(1));
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        for (int step = 0; step < steps; step++) {
            StepId id = new StepId(step, 0, batch);
            replica.step(id, replica.gradient(id, 0, examples(spec, batch, step)));
        }
        return replica.parameters();
    }

    /** Bytes, brighter by class; or floats. */
    private static List<byte[]> examples(NetworkSpec spec, int count, long seed) {
        Random random = new Random(seed);
        ExampleFormat format = spec.format();
        int targets = format.target().values();
        List<byte[]> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = i % targets;
            if (format.element() == ExampleFormat.Element.BYTE) {
                byte[] values = new byte[format.features().size()];
                for (int k = 0; k < values.length; k++) {
                    values[k] = (byte) (label * 100 / targets + random.nextInt(150));
                }
                examples.add(format.pack(label, values, 0));
            } else {
                int steps = spec.input().hasTime() ? 1 + random.nextInt(6) : 1;
                float[] values = floats(random, spec.input().size() * steps);
                if (spec.nodes().get(0).part() instanceof Embedding embedding) {
                    for (int k = 0; k < values.length; k++) {
                        values[k] = random.nextInt(embedding.vocabulary());
                    }
                }
                boolean isClass = format.target().kind() == ExampleFormat.Target.Kind.CLASS;
                float[] told =
                        new float[(isClass ? 1 : targets) * (format.target().everyStep() ? steps : 1)];
                Arrays.fill(told, isClass ? label : 0);
                examples.add(format.pack(values, told));
            }
        }
        return examples;
    }

    static float[] floats(Random random, int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    static Map<String, String> rows() {
        String convolution = "{type=convolution,filters=4,kernel=3,stride=2,padding=1}";
        Map<String, String> rows = new TreeMap<>();
        rows.put("convolution", "{type=convolution,filters=3,kernel=4,stride=3,padding=2,activation=tanh}");
        rows.put("convolution same, stride 2", "{type=convolution,filters=3,kernel=4,stride=2,padding=same}");
        rows.put("convolution same, kernel 5", "{type=convolution,filters=3,kernel=5,padding=same}");
        rows.put("convolution dilated", "{type=convolution,filters=3,kernel=3,dilation=2,padding=1}");
        rows.put("convolution dilated, same", "{type=convolution,filters=3,kernel=2,dilation=3,padding=same}");
        rows.put("dense", "{type=dense,units=7}");
        rows.put("dense behind images", convolution + ",{type=dense,units=7},{type=dense,units=5}");
        rows.put("max-pool", "{type=max-pool,kernel=2}");
        rows.put("max-pool padded", convolution + ",{type=max-pool,kernel=3,stride=2,padding=1}");
        rows.put("average-pool", "{type=average-pool,kernel=3,stride=2}");
        rows.put("average-pool padded", "{type=average-pool,kernel=3,stride=2,padding=1}");
        rows.put("global-average-pool", convolution + ",{type=global-average-pool}");
        rows.put("batch-norm", convolution + ",{type=batch-norm,epsilon=0.01}");
        rows.put("batch-norm of vectors", "{type=dense,units=7},{type=batch-norm}");
        rows.put("layer-norm", convolution + ",{type=layer-norm,epsilon=0.01}");
        rows.put("layer-norm of vectors", "{type=dense,units=7},{type=layer-norm}");
        rows.put("instance-norm", convolution + ",{type=instance-norm}");
        rows.put("group-norm", convolution + ",{type=group-norm,groups=2}");
        rows.put("group-norm of vectors", "{type=dense,units=6},{type=group-norm,groups=3,epsilon=0.01}");
        rows.put("local-response-norm", convolution + ",{type=local-response-norm,n=3,alpha=0.1,k=1.5,beta=0.6}");
        rows.put("local-response-norm wide", convolution + ",{type=local-response-norm,n=9,alpha=0.1}");
        rows.put("flatten", convolution + ",{type=flatten}");
        rows.put("dropout", convolution + ",{type=dropout},{type=dense,units=5},{type=dropout}");
        rows.put("depthwise-convolution", "{type=depthwise-convolution,kernel=3,stride=2,padding=1,multiplier=2}");
        rows.put("depthwise-convolution same", convolution + ",{type=depthwise-convolution,kernel=4,padding=same}");
        rows.put("depthwise-convolution dilated", convolution + ",{type=depthwise-convolution,kernel=2,dilation=2}");
        rows.put("dense-block", convolution + ",{type=dense-block,depth=2,growth=3,bottleneck=4}");
        rows.put(
                "concat of vectors",
                "{type=dense,units=4,name=a},{type=dense,units=5,name=b,input=[input]},{type=concat,input=[b,a]}");
        rows.put(
                "mean of vectors",
                "{type=dense,units=4,name=a},{type=dense,units=4,name=b,input=[input]},{type=mean,input=[b,a]}");
        rows.put("slice", convolution + ",{type=slice,from=1,to=3}");
        rows.put("slice of vectors", "{type=dense,units=7},{type=slice,to=3}");
        rows.put("prelu", convolution + ",{type=prelu}");
        rows.put("prelu of vectors", "{type=dense,units=7},{type=prelu}");
        rows.put(
                "residual",
                convolution + ",{type=residual,activation=relu,layers=[{type=convolution,filters=4,kernel=3,padding=1}"
                        + ",{type=batch-norm}]}");
        rows.put(
                "residual with projection",
                convolution + ",{type=residual,shortcut=projection,layers=[{type=convolution,filters=6,kernel=3,"
                        + "stride=2,padding=1,activation=leaky-relu}]}");
        rows.put(
                "sum",
                "{type=dense,units=6,name=a},{type=dense,units=6,name=b,input=[input]}"
                        + ",{type=dense,units=6,name=c,input=[input]},{type=sum,input=[a,b,c]}");
        for (ActivationFunction function : ActivationFunction.values()) {
            String name = function.name().toLowerCase(Locale.ROOT).replace('_', '-');
            rows.put("activation " + name, "{type=dense,units=8},{type=activation,function=" + name + "}");
            if (function != ActivationFunction.SOFTMAX) {
                rows.put(
                        "activation " + name + " of images",
                        "{type=convolution,filters=3,kernel=3,activation=" + name + "}");
            }
        }
        rows.replaceAll((name, layers) -> layers + ",{type=output}");
        rows.put("loss", "{type=dense,units=4},{type=dropout},{type=loss}");
        rows.put("loss on images", "{type=convolution,filters=4,kernel=7,stride=3},{type=loss}");
        rows.put("output without softmax", "{type=output,loss=squared-error}");
        rows.put("output sigmoid", "{type=output,loss=binary-cross-entropy}");
        return rows;
    }

    private static NetworkSpec spec(String layers) {
        return RunConfigParser.parse(ConfigFactory.parseString(
                        "network { input = [2, 9, 7], classes = 4, layers = [" + layers + "] }"))
                .network();
    }

    @ParameterizedTest
    @MethodSource("rowNames")
    void everyLayerWithAnyParameters(String row) throws IOException {
        NetworkSpec spec = spec(rows().get(row));
        assertSameLogits(spec, anyParameters(spec), EXAMPLES);
    }

    static Stream<String> rowNames() {
        return rows().keySet().stream();
    }

    @Test
    void noLayerOfTheCatalogueIsWithoutARow() {
        TreeSet<String> types = new TreeSet<>();
        rows().values().forEach(layers -> types.addAll(types(spec(layers).layers())));
        OnnxSequencesTest.rows()
                .values()
                .forEach(layers ->
                        types.addAll(types(OnnxSequencesTest.spec(layers).layers())));
        assertThat(types).isEqualTo(new TreeSet<>(Layers.types()));
    }

    private static List<String> types(List<Part> parts) {
        List<String> types = new ArrayList<>();
        for (Part part : parts) {
            types.add(part.type());
            if (part instanceof Residual residual) {
                types.addAll(types(residual.layers()));
            }
        }
        return types;
    }

    /** Normal ones; of variances between 0.1 and 1.1. */
    static float[] anyParameters(NetworkDefinition definition) {
        Random random = new Random(7);
        Model model = Dl4jModel.of(definition);
        float[] parameters = floats(random, model.layout().length());
        for (Block block : model.layout().blocks()) {
            for (int i = block.from(); i < block.to(); i++) {
                parameters[i] = block.parameter().equals("var")
                        ? 0.1f + random.nextFloat()
                        : block.parameter().equals("log10stdev") ? -random.nextFloat() : 0.5f * parameters[i];
            }
        }
        return parameters;
    }

    /** By way of the model file, as the command does. */
    static void assertSameLogits(NetworkSpec spec, float[] parameters, int count) throws IOException {
        Batch batch = new BatchReader(spec.format(), spec.input()).read(examples(spec, count, 99));
        Model model = Dl4jModel.of(withoutActivation(spec));
        model.setParameters(parameters);
        float[][] logits = model.predict(batch).outputs();
        assertThat(Stream.of(logits).map(Arrays::toString).distinct())
                .as("examples that are told apart")
                .hasSizeGreaterThan(count > 1 ? 1 : 0);
        try (OnnxRuntime runtime = new OnnxRuntime(exported(spec, parameters))) {
            Map<String, float[][]> answers = runtime.answers(spec.input().hasTime() ? strewn(batch) : batch);
            assertClose(
                    answers.getOrDefault("logits", answers.values().iterator().next()), logits);
        }
    }

    /** The same sequences with something behind their ends, which counts nothing. */
    private static Batch strewn(Batch batch) {
        float[] features = batch.features().clone();
        int steps = batch.steps();
        int values = batch.input().size();
        for (int i = 0; i < batch.examples() * values * steps; i++) {
            if (batch.mask()[i / (values * steps) * steps + i % steps] == 0) {
                features[i] = 1000;
            }
        }
        return new Batch(
                batch.examples(),
                batch.input(),
                batch.targets(),
                features,
                batch.labels(),
                steps,
                batch.mask(),
                null,
                batch.everyStep(),
                null);
    }

    static void assertClose(float[][] found, float[][] expected) {
        assertThat(found).hasNumberOfRows(expected.length);
        double all = Stream.of(expected).mapToDouble(OnnxTest::largest).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).hasSameSizeAs(expected[i]);
            double largest = expected[i].length > 1 ? largest(expected[i]) : all; // one alone may be 0 by chance
            for (int k = 0; k < expected[i].length; k++) {
                assertThat((double) found[i][k])
                        .as("output %d of example %d", k, i)
                        .isCloseTo(expected[i][k], within(TOLERANCE * largest));
            }
        }
    }

    private static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            assertThat(value).isFinite();
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    /** The same network and the same parameters, but its output is what goes into the activation. */
    private static NetworkSpec withoutActivation(NetworkSpec spec) {
        List<Node> nodes = new ArrayList<>(spec.nodes());
        Node last = nodes.remove(nodes.size() - 1);
        Part bare = last.part() instanceof Output output
                ? new Output(
                        output.units(),
                        ActivationFunction.IDENTITY,
                        LossFunction.SQUARED_ERROR,
                        null,
                        output.negatives(),
                        output.tied())
                : new Loss(ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR);
        nodes.add(new Node(last.name(), bare, last.inputs()));
        return new NetworkSpec(
                        spec.input(),
                        nodes,
                        spec.weightInit(),
                        spec.optimizer(),
                        0,
                        0,
                        spec.clipping(),
                        spec.schedule(),
                        List.of())
                .of(spec.format());
    }

    private static byte[] exported(NetworkSpec spec, float[] parameters) throws IOException {
        if (parameters.length > 10_000_000) { // takes long to pack and unpack
            StoredModel model = new StoredModel(Networks.stockConfigurationJson(spec), parameters);
            return exported(model, spec.input(), spec.objective());
        }
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        ModelFile.write(spec, new TrainingState(1, parameters, new float[0]), zip);
        ModelFile.Contents contents = ModelFile.read("m.zip", () -> new ByteArrayInputStream(zip.toByteArray()));
        return exported(contents.model(), contents.input(), contents.objective());
    }

    static byte[] exported(StoredModel model, Shape input, Objective objective) throws IOException {
        return exported(model, input, Scaling.NONE, objective);
    }

    private static byte[] exported(StoredModel model, Shape input, Scaling scaling, Objective objective)
            throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OnnxExport export = OnnxExport.of("m.zip", model, input, scaling, objective)) {
            export.writeTo(file);
        }
        return file.toByteArray();
    }

    @Test
    void theSameNetworkIsTheSameBytesForAnyNumberOfExamples() throws IOException {
        NetworkSpec spec = spec(rows().get("residual"));
        float[] parameters = anyParameters(spec);
        assertThat(exported(spec, parameters)).isEqualTo(exported(spec, parameters));
        assertSameLogits(spec, parameters, 1);
        assertSameLogits(spec, parameters, 3);
    }

    @Test
    void itTellsWhatPredictTells() throws IOException {
        for (Objective objective : Objective.values()) {
            NetworkSpec spec = RunConfigParser.parse(ConfigFactory.parseString("train.objective = " + objective.word()
                            + ", network { input = [6], layers = [{type=dense,units=5,"
                            + "activation=tanh},{type=output}], "
                            + (objective == Objective.CLASSIFICATION ? "classes" : "targets")
                            + " = 3 }, data { format = csv, path = none, columns { features = [a,b,c,d,e,f], "
                            + "label = " + (objective == Objective.CLASSIFICATION ? "y" : "[x,y,z]") + " } }"))
                    .network()
                    .of(ExampleFormat.floats(Shape.vector(6), 3));
            float[] parameters = anyParameters(spec);
            Batch batch = new BatchReader(spec.format()).read(examples(spec, EXAMPLES, 5));
            Model model = Dl4jModel.of(spec);
            model.setParameters(parameters);
            try (OnnxRuntime runtime = new OnnxRuntime(exported(spec, parameters))) {
                Map<String, float[][]> answers = runtime.answers(batch);
                boolean regression = objective == Objective.REGRESSION;
                assertThat(answers.keySet())
                        .containsExactlyInAnyOrder(
                                regression ? new String[] {"values"} : new String[] {"probabilities", "logits"});
                assertClose(
                        answers.get(regression ? "values" : "probabilities"),
                        model.predict(batch).outputs());
                assertThat(runtime.metadata()).isEqualTo(Map.of("objective", objective.word()));
            }
        }
    }

    /** Given features as they are, where ours is given them as they are read: of vectors, images and sequences. */
    @Test
    void scalingIsAPartOfTheFile() throws IOException {
        for (String network : List.of(
                "input = [6], layers = [{type=dense,units=5,activation=tanh},{type=output}]",
                "input = [2,3,3], layers = [{type=convolution,filters=3,kernel=2},{type=output}]",
                "input = [time,2], layers = [{type=mean-over-time},{type=output}]")) {
            NetworkSpec plain = RunConfigParser.parse(ConfigFactory.parseString(
                            "network { classes = 3, " + network + " }, data { format = parquet, path = none }"))
                    .network();
            int size = plain.input().size();
            Random random = new Random(8);
            Scaling scaling = new Scaling(floats(random, size), floats(random, size));
            ExampleFormat format = new ExampleFormat(ExampleFormat.Element.FLOAT, plain.input(), plain.target());
            NetworkSpec spec = plain.of(format.scaled(scaling));
            float[] parameters = anyParameters(spec);
            List<byte[]> examples = examples(plain.of(format), EXAMPLES, 6);
            Model model = Dl4jModel.of(spec);
            model.setParameters(parameters);
            float[][] expected =
                    model.predict(new BatchReader(spec.format()).read(examples)).outputs();
            StoredModel stored = new StoredModel(Networks.stockConfigurationJson(spec), parameters);
            try (OnnxRuntime runtime =
                    new OnnxRuntime(exported(stored, spec.input(), scaling, Objective.CLASSIFICATION))) {
                Map<String, float[][]> answers = runtime.answers(new BatchReader(format).read(examples));
                assertClose(answers.get("probabilities"), expected);
            }
        }
    }

    // Networks of others.

    static NeuralNetConfiguration.ListBuilder stock(Layer... layers) {
        var list =
                new NeuralNetConfiguration.Builder().activation(Activation.RELU).list();
        for (Layer layer : layers) {
            list.layer(layer);
        }
        return list.layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build());
    }

    static StoredModel stored(NeuralNetConfiguration.ListBuilder network, InputType input, Shape shape) {
        String json = network.setInputType(input).build().toJson();
        return new StoredModel(json, anyParameters(new Dl4jDefinition(json, shape, 3)));
    }

    /** What DL4J has beside what a configuration of ours can say; DL4J itself computes what is compared. */
    @Test
    void aStockModel() throws IOException {
        var network = stock(
                new ConvolutionLayer.Builder(3, 2)
                        .nOut(4)
                        .stride(2, 1)
                        .hasBias(false)
                        .convolutionMode(ConvolutionMode.Same)
                        .build(),
                new BatchNormalization.Builder()
                        .lockGammaBeta(true)
                        .gamma(1.5)
                        .beta(0.2)
                        .build(),
                new SubsamplingLayer.Builder(PoolingType.AVG)
                        .kernelSize(2, 3)
                        .stride(1, 2)
                        .padding(1, 1)
                        .build(),
                new GlobalPoolingLayer.Builder(PoolingType.MAX).build(),
                new DenseLayer.Builder().nOut(5).activation(Activation.TANH).build());
        Shape image = new Shape(2, 9, 7);
        StoredModel model = stored(network, InputType.convolutionalFlat(9, 7, 2), image);
        MultiLayerNetwork stock = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(model.configurationJson()));
        stock.init();
        FlatValues.write(stock.params(), model.parameters());
        float[] values = floats(new Random(3), EXAMPLES * image.size());
        float[][] expected = stock.output(Nd4j.createFromArray(values).reshape(EXAMPLES, image.size()))
                .toFloatMatrix();
        for (Shape shape : List.of(image, Shape.vector(image.size()))) {
            try (OnnxRuntime runtime = new OnnxRuntime(exported(model, shape, Objective.CLASSIFICATION))) {
                assertClose(
                        runtime.answers(new Batch(EXAMPLES, shape, 3, values, null, 1, null, null))
                                .get("probabilities"),
                        expected);
            }
        }
    }

    private static void assertRefused(String why, InputType type, Shape input, Layer... layers) {
        StoredModel model = stored(stock(layers), type, input);
        assertThatThrownBy(() -> OnnxExport.of("m.zip", model, input, Scaling.NONE, Objective.CLASSIFICATION))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("m.zip: its layer '0' (" + layers[0].getClass().getSimpleName()
                        + ") cannot be written as ONNX: " + why);
    }

    @Test
    void whatHasNoOperatorsIsRefusedByItsName() {
        InputType image = InputType.convolutional(9, 7, 2);
        Shape shape = new Shape(2, 9, 7);
        assertRefused(
                "no operators are known for the pooling PNORM",
                image,
                shape,
                new SubsamplingLayer.Builder(PoolingType.PNORM).pnorm(2).build());
        assertRefused(
                "no operators are known for the activation swish",
                image,
                shape,
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .activation(Activation.SWISH)
                        .build());
        assertRefused(
                "no operators are known for a layer normalisation in it",
                InputType.feedForward(5),
                Shape.vector(5),
                new DenseLayer.Builder().nOut(4).hasLayerNorm(true).build());
        assertRefused(
                "no operators are known for it",
                InputType.recurrent(5),
                Shape.sequence(5),
                new Convolution1DLayer.Builder(2).nOut(4).build(),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
        assertRefused(
                "no operators are known for it over sequences",
                InputType.recurrent(5),
                Shape.sequence(5),
                new BatchNormalization.Builder().build(),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
        assertRefused(
                "no operators are known for the activation elu(alpha=1.0) of a recurrent layer",
                InputType.recurrent(5),
                Shape.sequence(5),
                new LSTM.Builder().nOut(4).activation(Activation.ELU).build(),
                new GlobalPoolingLayer.Builder(PoolingType.AVG).build());
        assertRefused(
                "its images lie as NHWC; expected NCHW",
                InputType.convolutional(9, 7, 2, CNN2DFormat.NHWC),
                shape,
                new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .dataFormat(CNN2DFormat.NHWC)
                        .build());
    }
}
