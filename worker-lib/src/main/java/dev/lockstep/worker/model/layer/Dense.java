package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.DenseSteps;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.List;

/**
 * y = f(x W + b); an image is flattened first, of a sequence it is computed at every step. Parameters: W [in, units], b [units].
 *
 * @param units from 1
 * @param init how the weights start; null as the network's do
 */
public record Dense(int units, ActivationFunction activation, WeightInit init) implements SequenceLayer {
    public static final String TYPE = "dense";

    public Dense(int units, ActivationFunction activation) {
        this(units, activation, null);
    }

    static Dense read(Keys keys) {
        return new Dense(keys.required("units"), ActivationFunction.read(keys), WeightInit.readOwn(keys));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        if (!input.hasTime()) {
            return Shape.vector(units);
        }
        Rnn.squash(activation);
        if (init != null) {
            throw new IllegalArgumentException("a weight-init of its own is for vectors, its input is " + input);
        }
        return Shape.sequence(units);
    }

    /** Of a sequence. */
    @Override
    public List<Parameter> parameters(Shape input) {
        return List.of(Parameter.weights("W", input.size(), units), new Parameter("b", units, 0, false));
    }

    /** Of a sequence. */
    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        Tensor weights = onnx.layer().tensor("W").as(units, input.size());
        return Rnn.squashed(activation, onnx.affine(x, weights, onnx.layer().tensor("b")), onnx.layer());
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        return new DenseSteps(Rnn.squash(activation));
    }
}
