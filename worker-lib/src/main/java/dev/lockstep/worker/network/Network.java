package dev.lockstep.worker.network;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.kernel.FastLayers;
import dev.lockstep.worker.kernel.NativeThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A DL4J network with one input and one output, be it a stack of layers or a graph of them: what both can do, under one
 * name. Nobody else needs to ask which it is. Holds native memory; not for several threads.
 */
public abstract sealed class Network {

    private Network() {}

    /** A network of this configuration, not initialised. */
    public static Network of(MultiLayerConfiguration configuration) {
        NativeThreads.prepare();
        return new Stack(new MultiLayerNetwork(configuration));
    }

    /**
     * A network of this configuration, not initialised.
     *
     * @throws ConfigurationException when it has several inputs or outputs
     */
    public static Network of(ComputationGraphConfiguration configuration) {
        NativeThreads.prepare();
        return new Graph(new ComputationGraph(configuration));
    }

    /**
     * A network that DL4J has initialised, as it is.
     *
     * @throws ConfigurationException when it has several inputs or outputs, or is not float32
     */
    public static Network of(Model initialised) {
        NativeThreads.prepare();
        Network network = initialised instanceof ComputationGraph graph
                ? new Graph(graph)
                : new Stack((MultiLayerNetwork) initialised);
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
        NativeThreads.prepare();
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

    /** DL4J's JSON; of an initialised network, because it tells a batch norm's kind of variance by its parameters' names alone. */
    public abstract String configurationJson();

    /** What holds the parameters, by DL4J's name, in the order of the flat vectors; layers without parameters too. */
    public abstract Map<String, Trainable> parts();

    /** The layers, from input to output: those of a graph in its topological order. */
    public abstract List<Layer> layers();

    public abstract Layer outputLayer();

    /**
     * Puts our layers in the place of DL4J's, where we have them.
     *
     * @return what computes each layer
     */
    public abstract List<FastLayers.Choice> useFastLayers();

    abstract void initGradients();

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
     * Computes the gradient summed over the examples into {@link #gradients}.
     *
     * @param features {@code [n, ...]}
     * @param labels {@code [n, classes]}
     * @return the mean loss, with regularisation as DL4J's score has it
     */
    public abstract double computeGradient(INDArray features, INDArray labels);

    /** What the network says in evaluation mode, {@code [n, classes]}. */
    public abstract INDArray output(INDArray features);

    public abstract BaseMultiLayerUpdater<?> updater();

    public Network init() {
        model().init();
        return this;
    }

    /**
     * Makes the network ready for {@link #computeGradient}, with our layers and optimizer in the place of DL4J's.
     *
     * @return what computes each layer
     */
    public List<FastLayers.Choice> prepareForTraining() {
        initGradients(); // before there is an optimizer: it keeps the array that it was made with
        List<FastLayers.Choice> choices = useFastLayers();
        FastLayers.installOptimizer(updater());
        return choices;
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

    private static final class Stack extends Network {
        private final MultiLayerNetwork model;

        Stack(MultiLayerNetwork model) {
            this.model = model;
        }

        @Override
        public Model model() {
            return model;
        }

        @Override
        public long configuredParameters() {
            return model.getLayerWiseConfigurations().getConfs().stream()
                    .mapToLong(layer -> layer.getLayer().initializer().numParams(layer))
                    .reduce(0, Math::addExact);
        }

        @Override
        public String configurationJson() {
            return model.getLayerWiseConfigurations().toJson();
        }

        @Override
        public Map<String, Trainable> parts() {
            Map<String, Trainable> parts = new LinkedHashMap<>();
            for (Layer layer : model.getLayers()) {
                parts.put(Integer.toString(layer.getIndex()), layer);
            }
            return parts;
        }

        @Override
        public List<Layer> layers() {
            return List.of(model.getLayers());
        }

        @Override
        public Layer outputLayer() {
            return model.getOutputLayer();
        }

        @Override
        public List<FastLayers.Choice> useFastLayers() {
            return FastLayers.install(model);
        }

        @Override
        void initGradients() {
            model.initGradientsView();
        }

        @Override
        public void setCounters(int iteration, int epoch) {
            model.setIterationCount(iteration);
            model.setEpochCount(epoch);
        }

        @Override
        public int iteration() {
            return model.getIterationCount();
        }

        @Override
        public int epoch() {
            return model.getEpochCount();
        }

        @Override
        public void setScore(double loss) {
            model.setScore(loss);
        }

        @Override
        public Collection<TrainingListener> listeners() {
            return model.getListeners();
        }

        @Override
        public double computeGradient(INDArray features, INDArray labels) {
            model.setInput(features);
            model.setLabels(labels);
            model.computeGradientAndScore();
            return model.score();
        }

        @Override
        public INDArray output(INDArray features) {
            return model.output(features, false);
        }

        @Override
        public BaseMultiLayerUpdater<?> updater() {
            return (BaseMultiLayerUpdater<?>) model.getUpdater();
        }
    }

    private static final class Graph extends Network {
        private final ComputationGraph model;

        Graph(ComputationGraph model) {
            int inputs = model.getConfiguration().getNetworkInputs().size();
            int outputs = model.getConfiguration().getNetworkOutputs().size();
            if (inputs != 1 || outputs != 1) {
                throw new ConfigurationException(
                        "the graph has " + inputs + " inputs and " + outputs + " outputs; expected one of each");
            }
            this.model = model;
        }

        @Override
        public Model model() {
            return model;
        }

        @Override
        public long configuredParameters() {
            return model.getConfiguration().getVertices().values().stream()
                    .mapToLong(vertex -> vertex.numParams(false))
                    .reduce(0, Math::addExact);
        }

        @Override
        public String configurationJson() {
            return model.getConfiguration().toJson();
        }

        @Override
        public Map<String, Trainable> parts() {
            Map<String, Trainable> parts = new LinkedHashMap<>();
            for (GraphVertex vertex : vertices()) {
                if (vertex.hasLayer() || vertex.numParams() > 0) {
                    parts.put(vertex.getVertexName(), vertex);
                }
            }
            return parts;
        }

        @Override
        public List<Layer> layers() {
            return vertices().stream()
                    .filter(GraphVertex::hasLayer)
                    .map(GraphVertex::getLayer)
                    .toList();
        }

        /** In topological order: that of the flat vectors, which is not always the order of {@code getVertices()}. */
        private List<GraphVertex> vertices() {
            List<GraphVertex> vertices = new ArrayList<>();
            for (int index : model.topologicalSortOrder()) {
                vertices.add(model.getVertices()[index]);
            }
            return vertices;
        }

        @Override
        public Layer outputLayer() {
            return model.getOutputLayer(0);
        }

        @Override
        public List<FastLayers.Choice> useFastLayers() {
            return FastLayers.install(model);
        }

        @Override
        void initGradients() {
            model.initGradientsView();
        }

        @Override
        public void setCounters(int iteration, int epoch) {
            model.getConfiguration().setIterationCount(iteration);
            model.getConfiguration().setEpochCount(epoch);
        }

        @Override
        public int iteration() {
            return model.getIterationCount();
        }

        @Override
        public int epoch() {
            return model.getEpochCount();
        }

        @Override
        public void setScore(double loss) {
            model.setScore(loss);
        }

        @Override
        public Collection<TrainingListener> listeners() {
            return model.getListeners();
        }

        @Override
        public double computeGradient(INDArray features, INDArray labels) {
            model.setInputs(features);
            model.setLabels(labels);
            model.computeGradientAndScore();
            return model.score();
        }

        @Override
        public INDArray output(INDArray features) {
            return model.outputSingle(false, features);
        }

        @Override
        public BaseMultiLayerUpdater<?> updater() {
            return model.getUpdater();
        }
    }
}
