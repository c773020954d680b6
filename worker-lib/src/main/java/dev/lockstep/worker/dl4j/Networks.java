package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Learning;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Concat;
import dev.lockstep.worker.model.layer.Flatten;
import dev.lockstep.worker.model.layer.Graph;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Mean;
import dev.lockstep.worker.model.layer.Sum;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.natives.Natives;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;

/** Definitions as networks of DL4J's: a stack of layers where each reads the one before, else a graph. */
public final class Networks {
    static {
        Natives.choose();
    }

    private Networks() {}

    /**
     * A new network, initialised, DL4J's layers in it.
     *
     * @param seed of the initial parameters, where the definition leaves it open
     */
    public static Network build(NetworkDefinition definition, long seed) {
        if (definition instanceof NetworkSpec spec) {
            return configured(spec, seed, optimizer -> Updaters.exact(optimizer, spec.schedule()), DataType.FLOAT)
                    .init();
        }
        return Network.fromJson(((Dl4jDefinition) definition).json()).init();
    }

    /** A network with one updater and any floating-point type (double for finite differences), initialised. */
    public static Network build(NetworkSpec spec, long seed, IUpdater updater, DataType type) {
        return configured(spec, seed, any -> updater, type).init();
    }

    /**
     * The network for saving and evaluation: with the nearest stock optimizer at its plain rate, so that it needs our
     * jar only where a layer does.
     */
    public static Network stock(NetworkSpec spec) {
        return configured(spec, 0, Updaters::stock, DataType.FLOAT).init();
    }

    /** DL4J's JSON of {@link #stock}. */
    public static String stockConfigurationJson(NetworkSpec spec) {
        Network network = configured(spec, 0, Updaters::stock, DataType.FLOAT);
        String json = network.configurationJson();
        network.close();
        return json;
    }

    /** How large a network is, found without building it. */
    public static NetworkSize size(NetworkSpec spec) {
        NetworkSize carried = new NetworkSize(0, spec.carriedValues());
        return sizes(spec).values().stream().reduce(carried, NetworkSize::plus);
    }

    /** The same by layer. */
    public static Map<String, NetworkSize> sizes(NetworkSpec spec) {
        return configured(spec, 0, Updaters::exact, DataType.FLOAT).configuredSizes();
    }

    /** Which part of a network's flat parameters is what. */
    public static ParameterLayout layout(NetworkSpec spec) {
        Network network = stock(spec);
        try {
            return network.layout();
        } finally {
            network.close();
        }
    }

    /**
     * The parameters before the first step, float32, in DL4J's flat order.
     *
     * @param seed from the seed law, purpose INITIAL_WEIGHTS
     */
    public static float[] initialParameters(NetworkSpec spec, long seed) {
        Network network = build(spec, seed);
        float[] values = FlatValues.read(network.parameters());
        network.close();
        return values;
    }

    /** The DL4J configuration of a stack, with exactly our optimizer at its plain rate. */
    public static MultiLayerConfiguration stack(NetworkSpec spec, long seed) {
        return stack(spec, seed, Updaters.exact(spec.optimizer()), DataType.FLOAT);
    }

    /** The DL4J configuration of a stack. */
    public static MultiLayerConfiguration stack(NetworkSpec spec, long seed, IUpdater updater, DataType type) {
        var list = defaults(spec, seed, updater, type).list();
        Shape shape = spec.input();
        for (int i = 0; i < spec.nodes().size(); i++) {
            Layer layer = spec.nodes().get(i).layer();
            list.layer(LayerMapping.dl4j(layer, shape));
            InputPreProcessor flattening = flattening(layer, shape);
            if (flattening != null) {
                list.inputPreProcessor(i, flattening);
            }
            shape = layer.output(shape);
        }
        return list.setInputType(Network.inputType(spec.input())).build();
    }

    /** @param updaters of the network's optimizer, and of it at a layer's own rate */
    private static Network configured(
            NetworkSpec spec, long seed, Function<Optimizer, IUpdater> updaters, DataType type) {
        IUpdater updater = updaters.apply(spec.optimizer());
        Network network = spec.isStack()
                ? Network.of(stack(spec, seed, updater, type))
                : Network.of(graph(spec, seed, updater, type));
        if (spec.nodes().stream().anyMatch(node -> !node.learning().equals(Learning.USUAL))) {
            Map<String, NeuralNetConfiguration> layers = network.layerConfigurations();
            spec.layersByName().forEach((name, node) -> {
                if (layers.containsKey(name) && layers.get(name).getLayer() instanceof BaseLayer layer) {
                    applyLearning(layer, node.learning(), spec.optimizer(), updaters);
                }
            });
        }
        return network;
    }

    private static void applyLearning(
            BaseLayer layer, Learning learning, Optimizer optimizer, Function<Optimizer, IUpdater> updaters) {
        if (learning.rate() != 1) {
            layer.setIUpdater(updaters.apply(optimizer.at(optimizer.learningRate() * learning.rate())));
        }
        if (learning.frozen()) {
            layer.setRegularization(List.of());
            layer.setRegularizationBias(List.of());
        }
    }

    private static ComputationGraphConfiguration graph(NetworkSpec spec, long seed, IUpdater updater, DataType type) {
        var builder = defaults(spec, seed, updater, type).graphBuilder().addInputs(NetworkSpec.INPUT);
        Graph graph = spec.graph();
        for (Node node : graph.nodes()) {
            String[] inputs = node.inputs().toArray(String[]::new);
            Shape shape = graph.shape(inputs[0]);
            GraphVertex joint = joint(node.layer());
            if (joint == null && inputs.length > 1) { // to DL4J a layer has one input
                String joined = node.name() + ".joined";
                builder.addVertex(joined, new MergeVertex(), inputs);
                shape = new Concat()
                        .output(node.inputs().stream().map(graph::shape).toList());
                builder.addLayer(node.name(), LayerMapping.dl4j(node.layer(), shape), joined);
            } else if (joint == null) {
                builder.addLayer(
                        node.name(), LayerMapping.dl4j(node.layer(), shape), flattening(node.layer(), shape), inputs);
            } else {
                builder.addVertex(node.name(), joint, inputs);
            }
        }
        return builder.setOutputs(graph.last())
                .setInputTypes(Network.inputType(spec.input()))
                .build();
    }

    private static NeuralNetConfiguration.Builder defaults(
            NetworkSpec spec, long seed, IUpdater updater, DataType type) {
        var builder = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(type)
                .weightInit(Functions.of(spec.weightInit()))
                .updater(updater);
        if (spec.l1() > 0) {
            builder.l1(spec.l1());
        }
        if (spec.l2() > 0) {
            builder.l2(spec.l2());
        }
        return builder;
    }

    /** What has several inputs and is no layer to DL4J; null for a layer. */
    private static GraphVertex joint(Layer layer) {
        if (layer instanceof Sum) {
            return new ElementWiseVertex(ElementWiseVertex.Op.Add);
        } else if (layer instanceof Mean) {
            return new ElementWiseVertex(ElementWiseVertex.Op.Average);
        }
        return layer instanceof Concat ? new MergeVertex() : null;
    }

    /** @return null where DL4J knows what to do */
    private static InputPreProcessor flattening(Layer layer, Shape input) {
        return layer instanceof Flatten && input.isImage()
                ? new CnnToFeedForwardPreProcessor(input.height(), input.width(), input.channels())
                : null;
    }
}
