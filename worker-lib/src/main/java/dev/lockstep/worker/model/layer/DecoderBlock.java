package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import java.util.List;

/**
 * A decoder's block of the Transformer, Vaswani et al. 2017: as a {@link TransformerBlock}, with a {@link CrossAttention} to what the
 * encoder says between the attention and the dense layers, with a norm, dropout and a shortcut of its own. It reads what is below, the
 * encoder's end, and, of a pair in one sequence, the tokens: then the decoder's steps look at those of the target, and from there at
 * those of the source. Without tokens its attention is causal, and all of the encoder's steps are looked at. Stands for these layers.
 *
 * @param heads of both attentions
 * @param units of the first dense layer, from 1
 * @param dropout the share that is dropped, in [0, 1)
 */
public record DecoderBlock(
        int heads, int units, TransformerBlock.Norm norm, double dropout, ActivationFunction activation)
        implements Part {
    public static final String TYPE = "decoder-block";

    static DecoderBlock read(Keys keys) {
        return new DecoderBlock(
                keys.from(1, "heads", 1),
                keys.required("units"),
                keys.choice("norm", TransformerBlock.Norm.BEFORE, TransformerBlock.Norm.class),
                keys.number("dropout", 0, Interval.FRACTION),
                keys.choice("activation", ActivationFunction.RELU, ActivationFunction.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public List<Node> nodes(String name, List<String> inputs, List<Shape> shapes) {
        if (inputs.size() < 2 || inputs.size() > 3) {
            throw new IllegalArgumentException(
                    "reads what is below, the encoder's end, perhaps the tokens; its inputs are " + inputs);
        }
        Shortcuts block = new Shortcuts(name, inputs, shapes, norm, dropout);
        boolean pairs = inputs.size() == 3;
        Attention.Mask own = pairs ? Attention.Mask.TARGET : Attention.Mask.CAUSAL;
        Attention.Mask others = pairs ? Attention.Mask.SOURCE : Attention.Mask.NONE;
        block.add("attention", List.of(new Attention(heads, own)), inputs.subList(2, inputs.size()));
        block.add("cross-attention", List.of(new CrossAttention(heads, others)), inputs.subList(1, inputs.size()));
        block.end(units, activation);
        return block.nodes();
    }
}
