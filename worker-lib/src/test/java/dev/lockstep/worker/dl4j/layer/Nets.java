package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.natives.Natives;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Twin networks, one with DL4J's layers as they come, one with ours, and what they compute. */
final class Nets {
    final MultiLayerNetwork stock;
    final MultiLayerNetwork fast;
    final List<FastLayers.Choice> choices;
    private final Random random;
    private final InputType input;
    private final int outputs;

    /** The layers given, and an output layer of three units with squared error behind them. */
    Nets(long seed, InputType input, List<? extends org.deeplearning4j.nn.conf.layers.Layer> layers) {
        this(seed, input, layers, 3, output());
    }

    Nets(
            long seed,
            InputType input,
            List<? extends org.deeplearning4j.nn.conf.layers.Layer> layers,
            int outputs,
            org.deeplearning4j.nn.conf.layers.Layer last) {
        Natives.ready();
        this.input = input;
        this.outputs = outputs;
        this.random = new Random(seed);
        stock = network(seed, input, layers, last);
        fast = network(seed, input, layers, last);
        INDArray parameters = random(0.5, stock.params().shape());
        stock.params().assign(stock.params().add(parameters.mul(0.2)));
        positiveVariances(stock);
        fast.params().assign(stock.params());
        choices = FastLayers.install(fast);
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                .nOut(3)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static MultiLayerNetwork network(
            long seed,
            InputType input,
            List<? extends org.deeplearning4j.nn.conf.layers.Layer> layers,
            org.deeplearning4j.nn.conf.layers.Layer last) {
        var list = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(DataType.FLOAT)
                .updater(new Sgd(0.05))
                .list();
        layers.forEach(layer -> list.layer(layer.clone()));
        MultiLayerNetwork network = new MultiLayerNetwork(
                list.layer(last.clone()).setInputType(input).build());
        network.init();
        network.initGradientsView();
        return network;
    }

    private static void positiveVariances(MultiLayerNetwork network) {
        for (Layer layer : network.getLayers()) {
            INDArray variance = layer.paramTable().get("var");
            if (variance != null) {
                variance.assign(
                        org.nd4j.linalg.ops.transforms.Transforms.abs(variance).add(0.1));
            }
        }
    }

    INDArray random(double scale, long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian() * scale);
        }
        return array;
    }

    INDArray examples(int batch) {
        return random(1, input.getShape(true).length == 4 ? shape(batch) : new long[] {batch, shape(batch)[1]});
    }

    private long[] shape(int batch) {
        long[] shape = input.getShape(true).clone();
        shape[0] = batch;
        return shape;
    }

    INDArray labels(int batch) {
        INDArray labels = Nd4j.zeros(DataType.FLOAT, batch, outputs);
        for (int i = 0; i < batch; i++) {
            labels.putScalar(i, random.nextInt(outputs), 1);
        }
        return labels;
    }

    static INDArray gradient(MultiLayerNetwork network, INDArray examples, INDArray labels) {
        Nd4j.getRandom().setSeed(17);
        network.setInput(examples);
        network.setLabels(labels);
        network.computeGradientAndScore();
        return network.getFlattenedGradients().dup();
    }

    /** In evaluation mode. */
    void compareOutputs(INDArray examples) {
        close("output", fast.output(examples, false), stock.output(examples, false), 1e-5);
    }

    /** Compares outputs in evaluation mode, all activations in training mode, score and gradient. */
    void compare(int batch) {
        INDArray examples = examples(batch);
        INDArray labels = labels(batch);
        compareOutputs(examples);
        INDArray expected = gradient(stock, examples.dup(), labels);
        INDArray actual = gradient(fast, examples.dup(), labels);
        assertThat(fast.score()).isCloseTo(stock.score(), org.assertj.core.data.Percentage.withPercentage(0.01));
        long from = 0;
        for (Layer layer : stock.getLayers()) {
            long to = from + layer.numParams();
            if (to > from) {
                var span = org.nd4j.linalg.indexing.NDArrayIndex.interval(from, to);
                var all = org.nd4j.linalg.indexing.NDArrayIndex.all();
                close(
                        "gradient of layer " + layer.getIndex() + " "
                                + layer.getClass().getSimpleName(),
                        actual.get(all, span),
                        expected.get(all, span),
                        1e-4);
            }
            from = to;
        }
    }

    /** The largest difference, relative to the largest value (but at least 1e-3: sums that cancel to nothing). */
    static void close(String what, INDArray actual, INDArray expected, double tolerance) {
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        double scale = Math.max(1e-3, expected.amaxNumber().doubleValue());
        double difference = actual.sub(expected).amaxNumber().doubleValue();
        assertThat(difference / scale).as(what + ", values to " + scale).isLessThan(tolerance);
    }
}
