package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.Squash;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.onnx.OnnxLayer;
import java.util.List;
import java.util.Locale;

/**
 * Elman 1990: h_t = f(x_t W + h_{t-1} R + b), h_0 = 0; every step's h comes out. Parameters: W [in, units], R [units, units],
 * b [units].
 *
 * @param units from 1
 * @param activation f: tanh, sigmoid, relu or identity
 * @param init how the weights start; null as the network's do
 * @param recurrentDropout the share of h_{t-1} that is dropped in front of R, in [0, 1): {@link dev.lockstep.worker.math.Dropping}
 */
public record Rnn(int units, ActivationFunction activation, WeightInit init, double recurrentDropout) implements Layer {
    public static final String TYPE = "rnn";

    /** One that drops nothing within the steps. */
    public Rnn(int units, ActivationFunction activation, WeightInit init) {
        this(units, activation, init, 0);
    }

    /** The share that a recurrent layer drops. */
    static double dropout(Keys keys) {
        return keys.number("recurrent-dropout", 0, Interval.FRACTION);
    }

    static Rnn read(Keys keys) {
        int units = keys.required("units");
        ActivationFunction function = keys.choice("activation", ActivationFunction.TANH, ActivationFunction.class);
        return new Rnn(units, function, WeightInit.readOwn(keys), dropout(keys));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public boolean readsTime() {
        return true;
    }

    @Override
    public int stateLength() {
        return units;
    }

    @Override
    public Shape output(Shape input) {
        input.requireTime();
        squash(activation);
        return Shape.sequence(units);
    }

    /** The same in ONNX's operators, of a value. */
    static String squashed(ActivationFunction function, String x, OnnxLayer onnx) {
        return switch (squash(function)) {
            case TANH -> onnx.add("Tanh", List.of(x));
            case SIGMOID -> onnx.add("Sigmoid", List.of(x));
            case RELU -> onnx.add("Relu", List.of(x));
            case IDENTITY -> x;
        };
    }

    /**
     * How steps are squashed.
     *
     * @throws IllegalArgumentException when it is not known for sequences
     */
    static Squash squash(ActivationFunction function) {
        return switch (function) {
            case TANH -> Squash.TANH;
            case SIGMOID -> Squash.SIGMOID;
            case RELU -> Squash.RELU;
            case IDENTITY -> Squash.IDENTITY;
            default ->
                throw new IllegalArgumentException("the activation of a sequence can be tanh, sigmoid, relu or identity"
                        + ", found " + function.name().toLowerCase(Locale.ROOT));
        };
    }
}
