package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/**
 * An encoder's block of the Transformer, Vaswani et al. 2017: with the norm after, h = norm(x + A(x)), y = norm(h + F(h)), as in the
 * paper and in PyTorch by default; with the norm before, h = x + A(norm(x)), y = h + F(norm(h)), which trains without a warm-up (Xiong
 * et al. 2020), and wants a layer norm behind the last block. A is {@link Attention}, F two dense layers, the first with the
 * activation; dropout behind A and F. With a causal mask it is the block of a decoder that reads nothing else. Stands for these
 * layers.
 *
 * @param heads of the attention
 * @param units of the first dense layer, from 1
 * @param mask of the attention
 * @param dropout the share that is dropped, in [0, 1)
 */
public record TransformerBlock(
        int heads, int units, Attention.Mask mask, Norm norm, double dropout, ActivationFunction activation)
        implements Part {
    public static final String TYPE = "transformer-block";

    private static final double EPSILON = 1e-5;

    /** Where the layer norms are. */
    public enum Norm {
        /** Before attention and dense layers, inside of the shortcut. */
        BEFORE,
        /** Behind the sums. */
        AFTER
    }

    static TransformerBlock read(Keys keys) {
        return new TransformerBlock(
                keys.from(1, "heads", 1),
                keys.required("units"),
                keys.choice("mask", Attention.Mask.NONE, Attention.Mask.class),
                keys.choice("norm", Norm.BEFORE, Norm.class),
                keys.number("dropout", 0, Interval.FRACTION),
                keys.choice("activation", ActivationFunction.RELU, ActivationFunction.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<Node> nodes(String name, List<String> inputs, List<Shape> shapes) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("reads one input, has " + inputs.size());
        }
        int width = shapes.get(0).requireTime().size();
        Graph graph = new Graph().withInput(inputs.get(0), shapes.get(0));
        String between = name + (norm == Norm.BEFORE ? ".attention-sum" : ".attention-norm");
        shortcut(graph, name + ".attention", between, List.of(new Attention(heads, mask)));
        shortcut(
                graph,
                name + ".dense",
                name,
                List.of(new Dense(units, activation), new Dense(width, ActivationFunction.IDENTITY)));
        return graph.nodes();
    }

    /** The layers with a norm before or behind, dropout, and the sum with what they read, which ends up under a name. */
    private void shortcut(Graph graph, String prefix, String end, List<Layer> layers) {
        String below = graph.last();
        if (norm == Norm.BEFORE) {
            graph.add(prefix + "-norm", new LayerNorm(EPSILON), List.of(below));
        }
        for (int i = 0; i < layers.size(); i++) {
            graph.add(layers.size() == 1 ? prefix : prefix + "." + i, layers.get(i), List.of(graph.last()));
        }
        if (dropout > 0) {
            graph.add(prefix + "-dropout", new Dropout(dropout), List.of(graph.last()));
        }
        String sum = norm == Norm.BEFORE ? end : prefix + "-sum";
        graph.add(sum, new Sum(), List.of(below, graph.last()));
        if (norm == Norm.AFTER) {
            graph.add(end, new LayerNorm(EPSILON), List.of(sum));
        }
    }
}
