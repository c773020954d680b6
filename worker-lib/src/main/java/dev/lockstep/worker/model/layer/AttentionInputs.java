package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.Sight;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.OwnLayer.Parameter;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.ElementType;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * What layers of attention read, side by side: who asks, then what is looked at where it is something else, then the tokens where the
 * mask asks for them.
 */
record AttentionInputs(boolean crosses, Attention.Mask mask) {

    /**
     * Several inputs as one.
     *
     * @throws IllegalArgumentException when there are not as many as it reads, or they do not fit each other
     */
    Shape joined(List<Shape> inputs) {
        int wanted = 1 + (crosses ? 1 : 0) + mask.tokens();
        boolean fit = inputs.size() == wanted
                && inputs.stream().allMatch(Shape::hasTime)
                && (!crosses || inputs.get(0).equals(inputs.get(1)))
                && (mask.tokens() == 0 || inputs.get(wanted - 1).size() == 1);
        if (!fit) {
            throw new IllegalArgumentException("reads " + (crosses ? "who asks, what is looked at" : "a sequence")
                    + (mask.tokens() > 0 ? ", the tokens (input)" : "") + ": sequences"
                    + (crosses ? " of as many values" : "") + "; its inputs are " + inputs);
        }
        return wanted == 1 ? inputs.get(0) : new Concat().output(inputs);
    }

    /** Of what asks. */
    int width(Shape joined) {
        return (joined.requireTime().size() - mask.tokens()) / (crosses ? 2 : 1);
    }

    Shape output(Shape joined, int heads) {
        int width = width(joined);
        if (width % heads != 0) {
            throw new IllegalArgumentException(heads + " heads do not divide its " + width + " values");
        }
        return Shape.sequence(width);
    }

    /** Of heads. */
    List<Parameter> parameters(Shape joined) {
        int width = width(joined);
        return List.of(
                Parameter.weights("W", width, 3 * width),
                new Parameter("b", 3 * width, 0, false),
                Parameter.weights("O", width, width),
                new Parameter("c", width, 0, false));
    }

    String asking(Shape joined, String x, OnnxSteps onnx) {
        int width = width(joined);
        return width == joined.size() ? x : onnx.part(x, 0, width);
    }

    String lookedAt(Shape joined, String x, OnnxSteps onnx) {
        int width = width(joined);
        return crosses ? onnx.part(x, width, width) : asking(joined, x, onnx);
    }

    /** Of heads, in ONNX's operators. */
    String onnx(Shape joined, int heads, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        int width = width(joined);
        int depth = width / heads;
        String asking = asking(joined, x, onnx);
        String lookedAt = lookedAt(joined, x, onnx);
        String query = layer.transposed(heads(0, width, heads, asking, onnx), 0, 2, 1, 3);
        String key = layer.transposed(heads(1, width, heads, lookedAt, onnx), 0, 2, 3, 1);
        String value = layer.transposed(heads(2, width, heads, lookedAt, onnx), 0, 2, 1, 3);
        String scale = layer.constant("scale", Tensor.filled(1, (float) (1 / Math.sqrt(depth))));
        String scores = layer.add("Mul", List.of(layer.add("MatMul", List.of(query, key)), scale));
        String weights = weights(scores, seen(joined, x, onnx), layer);
        String mixed = layer.transposed(layer.add("MatMul", List.of(weights, value)), 0, 2, 1, 3);
        return onnx.affine(layer.reshaped(mixed, 0, 0, width), layer.tensor("O").as(width, width), layer.tensor("c"));
    }

    /** The softmax of scores {@code [batch, any, time, time]}. */
    String weights(String scores, String seen, OnnxLayer layer) {
        String unseen = layer.constant("unseen", Tensor.filled(1, -Float.MAX_VALUE));
        String weights = layer.add(
                "Softmax", List.of(layer.add("Where", List.of(seen, scores, unseen))), Attribute.of("axis", -1));
        return mask == Attention.Mask.SOURCE // of which there may be nothing
                ? layer.add("Mul", List.of(weights, layer.cast(seen, ElementType.FLOAT)))
                : weights;
    }

    /** Queries (0), keys (1) or values (2), {@code [batch, time, heads, width / heads]}. */
    private static String heads(int which, int width, int heads, String x, OnnxSteps onnx) {
        Tensor weights = onnx.layer().tensor("W").as(3L * width, width).parts(3, which);
        Tensor bias = onnx.layer().tensor("b").flat().parts(3, which);
        return onnx.layer().reshaped(onnx.affine(x, weights, bias), 0, 0, heads, width / heads);
    }

    /** Whether a step looks at another one, {@code [batch, 1, time or 1, time]}. */
    String seen(Shape joined, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        String inside = layer.cast(layer.unsqueezed(onnx.mask(), 1, 2), ElementType.BOOL);
        return switch (mask) {
            case NONE -> inside;
            case CAUSAL -> layer.add("And", List.of(before(onnx), inside));
            case SOURCE -> {
                String source = layer.add("Not", List.of(layer.unsqueezed(target(joined, x, onnx), 1, 2)));
                yield layer.add("And", List.of(source, inside));
            }
            case TARGET -> {
                String target = layer.cast(target(joined, x, onnx), ElementType.FLOAT);
                String alike =
                        layer.add("Equal", List.of(layer.unsqueezed(target, 1, 3), layer.unsqueezed(target, 1, 2)));
                yield layer.add("And", List.of(layer.add("And", List.of(before(onnx), alike)), inside));
            }
        };
    }

    private static String before(OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        String positions = onnx.positions();
        return layer.add("LessOrEqual", List.of(layer.unsqueezed(positions, 1, 2), layer.unsqueezed(positions, 1, 3)));
    }

    /** Whether a step is not of the source, {@code [batch, time]}. */
    private static String target(Shape joined, String x, OnnxSteps onnx) {
        return onnx.behind(onnx.part(x, joined.size() - 1, 1), Sight.MARK);
    }
}
