package dev.lockstep.driver.run;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.dl4j.FlatValues;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;

/** The same of networks that read sequences of 1 to 6 steps, with something behind the ends of the shorter ones. */
class OnnxSequencesTest {
    private static final Path COURSE = Path.of("..", "conf", "course");
    private static final int EXAMPLES = 20;

    /** The chapters on sequences. */
    static Stream<String> exercises() throws IOException {
        try (Stream<Path> files = Files.list(COURSE)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("3_") || name.equals("4_3_rnn.conf"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("exercises")
    void everyStackOfAnExerciseAfterTwentySteps(String name) throws IOException {
        Config exercise = ConfigFactory.parseFile(COURSE.resolve(name).toFile()).resolve();
        Map<List<String>, NetworkSpec> networks = new LinkedHashMap<>(); // some differ in sizes, rates or steps alone
        for (Config variant : exercise.getConfigList("variants")) {
            NetworkSpec spec = network(variant.withOnlyPath("with")
                    .withFallback(ConfigFactory.parseString("with {}"))
                    .getConfig("with")
                    .withFallback(exercise.getConfig("base")));
            networks.putIfAbsent(
                    spec.nodes().stream()
                            .map(node -> node.part() instanceof Output output
                                    ? "output " + output.tied() + output.negatives()
                                    : node.part().type())
                            .toList(),
                    spec);
        }
        for (NetworkSpec spec : networks.values()) {
            OnnxTest.assertSameLogits(spec, OnnxTest.trained(spec, 20, 4), EXAMPLES);
        }
    }

    /** Of most of them every step is told. */
    static Map<String, String> rows() {
        Map<String, String> rows = new TreeMap<>();
        for (String function : List.of("tanh", "sigmoid", "relu", "identity")) {
            String keys = "units=5,activation=" + function + "}";
            rows.put("rnn " + function, "{type=rnn," + keys);
            rows.put("dense at every step, " + function, "{type=dense," + keys);
            rows.put(
                    "convolution-1d " + function,
                    "{type=convolution-1d,filters=5,kernel=2,activation=" + function + "},{type=rnn,units=4}");
        }
        rows.put("lstm", "{type=lstm,units=5},{type=lstm,units=4}");
        rows.put("lstm with peepholes", "{type=lstm,units=5,peepholes=on}");
        rows.put("reverse", "{type=rnn,units=5},{type=reverse}");
        String both = "{type=bidirectional,layers=[{type=lstm,units=5},{type=rnn,units=4}],merge=";
        for (String merge : List.of("concat", "sum", "mean")) {
            rows.put("bidirectional, " + merge, both + merge + "}");
        }
        for (String reset : List.of("before", "after")) {
            rows.put("gru, reset " + reset, "{type=gru,units=5,reset=" + reset + "}");
            rows.put("gru both ways, reset " + reset, "{type=gru,units=5,direction=both,reset=" + reset + "}");
        }
        rows.put(
                "convolution-1d causal, dilated", "{type=convolution-1d,filters=5,kernel=3,dilation=2,padding=causal}");
        rows.put("convolution-1d dilated", "{type=convolution-1d,filters=5,kernel=3,dilation=2}");
        rows.put("convolution-1d even", "{type=convolution-1d,filters=5,kernel=4,activation=tanh}");
        rows.put("attention", "{type=dense,units=6},{type=attention,heads=3}");
        rows.put("attention, causal", "{type=attention,mask=causal},{type=attention,mask=causal}");
        rows.put("positional-encoding", "{type=dense,units=7},{type=positional-encoding}");
        rows.put("positional-encoding alone", "{type=positional-encoding,alone=on},{type=rnn,units=4}");
        rows.put("repeat-last-step", "{type=rnn,units=5},{type=repeat-last-step},{type=rnn,units=4}");
        rows.put("layer-norm of steps", "{type=dense,units=6},{type=layer-norm,epsilon=0.01}");
        rows.put(
                "dropout and activation of steps",
                "{type=dense,units=6},{type=dropout},{type=activation,function=elu},{type=dropout}");
        rows.put(
                "sum of steps",
                "{type=dense,units=6,name=a},{type=rnn,units=6,name=b,input=[input]},{type=sum,input=[a,b]}");
        String block = "{type=dense,units=6},{type=transformer-block,heads=2,units=8";
        rows.put("transformer-block", block + ",dropout=0.1}");
        rows.put("transformer-block, norm after", block + ",norm=after,activation=tanh}");
        rows.put("transformer-block, causal", block + ",mask=causal,repeat=2}");
        String pair = "{type=embedding,vocabulary=9,units=6,name=x},";
        String ends = ",input=[x,y,input]}";
        String encoder = pair + "{type=transformer-block,heads=2,units=8,mask=source,input=[x,input],name=y}";
        rows.put("decoder-block", encoder + ",{type=decoder-block,heads=3,units=8" + ends);
        rows.put("decoder-block, norm after", encoder + ",{type=decoder-block,heads=2,units=8,norm=after" + ends);
        rows.put("decoder-block without tokens", encoder + ",{type=decoder-block,heads=2,units=8,input=[x,y]}");
        rows.put(
                "additive-attention",
                pair + "{type=rnn,units=6,name=y},{type=additive-attention" + ends + ",{type=rnn,units=4}");
        rows.put(
                "additive-attention, causal",
                "{type=rnn,units=6,name=x},{type=rnn,units=6,name=y},{type=additive-attention,mask=causal,input=[x,y]}");
        rows.put("cross-attention", pair + "{type=rnn,units=6,name=y},{type=cross-attention,heads=2" + ends);
        rows.put("embedding", "{type=embedding,vocabulary=9,units=4}");
        rows.put("last-step", "{type=attention},{type=last-step}");
        rows.put("mean-over-time", "{type=attention},{type=mean-over-time}");
        rows.put("mean-over-time of what is read", "{type=mean-over-time},{type=dense,units=5,activation=tanh}");
        rows.replaceAll((name, layers) -> layers + ",{type=output}");
        return rows;
    }

    /** Every step tells labels, or a whole sequence its class. */
    static NetworkSpec spec(String layers) {
        boolean steps = !layers.contains("last-step},{type=output}") && !layers.contains("mean-over-time");
        int values = layers.contains(",input]") ? 1 : 2; // tokens beside others
        return network(ConfigFactory.parseString("network { input = [time, " + values + "], layers = [" + layers + "], "
                + (steps
                        ? "targets = 1 }, train.objective = multi-label, data.generated.rule = addition"
                        : "classes = 2 }, data.generated.rule = sequences")
                + "\ndata.format = generated"));
    }

    private static NetworkSpec network(Config config) {
        NetworkSpec spec = RunConfigParser.parse(config).network();
        return spec.of(new ExampleFormat(ExampleFormat.Element.FLOAT, spec.input(), spec.target()));
    }

    @ParameterizedTest
    @MethodSource("rowNames")
    void everyLayerWithAnyParameters(String row) throws IOException {
        NetworkSpec spec = spec(rows().get(row));
        OnnxTest.assertSameLogits(spec, OnnxTest.anyParameters(spec), EXAMPLES);
    }

    /** What DL4J has beside ours; DL4J itself computes what is compared. */
    @Test
    void stockRecurrentLayers() throws IOException {
        Shape shape = Shape.sequence(3);
        StoredModel model = OnnxTest.stored(
                OnnxTest.stock(
                        new LSTM.Builder()
                                .nOut(4)
                                .activation(Activation.IDENTITY)
                                .gateActivationFunction(Activation.SIGMOID)
                                .build(),
                        new LSTM.Builder()
                                .nOut(4)
                                .activation(Activation.SIGMOID)
                                .gateActivationFunction(Activation.TANH)
                                .build(),
                        new GlobalPoolingLayer.Builder(PoolingType.AVG).build()),
                InputType.recurrent(3),
                shape);
        MultiLayerNetwork stock = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(model.configurationJson()));
        stock.init();
        FlatValues.write(stock.params(), model.parameters());
        float[] values = OnnxTest.floats(new Random(3), EXAMPLES * 3 * 5);
        float[] mask = new float[EXAMPLES * 5];
        Arrays.fill(mask, 1);
        float[][] expected = stock.output(Nd4j.createFromArray(values).reshape(EXAMPLES, 3, 5))
                .toFloatMatrix();
        try (OnnxRuntime runtime = new OnnxRuntime(OnnxTest.exported(model, shape, Objective.CLASSIFICATION))) {
            Batch batch = new Batch(EXAMPLES, shape, 3, values, null, 5, mask, null);
            OnnxTest.assertClose(runtime.answers(batch).get("probabilities"), expected);
        }
    }

    static Stream<String> rowNames() {
        return rows().keySet().stream();
    }
}
