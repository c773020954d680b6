package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.natives.Natives;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * A DL4J network with one input and one output, be it a stack of layers or a graph of them: what both can do, under one
 * name. Nobody else needs to ask which it is. Holds native memory; not for several threads.
 */
public abstract sealed class Network permits StackNetwork, GraphNetwork {

    /** DL4J's configuration does not keep the size of an input image; a model of others is taken to be for MNIST's. */
    private static final int USUAL_IMAGE_SIDE = 28;

    static {
        Natives.choose();
    }

    Network() {}

    /** A network of this configuration, not initialised. */
    public static Network of(MultiLayerConfiguration configuration) {
        return new StackNetwork(new MultiLayerNetwork(configuration));
    }

    /**
     * A network of this configuration, not initialised.
     *
     * @throws ConfigurationException when it has several inputs or outputs
     */
    public static Network of(ComputationGraphConfiguration configuration) {
        return new GraphNetwork(new ComputationGraph(configuration));
    }

    /**
     * A network that DL4J has initialised, as it is.
     *
     * @throws ConfigurationException when it has several inputs or outputs, or is not float32
     */
    public static Network of(Model initialised) {
        Network network = initialised instanceof ComputationGraph graph
                ? new GraphNetwork(graph)
                : new StackNetwork((MultiLayerNetwork) initialised);
        DataType type = network.parameters().dataType();
        if (type != DataType.FLOAT) {
            throw new ConfigurationException(
                    "the network computes with " + type + "; expected dataType(DataType.FLOAT)");
        }
        return network;
    }

    /**
     * A network of DL4J's JSON of either kind, not initialised. It builds the classes that the JSON names.
     *
     * @throws RuntimeException when it is not such a JSON
     */
    public static Network fromJson(String json) {
        try {
            boolean graph = NeuralNetConfiguration.mapper().readTree(json).has("networkInputs");
            return graph
                    ? of(ComputationGraphConfiguration.fromJson(json))
                    : of(MultiLayerConfiguration.fromJson(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** DL4J's own object, for saving and for its tools. */
    public abstract Model model();

    /** The number of parameters that the configuration asks for, found without allocating them. */
    public abstract long configuredParameters();

    /** The configuration of each layer, by the names of {@link #parts}; that of a network not initialised, too. */
    abstract Map<String, NeuralNetConfiguration> layerConfigurations();

    /**
     * What becomes of one example, worked out in a copy of the configuration: nothing of it is allocated.
     *
     * @param parameters that the network would have for examples of this shape; another number than {@link
     *     #configuredParameters} when it is not for them
     * @param outputs values that come out
     * @param activations values that come out of all layers together
     */
    public record Fit(long parameters, long outputs, long activations) {}

    /** @throws RuntimeException of DL4J's when a layer cannot take what comes out of the one before */
    public abstract Fit fit(Shape input);

    /** The shape of one example as DL4J has it. */
    public static InputType inputType(Shape input) {
        if (input.isImage()) {
            return InputType.convolutional(input.height(), input.width(), input.channels());
        }
        return input.hasTime() ? InputType.recurrent(input.size()) : InputType.feedForward(input.size());
    }

    /** What comes out of a layer. DL4J asks a loss layer for a number of outputs of its own, which nobody gave it. */
    public static InputType outputType(org.deeplearning4j.nn.conf.layers.Layer layer, InputType input) {
        return layer instanceof LossLayer ? input : layer.getOutputType(0, input);
    }

    /** Exact, where DL4J's own count goes round; of a sequence, of one step, whose number is -1. */
    static long values(InputType type) {
        return LongStream.of(type.getShape()).map(size -> Math.max(1, size)).reduce(1, Math::multiplyExact);
    }

    /**
     * DL4J's JSON as of an initialised network, where the parameters have names: it tells a batch norm's kind of variance by
     * them alone. A graph is initialised for it, if it is not.
     */
    public abstract String configurationJson();

    /** What holds the parameters, by DL4J's name, in the order of the flat vectors; layers without parameters too. */
    public abstract Map<String, Trainable> parts();

    /**
     * What is computed under one name.
     *
     * @param vertex of a layer, of a stack too, a LayerVertex
     * @param inputs the names of what it reads; one that no stage has is the network's input
     */
    public record Stage(String name, GraphVertex vertex, List<String> inputs) {}

    /** All that an initialised network computes as it is configured, each behind what it reads, the output at the end. */
    public abstract List<Stage> stages();

    /** The layers, from input to output: those of a graph in its topological order. */
    public abstract List<Layer> layers();

    public abstract Layer outputLayer();

    /**
     * Puts a loss around that of the last layer.
     *
     * @param wrapper given the loss that there is
     * @throws ConfigurationException when the last layer has none
     */
    <L extends ILossFunction> L wrapLoss(Function<ILossFunction, L> wrapper) {
        var layer = outputLayer().conf().getLayer();
        if (layer instanceof BaseOutputLayer output) {
            L wrapped = wrapper.apply(output.getLossFn());
            output.setLossFn(wrapped);
            return wrapped;
        }
        if (layer instanceof LossLayer output) {
            L wrapped = wrapper.apply(output.getLossFn());
            output.setLossFn(wrapped);
            return wrapped;
        }
        throw new ConfigurationException("the network's last layer is a "
                + layer.getClass().getSimpleName() + "; expected an output or a loss layer");
    }

    /** Whether it tells each step of a sequence for itself. */
    public boolean tellsEveryStep() {
        return outputLayer().conf().getLayer() instanceof RnnOutputLayer;
    }

    /** Whether its last layer is one that can be trained with. */
    public boolean computesLoss() {
        return outputLayer() instanceof IOutputLayer;
    }

    /** The shape of an example, of an initialised network of which nothing else says it. */
    public Shape usualInput() {
        Layer first = layers().get(0);
        int in = first.conf().getLayer() instanceof FeedForwardLayer sized ? Math.toIntExact(sized.getNIn()) : 0;
        return first instanceof ConvolutionLayer ? new Shape(in, USUAL_IMAGE_SIDE, USUAL_IMAGE_SIDE) : Shape.vector(in);
    }

    /**
     * Puts our layers in the place of DL4J's, where we have them.
     *
     * @return what computes each layer
     */
    public abstract List<FastLayers.Choice> useFastLayers();

    public abstract void initGradients();

    /** Tells the layers, and what is scheduled, where training is. */
    public abstract void setCounters(int iteration, int epoch);

    /** The optimizer steps that DL4J counts. */
    public abstract int iteration();

    /** The epochs that DL4J counts. */
    public abstract int epoch();

    /** Sets the loss that {@link Model#score} tells. */
    public abstract void setScore(double loss);

    /** Who is told of this network's training. */
    public abstract Collection<TrainingListener> listeners();

    /**
     * Says which batch the network is at work on.
     *
     * @param features {@code [n, ...]}, or null: none
     * @param labels {@code [n, classes]}, or null: none
     */
    public abstract void setBatch(INDArray features, INDArray labels);

    /** Whether a loss is the sum over the examples, as {@code miniBatch(false)} has it, and not their mean. */
    public boolean sumsLosses() {
        return !outputLayer().conf().isMiniBatch();
    }

    /** What regularisation adds to a loss, with the present parameters. */
    public abstract double penalty();

    /**
     * Computes the gradient summed over the examples into {@link #gradients}.
     *
     * @param features {@code [n, ...]}
     * @param labels {@code [n, classes]}, of every step {@code [n, classes, steps]}
     * @return the mean loss, or as {@link #sumsLosses} says their sum, with regularisation as DL4J's score has it
     */
    public double computeGradient(INDArray features, INDArray labels) {
        return computeGradient(features, labels, null, null);
    }

    /**
     * @param mask of sequences {@code [n, steps]}; null where there is no time
     * @param labelMask the same of what is to be told; null where that is not each step
     */
    abstract double computeGradient(INDArray features, INDArray labels, INDArray mask, INDArray labelMask);

    /** What the network says in evaluation mode, {@code [n, classes]}; of every step {@code [n, classes, steps]}. */
    public INDArray output(INDArray features) {
        return output(features, null);
    }

    /** @param mask of sequences {@code [n, steps]}; null where there is no time */
    abstract INDArray output(INDArray features, INDArray mask);

    /** The outputs of all layers in evaluation mode, {@code [n, ...]}, by the names that {@link #parts} has for them. */
    public abstract Map<String, INDArray> activations(INDArray features);

    public abstract BaseMultiLayerUpdater<?> updater();

    /** How large each layer will be, by the names of {@link #parts}, found without allocating anything. */
    Map<String, NetworkSize> configuredSizes() {
        Map<String, NetworkSize> sizes = new LinkedHashMap<>();
        layerConfigurations().forEach((name, configuration) -> sizes.put(name, size(configuration)));
        return sizes;
    }

    private static NetworkSize size(NeuralNetConfiguration configuration) {
        var layer = configuration.getLayer();
        long parameters = Math.min(1L << 60, layer.initializer().numParams(configuration));
        List<IUpdater> optimizers = layer.initializer().paramKeys(layer).stream()
                .map(layer::getUpdaterByParam)
                .toList();
        // Where they differ it is a batch norm, which has running statistics: all of its arrays are of one length.
        long state = optimizers.stream().distinct().count() == 1
                ? optimizers.get(0).stateSize(parameters)
                : optimizers.stream()
                        .mapToLong(optimizer -> optimizer.stateSize(parameters / optimizers.size()))
                        .sum();
        return new NetworkSize(parameters, state);
    }

    /** Frees the native memory; the network is of no use then. */
    public void close() {
        // DL4J's own way runs the garbage collector as well, which takes longer than to read a small model.
        Arrays.asList(parameters(), gradients(), keptOptimizerState()).forEach(Network::free);
    }

    private static void free(INDArray array) {
        if (array != null && array.closeable()) {
            array.close();
        }
    }

    /** As {@link #updater}, of one that is there already; null when there is none. */
    abstract BaseMultiLayerUpdater<?> keptUpdater();

    abstract void forgetUpdater();

    /** As {@link #optimizerState}, of an optimizer that is there already; null when there is none. */
    INDArray keptOptimizerState() {
        BaseMultiLayerUpdater<?> kept = keptUpdater();
        return kept == null ? null : kept.getStateViewArray();
    }

    public Network init() {
        Natives.ready();
        model().init();
        return this;
    }

    /** Makes the network ready for {@link #computeGradient}, and says what computes each layer; {@link #restoreOptimizer} comes next. */
    public List<FastLayers.Choice> prepareForTraining() {
        initGradients(); // before there is an optimizer: it keeps the array that it was made with
        return useFastLayers();
    }

    /** Gives the network our optimizer, with state of its own, if it has none. */
    void restoreOptimizer() {
        Updaters.install(updater(), FastLayers.mode() == FastLayers.Mode.ON);
    }

    /** Takes the optimizer away, if there is one, and frees its state. */
    void dropOptimizer() {
        free(keptOptimizerState());
        forgetUpdater();
    }

    /** {@code [1, parameters]}, DL4J's own array: what is written to it is in the network. */
    public INDArray parameters() {
        return model().params();
    }

    /** {@code [1, parameters]}, DL4J's own array of a network prepared for training. */
    public INDArray gradients() {
        return model().getGradientsViewArray();
    }

    /** {@code [1, state]}, DL4J's own array; null when the optimizer keeps nothing. */
    public INDArray optimizerState() {
        return updater().getStateViewArray();
    }

    /** Which part of {@link #parameters} is what, of an initialised network. */
    public ParameterLayout layout() {
        List<ParameterLayout.Block> blocks = new ArrayList<>();
        int layer = 0;
        int from = 0;
        for (Map.Entry<String, Trainable> part : parts().entrySet()) {
            for (Map.Entry<String, INDArray> array :
                    part.getValue().paramTable(false).entrySet()) {
                String name = array.getKey();
                int to = from + Math.toIntExact(array.getValue().length());
                // DL4J divides by the batch what is a gradient, and leaves alone what is an update already.
                boolean runningStatistics = !part.getValue().updaterDivideByMinibatch(name);
                boolean weight = isWeight(part.getValue(), name);
                blocks.add(new ParameterLayout.Block(layer, part.getKey(), name, from, to, weight, runningStatistics));
                from = to;
            }
            layer++;
        }
        return new ParameterLayout(blocks);
    }

    private static boolean isWeight(Trainable part, String parameter) {
        return part.getConfig() instanceof org.deeplearning4j.nn.conf.layers.Layer layer
                && layer.initializer().isWeightParam(layer, parameter);
    }

    /** The rate of the first layer that has one; 1 when the optimizer knows no rate. */
    public double learningRate(int iteration, int epoch) {
        for (Trainable part : parts().values()) {
            for (String parameter : part.paramTable(false).keySet()) {
                IUpdater optimizer = part.getConfig().getUpdaterByParam(parameter);
                if (optimizer.hasLearningRate()) {
                    return optimizer.getLearningRate(iteration, epoch);
                }
            }
        }
        return 1;
    }
}
