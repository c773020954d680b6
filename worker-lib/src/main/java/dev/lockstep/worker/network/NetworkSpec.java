package dev.lockstep.worker.network;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.kernel.NativeThreads;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
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

    /** The DL4J configuration that trains: with exactly our optimizer and schedule. */
    public MultiLayerConfiguration dl4j(long seed) {
        IUpdater updater =
                schedule.isConstant() ? optimizer.dl4j() : optimizer.dl4j(schedule.of(optimizer.learningRate()));
        return dl4j(seed, updater, DataType.FLOAT);
    }

    @Override
    public Network build(long seed) {
        return Network.of(dl4j(seed)).init();
    }

    /** The network for saving and evaluation: with the nearest stock optimizer at its plain rate, so that it needs none of our classes. */
    public Network stockNetwork() {
        return Network.of(dl4j(0, optimizer.stock(), DataType.FLOAT)).init();
    }

    /** The DL4J configuration with any updater and any floating-point type (double for finite differences). */
    public MultiLayerConfiguration dl4j(long seed, IUpdater updater, DataType type) {
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
        var list = builder.list();
        Shape shape = input;
        for (LayerSpec layer : layers) {
            list.layer(layer.dl4j(shape));
            shape = layer.output(shape);
        }
        list.setInputType(
                input.isImage()
                        ? InputType.convolutional(input.height(), input.width(), input.channels())
                        : InputType.feedForward(input.size()));
        return list.build();
    }

    /**
     * The parameters before the first step, float32, in DL4J's flat order.
     *
     * @param seed from the seed law, purpose INITIAL_WEIGHTS
     */
    public float[] initialParameters(long seed) {
        return build(seed).parameters().data().asFloat();
    }
}
