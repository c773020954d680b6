package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/**
 * Huang, Liu, van der Maaten, Weinberger 2017 (DenseNet): each of its steps reads all that came before it, and adds channels to it:
 * x_l = [x_{l-1}, H(x_{l-1})], H being batch norm, ReLU and a convolution of 3 x 3; with a bottleneck, batch norm, ReLU and a convolution
 * of 1 x 1 before these. Stands for these layers.
 *
 * @param depth the steps, from 1
 * @param growth the channels that each adds, from 1
 * @param bottleneck the channels of the convolutions of 1 x 1 (four times the growth in the paper); 0 for none
 */
public record DenseBlock(int depth, int growth, int bottleneck) implements Part {
    public static final String TYPE = "dense-block";

    static DenseBlock read(Keys keys) {
        return new DenseBlock(
                keys.integer("depth", 1, 1, 1000), keys.required("growth"), keys.from(0, "bottleneck", 0));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<Node> nodes(String name, List<String> inputs, List<Shape> shapes) {
        Graph inside = Graph.reading(inputs, shapes);
        inside.shape(inside.last()).requireImage();
        for (int step = 0; step < depth; step++) {
            String below = inside.last();
            String prefix = name + "." + step;
            if (bottleneck > 0) {
                convolved(inside, prefix + ".narrow", bottleneck, 1);
            }
            convolved(inside, prefix, growth, 3);
            String joined = step == depth - 1 ? name : prefix + ".joined";
            inside.add(joined, new Concat(), List.of(below, inside.last()));
        }
        return inside.nodes();
    }

    private static void convolved(Graph inside, String prefix, int filters, int kernel) {
        inside.addAll(
                prefix,
                List.of(
                        new BatchNorm(0.9, 1e-5),
                        new Activation(ActivationFunction.RELU),
                        new Convolution(filters, kernel, 1, kernel / 2, ActivationFunction.IDENTITY)),
                inside.last());
    }
}
