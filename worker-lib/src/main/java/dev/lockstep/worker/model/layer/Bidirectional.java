package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.NetworkOutput;
import java.util.List;

/**
 * Schuster, Paliwal 1997: recurrent layers that go through a sequence from its first step to its last, the same with weights of their
 * own from the last to the first, and what both say of each step together. Stands for these layers, a {@link Reverse} before and
 * behind the second ones, and what joins them.
 *
 * @param layers at least one; each gives a sequence
 */
public record Bidirectional(List<Part> layers, Merge merge) implements Part {
    public static final String TYPE = "bidirectional";

    /** How the two become one. */
    public enum Merge {
        /** Side by side. */
        CONCAT,
        SUM,
        MEAN
    }

    public Bidirectional {
        layers = List.copyOf(layers);
    }

    /** @return null when a layer inside has problems (which are noted) */
    static Bidirectional read(Keys keys, NetworkOutput output) {
        List<Part> inside = Layers.readAll(keys.sections("layers"), output);
        Merge merge = keys.choice("merge", Merge.CONCAT, Merge.class);
        return inside.contains(null) ? null : new Bidirectional(inside, merge);
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<Node> nodes(String name, List<String> inputs, List<Shape> shapes) {
        Graph inside = Graph.reading(inputs, shapes);
        String below = inside.last();
        inside.shape(below).requireTime();
        inside.addAll(name + ".forward", layers, below);
        String forward = inside.last();
        inside.add(name + ".reversed", new Reverse(), List.of(below));
        inside.addAll(name + ".backward", layers, name + ".reversed");
        String backward = inside.last();
        inside.shape(backward).requireTime();
        inside.add(name + ".restored", new Reverse(), List.of(backward));
        Layer join =
                switch (merge) {
                    case CONCAT -> new Concat();
                    case SUM -> new Sum();
                    case MEAN -> new Mean();
                };
        inside.add(name, join, List.of(forward, name + ".restored"));
        return inside.nodes();
    }
}
