package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import java.util.ArrayList;
import java.util.List;

/** A Transformer's block in the making: layers with a shortcut around them, one pair of layers behind the other. */
final class Shortcuts {
    private static final double EPSILON = 1e-5;

    private final String name;
    private final TransformerBlock.Norm norm;
    private final double dropout;
    private final Graph graph = new Graph();
    private final int width;

    /** @param inputs the first is what the block reads, the others are read by layers inside */
    Shortcuts(String name, List<String> inputs, List<Shape> shapes, TransformerBlock.Norm norm, double dropout) {
        this.name = name;
        this.norm = norm;
        this.dropout = dropout;
        this.width = shapes.get(0).requireTime().size();
        for (int i = inputs.size() - 1; i >= 0; i--) {
            graph.withInput(inputs.get(i), shapes.get(i));
        }
    }

    /**
     * Adds layers, a norm before or behind, dropout, and the sum with what they read.
     *
     * @param what they are called inside of the block
     * @param beside what the first of them reads, too
     */
    void add(String what, List<Layer> layers, List<String> beside) {
        add(
                name + "." + what,
                name + "." + what + (norm == TransformerBlock.Norm.BEFORE ? "-sum" : "-norm"),
                layers,
                beside);
    }

    /** Adds the two dense layers that end the block. */
    void end(int units, ActivationFunction activation) {
        List<Layer> layers = List.of(new Dense(units, activation), new Dense(width, ActivationFunction.IDENTITY));
        add(name + ".dense", name, layers, List.of());
    }

    private void add(String prefix, String end, List<Layer> layers, List<String> beside) {
        String below = graph.last();
        if (norm == TransformerBlock.Norm.BEFORE) {
            graph.add(prefix + "-norm", new LayerNorm(EPSILON), List.of(below));
        }
        for (int i = 0; i < layers.size(); i++) {
            List<String> reads = new ArrayList<>(List.of(graph.last()));
            reads.addAll(i == 0 ? beside : List.of());
            graph.add(layers.size() == 1 ? prefix : prefix + "." + i, layers.get(i), reads);
        }
        if (dropout > 0) {
            graph.add(prefix + "-dropout", new Dropout(dropout), List.of(graph.last()));
        }
        String sum = norm == TransformerBlock.Norm.BEFORE ? end : prefix + "-sum";
        graph.add(sum, new Sum(), List.of(below, graph.last()));
        if (norm == TransformerBlock.Norm.AFTER) {
            graph.add(end, new LayerNorm(EPSILON), List.of(sum));
        }
    }

    List<Node> nodes() {
        return graph.nodes();
    }
}
