package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.NetworkOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * He, Zhang, Ren, Sun 2015: y = f(F(x) + x), F being some layers. Stands for these, a convolution beside them if the shortcut
 * is a projection, a {@link Sum} and an activation.
 *
 * @param layers F, at least one, none of them an output
 */
public record Residual(List<Part> layers, Shortcut shortcut, ActivationFunction activation) implements Part {
    public static final String TYPE = "residual";

    /** What is added to a block's layers. */
    public enum Shortcut {
        /** the block's input */
        IDENTITY,
        /** a convolution of 1 x 1 of the block's input, for blocks that change its shape */
        PROJECTION
    }

    public Residual {
        layers = List.copyOf(layers);
    }

    /** @return null when a layer inside has problems (which are noted) */
    static Residual read(Keys keys, NetworkOutput output) {
        List<Part> inside = Layers.readAll(keys.sections("layers"), output);
        Shortcut shortcut = keys.choice("shortcut", Shortcut.IDENTITY, Shortcut.class);
        ActivationFunction activation = ActivationFunction.read(keys);
        return inside.contains(null) ? null : new Residual(inside, shortcut, activation);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<Node> nodes(String name, List<String> inputs, List<Shape> shapes) {
        Graph inside = Graph.reading(inputs, shapes);
        String below = inside.last();
        inside.addAll(name, layers, below);
        String last = inside.last();
        Shape output = inside.shape(last);
        String beside = below;
        if (shortcut == Shortcut.PROJECTION) {
            beside = name + ".shortcut";
            inside.add(beside, projection(inside.shape(below), output), List.of(below));
        }
        if (!inside.shape(beside).equals(output)) {
            throw new IllegalArgumentException(
                    "its layers give " + output + ", its " + shortcut.name().toLowerCase(Locale.ROOT) + " shortcut "
                            + inside.shape(beside)
                            + (shortcut == Shortcut.IDENTITY ? "; use shortcut = projection" : ""));
        }
        inside.add(name + ".sum", new Sum(), List.of(last, beside));
        inside.add(name, new Activation(activation), List.of(name + ".sum"));
        return new ArrayList<>(inside.nodes());
    }

    private static Layer projection(Shape input, Shape output) {
        int stride = (input.requireImage().height() - 1) / output.requireImage().height() + 1;
        return new Convolution(output.channels(), 1, stride, Convolution.SAME, 1, ActivationFunction.IDENTITY, null);
    }
}
