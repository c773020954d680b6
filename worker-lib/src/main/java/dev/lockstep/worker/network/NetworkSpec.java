package dev.lockstep.worker.network;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.kernel.NativeThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * A network and how it learns, as plain values: what a configuration says, before it is DL4J's.
 *
 * @param input the shape of one example
 * @param layers from input to output; the last computes the loss
 * @param weightInit how the weights of every layer start
 * @param optimizer the step taken with the averaged gradient
 * @param l1 weight of sum |w| in the loss, from 0; biases are spared
 * @param l2 weight of 1/2 sum w^2 in the loss, from 0; biases are spared
 * @param clipping how large the averaged gradient may be
 * @param schedule how the learning rate changes
 * @param augmentations what is done to examples before the network learns from them
 */
public record NetworkSpec(
        Shape input,
        List<LayerSpec> layers,
        WeightInit weightInit,
        OptimizerSpec optimizer,
        double l1,
        double l2,
        Clipping clipping,
        Schedule schedule,
        List<Augmentation> augmentations)
        implements NetworkDefinition {

    public NetworkSpec {
        layers = List.copyOf(layers);
        augmentations = List.copyOf(augmentations);
    }

    /** A network that learns from the examples as they are, at one rate, its gradient not clipped. */
    public NetworkSpec(
            Shape input, List<LayerSpec> layers, WeightInit weightInit, OptimizerSpec optimizer, double l1, double l2) {
        this(input, layers, weightInit, optimizer, l1, l2, Clipping.NONE, Schedule.CONSTANT, List.of());
    }

    /** The same network with another schedule. */
    public NetworkSpec with(Schedule other) {
        return new NetworkSpec(input, layers, weightInit, optimizer, l1, l2, clipping, other, augmentations);
    }

    /** The shape after each layer. */
    public List<Shape> outputs() {
        List<Shape> shapes = new ArrayList<>();
        Shape shape = input;
        for (LayerSpec layer : layers) {
            shape = layer.output(shape);
            shapes.add(shape);
        }
        return List.copyOf(shapes);
    }

    @Override
    public int classes() {
        return outputs().get(layers.size() - 1).size();
    }

    @Override
    public Network build(long seed) {
        IUpdater updater =
                schedule.isConstant() ? optimizer.dl4j() : optimizer.dl4j(schedule.of(optimizer.learningRate()));
        return network(seed, updater, DataType.FLOAT);
    }

    /**
     * The network for saving and evaluation: with the nearest stock optimizer at its plain rate, so that it needs our
     * jar only where a layer does.
     */
    public Network stockNetwork() {
        return network(0, optimizer.stock(), DataType.FLOAT);
    }

    /** DL4J's JSON of {@link #stockNetwork}. */
    public String stockConfigurationJson() {
        Network network = configured(0, optimizer.stock(), DataType.FLOAT);
        String json = network.configurationJson();
        network.close();
        return json;
    }

    /** The network with any updater and any floating-point type (double for finite differences), initialised. */
    public Network network(long seed, IUpdater updater, DataType type) {
        return configured(seed, updater, type).init();
    }

    /** How large the network is, found without building it. */
    public NetworkSize size() {
        return sizes().values().stream().reduce(NetworkSize.NOTHING, NetworkSize::plus);
    }

    /** The same by layer: "3" is a layer, "3.0" and "3.shortcut" are inside a block that is "3". */
    public Map<String, NetworkSize> sizes() {
        return configured(0, optimizer.dl4j(), DataType.FLOAT).configuredSizes();
    }

    private Network configured(long seed, IUpdater updater, DataType type) {
        boolean branches = layers.stream().anyMatch(LayerSpec.Residual.class::isInstance);
        return branches ? Network.of(graph(seed, updater, type)) : Network.of(dl4j(seed, updater, type));
    }

    /** The DL4J configuration of a network without residual blocks, with exactly our optimizer at its plain rate. */
    public MultiLayerConfiguration dl4j(long seed) {
        return dl4j(seed, optimizer.dl4j(), DataType.FLOAT);
    }

    /** The DL4J configuration of a network without residual blocks. */
    public MultiLayerConfiguration dl4j(long seed, IUpdater updater, DataType type) {
        var list = defaults(seed, updater, type).list();
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            LayerSpec layer = layers.get(i);
            list.layer(layer.dl4j(shape));
            InputPreProcessor flattening = flattening(layer, shape);
            if (flattening != null) {
                list.inputPreProcessor(i, flattening);
            }
            shape = layer.output(shape);
        }
        return list.setInputType(inputType()).build();
    }

    /** Each layer is a vertex named by its number; those of a block have the block's name before theirs. */
    private ComputationGraphConfiguration graph(long seed, IUpdater updater, DataType type) {
        var graph = defaults(seed, updater, type).graphBuilder().addInputs("input");
        String last = chain(graph, layers, "", "input", input);
        return graph.setOutputs(last).setInputTypes(inputType()).build();
    }

    private static String chain(
            ComputationGraphConfiguration.GraphBuilder graph,
            List<LayerSpec> layers,
            String prefix,
            String from,
            Shape input) {
        String below = from;
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            String name = prefix + i;
            Shape output = layers.get(i).output(shape);
            if (layers.get(i) instanceof LayerSpec.Residual block) {
                String inside = chain(graph, block.layers(), name + ".", below, shape);
                String beside = below;
                if (block.shortcut() == LayerSpec.Shortcut.PROJECTION) {
                    beside = name + ".shortcut";
                    graph.addLayer(beside, block.projection(shape, output).dl4j(shape), below);
                }
                graph.addVertex(name + ".sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), inside, beside);
                graph.addLayer(name, new ActivationLayer(block.activation().dl4j()), name + ".sum");
            } else {
                LayerSpec layer = layers.get(i);
                graph.addLayer(name, layer.dl4j(shape), flattening(layer, shape), below);
            }
            below = name;
            shape = output;
        }
        return below;
    }

    private NeuralNetConfiguration.Builder defaults(long seed, IUpdater updater, DataType type) {
        NativeThreads.prepare();
        var builder = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .dataType(type)
                .weightInit(weightInit.dl4j())
                .updater(updater);
        if (l1 > 0) {
            builder.l1(l1);
        }
        if (l2 > 0) {
            builder.l2(l2);
        }
        return builder;
    }

    /** @return null where DL4J knows what to do */
    private static InputPreProcessor flattening(LayerSpec layer, Shape input) {
        return layer instanceof LayerSpec.Flatten && input.isImage()
                ? new CnnToFeedForwardPreProcessor(input.height(), input.width(), input.channels())
                : null;
    }

    private InputType inputType() {
        return input.isImage()
                ? InputType.convolutional(input.height(), input.width(), input.channels())
                : InputType.feedForward(input.size());
    }

    /**
     * The parameters before the first step, float32, in DL4J's flat order.
     *
     * @param seed from the seed law, purpose INITIAL_WEIGHTS
     */
    public float[] initialParameters(long seed) {
        Network network = build(seed);
        float[] values = FlatValues.read(network.parameters());
        network.close();
        return values;
    }
}
