package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.AdditiveScores;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * Between a recurrent decoder and its encoder, Bahdanau, Cho, Bengio 2015: with q = x Q + b of the first input and k = m K of the second,
 * a_ts = softmax over s of v . tanh(q_t + k_s), and the sum over s of a_ts m_s comes out. Of a pair in one sequence it looks at the
 * source's steps; the third input are then the tokens. Parameters: W [width, 2 width] (Q, K), b [width], v [width].
 *
 * @param mask which steps a step looks at
 */
public record AdditiveAttention(Attention.Mask mask) implements SequenceLayer {
    public static final String TYPE = "additive-attention";

    static AdditiveAttention read(Keys keys) {
        return new AdditiveAttention(keys.choice("mask", Attention.Mask.SOURCE, Attention.Mask.class));
    }

    @Override
    public String type() {
        return TYPE;
    }

    private AttentionInputs attending() {
        return new AttentionInputs(true, mask);
    }

    @Override
    public Shape output(Shape joined) {
        return attending().output(joined, 1);
    }

    @Override
    public Shape output(List<Shape> inputs) {
        return output(attending().joined(inputs));
    }

    @Override
    public List<Parameter> parameters(Shape joined) {
        int width = attending().width(joined);
        return List.of(
                Parameter.weights("W", width, 2 * width),
                new Parameter("b", width, 0, false),
                Parameter.weights("v", width, 1));
    }

    @Override
    public String onnx(Shape joined, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        AttentionInputs inputs = attending();
        int width = inputs.width(joined);
        String memory = inputs.lookedAt(joined, x, onnx);
        String query =
                onnx.affine(inputs.asking(joined, x, onnx), part(0, width, onnx).as(width, width), layer.tensor("b"));
        String key = layer.add(
                "MatMul",
                List.of(
                        memory,
                        layer.constant(
                                "K", part(1, width, onnx).as(width, width).transposed())));
        String bent = layer.add(
                "Tanh", List.of(layer.add("Add", List.of(layer.unsqueezed(query, 2), layer.unsqueezed(key, 1)))));
        String v = layer.constant("v", layer.tensor("v").as(width, 1));
        String scores = layer.transposed(layer.add("MatMul", List.of(bent, v)), 0, 3, 1, 2); // [batch, 1, time, time]
        String weights = inputs.weights(scores, inputs.seen(joined, x, onnx), layer);
        String mixed = layer.add("MatMul", List.of(weights, layer.unsqueezed(memory, 1)));
        return layer.reshaped(layer.transposed(mixed, 0, 2, 1, 3), 0, 0, width);
    }

    private static Tensor part(int which, int width, OnnxSteps onnx) {
        return onnx.layer().tensor("W").as(2L * width, width).parts(2, which);
    }

    @Override
    public SequenceKernel sequences(Shape joined) {
        return new AdditiveScores(attending().width(joined), true, mask.sight());
    }
}
