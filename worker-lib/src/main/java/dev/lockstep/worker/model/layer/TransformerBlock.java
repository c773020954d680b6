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
        Shortcuts block = new Shortcuts(name, inputs, shapes, norm, dropout);
        if (inputs.size() != 1 + mask.tokens()) {
            throw new IllegalArgumentException("reads "
                    + (mask.tokens() == 0 ? "one input" : "a sequence and the tokens") + ", its inputs are " + inputs);
        }
        List<String> tokens = inputs.subList(1, inputs.size());
        block.add("attention", List.of(new Attention(heads, mask)), tokens);
        block.end(units, activation);
        return block.nodes();
    }
}
