package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.StepNorm;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * Ba, Kiros, Hinton 2016: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with the mean and the biased variance of
 * all values of one example, of a sequence of one step; gamma and beta by unit or by channel. Parameters: gamma, beta.
 *
 * @param epsilon above 0
 */
public record LayerNorm(double epsilon) implements SequenceLayer {
    public static final String TYPE = "layer-norm";

    static LayerNorm read(Keys keys) {
        return new LayerNorm(keys.float32("epsilon", 1e-5, Interval.POSITIVE));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(new Parameter("gamma", input.size(), 1, false), new Parameter("beta", input.size(), 0, false));
    }

    /** Of a sequence; opset 13 has no operator for it. */
    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        OnnxLayer layer = onnx.layer();
        String deviation = layer.add("Sub", List.of(x, mean(x, layer)));
        String variance = mean(layer.add("Mul", List.of(deviation, deviation)), layer);
        String apart =
                layer.add("Add", List.of(variance, layer.constant("epsilon", Tensor.filled(1, (float) epsilon))));
        String normalised = layer.add("Div", List.of(deviation, layer.add("Sqrt", List.of(apart))));
        String scaled = layer.add("Mul", List.of(normalised, layer.vector("gamma")));
        return layer.add("Add", List.of(scaled, layer.vector("beta")));
    }

    private static String mean(String x, OnnxLayer layer) {
        return layer.add("ReduceMean", List.of(x), Attribute.of("axes", new long[] {-1}));
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new StepNorm(epsilon);
    }
}
