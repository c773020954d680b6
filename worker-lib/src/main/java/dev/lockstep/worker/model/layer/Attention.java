package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.AttentionHeads;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.ElementType;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * Multi-head self-attention, Vaswani et al. 2017: with q, k, v = x W + b in three parts, cut into heads of d = width / heads values
 * each, a_ts = softmax over s of (q_t . k_s / sqrt d), u_t = sum over s of a_ts v_s, over the steps s of the same sequence; the output
 * is u O + c. Parameters, as PyTorch's: W [width, 3 width] (q, k, v), b [3 width], O [width, width], c [width].
 *
 * @param heads from 1, a divisor of the width
 * @param mask which steps a step looks at
 */
public record Attention(int heads, Mask mask) implements SequenceLayer {
    public static final String TYPE = "attention";

    /** Which steps a step looks at. */
    public enum Mask {
        /** All of its sequence. */
        NONE,
        /** Itself and those before it. */
        CAUSAL
    }

    static Attention read(Keys keys) {
        return new Attention(keys.from(1, "heads", 1), keys.choice("mask", Mask.NONE, Mask.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        int width = input.requireTime().size();
        if (width % heads != 0) {
            throw new IllegalArgumentException(heads + " heads do not divide its " + width + " values");
        }
        return input;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        int width = input.size();
        return List.of(
                Parameter.weights("W", width, 3 * width),
                new Parameter("b", 3 * width, 0, false),
                Parameter.weights("O", width, width),
                new Parameter("c", width, 0, false));
    }

    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        int width = input.size();
        int depth = width / heads;
        String query = layer.transposed(heads(0, width, x, onnx), 0, 2, 1, 3);
        String key = layer.transposed(heads(1, width, x, onnx), 0, 2, 3, 1);
        String value = layer.transposed(heads(2, width, x, onnx), 0, 2, 1, 3);
        String scale = layer.constant("scale", Tensor.filled(1, (float) (1 / Math.sqrt(depth))));
        String scores = layer.add("Mul", List.of(layer.add("MatMul", List.of(query, key)), scale));
        String seen = layer.add(
                "Where", List.of(seen(onnx), scores, layer.constant("unseen", Tensor.filled(1, -Float.MAX_VALUE))));
        String weights = layer.add("Softmax", List.of(seen), Attribute.of("axis", -1));
        String mixed = layer.transposed(layer.add("MatMul", List.of(weights, value)), 0, 2, 1, 3);
        return onnx.affine(layer.reshaped(mixed, 0, 0, width), layer.tensor("O").as(width, width), layer.tensor("c"));
    }

    /** Queries (0), keys (1) or values (2), {@code [batch, time, heads, width / heads]}. */
    private String heads(int which, int width, String x, OnnxSteps onnx) {
        Tensor weights = onnx.layer().tensor("W").as(3L * width, width).parts(3, which);
        Tensor bias = onnx.layer().tensor("b").flat().parts(3, which);
        return onnx.layer().reshaped(onnx.affine(x, weights, bias), 0, 0, heads, width / heads);
    }

    /** Whether a step looks at another one, {@code [batch, 1, time or 1, time]}. */
    private String seen(OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        String inside = layer.cast(layer.unsqueezed(onnx.mask(), 1, 2), ElementType.BOOL);
        if (mask == Mask.NONE) {
            return inside;
        }
        String positions = onnx.positions();
        String before =
                layer.add("LessOrEqual", List.of(layer.unsqueezed(positions, 1, 2), layer.unsqueezed(positions, 1, 3)));
        return layer.add("And", List.of(before, inside));
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new AttentionHeads(input.size(), heads, mask == Mask.CAUSAL);
    }
}
