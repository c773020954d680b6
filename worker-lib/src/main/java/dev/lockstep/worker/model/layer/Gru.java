package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.math.BothDirections;
import dev.lockstep.worker.math.GruCells;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.OnnxSteps;
import dev.lockstep.worker.onnx.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Cho et al. 2014: r, z = sigmoid(x_t W + h_{t-1} R + b), h_t = (1 - z) n + z h_{t-1}, h_0 = 0; every step's h comes out. Where the
 * reset comes after the product, n = tanh(x_t W_n + b_n + r (h_{t-1} R_n + s_n)), as in PyTorch and in Keras by default; where it
 * comes before, n = tanh(x_t W_n + b_n + (r h_{t-1}) R_n), as in the paper. Texts in which h_t = z n + (1 - z) h_{t-1} call 1 - z
 * what is z here: the same network. Parameters, gates in the order r, z, n: W [in, 3 units], R [units, 3 units], b [3 units] and,
 * with the reset after the product, s [3 units], a second bias, added to h_{t-1} R; of both directions each twice.
 *
 * @param units from 1
 * @param recurrentDropout the share of h_{t-1} that is dropped in front of R, in [0, 1): {@link dev.lockstep.worker.math.Dropping}
 */
public record Gru(int units, Reset reset, Direction direction, double recurrentDropout) implements SequenceLayer {
    public static final String TYPE = "gru";

    /** Where the reset gate is multiplied in: after the product of the state with its weights, or before it. */
    public enum Reset {
        AFTER,
        BEFORE
    }

    /** One that drops nothing within the steps. */
    public Gru(int units, Reset reset, Direction direction) {
        this(units, reset, direction, 0);
    }

    static Gru read(Keys keys) {
        return new Gru(
                keys.required("units"),
                keys.choice("reset", Reset.AFTER, Reset.class),
                keys.choice("direction", Direction.FORWARD, Direction.class),
                Rnn.dropout(keys));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public int stateLength() {
        return direction == Direction.FORWARD ? units : 0;
    }

    @Override
    public Shape output(Shape input) {
        input.requireTime();
        return Shape.sequence(direction.outputs(units));
    }

    @Override
    public List<Parameter> parameters(Shape input) {
        List<Parameter> all = new ArrayList<>();
        for (String prefix : prefixes()) {
            all.add(Parameter.weights(prefix + "W", input.size(), 3 * units));
            all.add(Parameter.weights(prefix + "R", units, 3 * units));
            all.add(new Parameter(prefix + "b", 3 * units, 0, false));
            if (reset == Reset.AFTER) {
                all.add(new Parameter(prefix + "s", 3 * units, 0, false));
            }
        }
        return all;
    }

    @Override
    public String onnx(Shape input, String x, OnnxSteps onnx) {
        List<OnnxSteps.Cell> directions = new ArrayList<>();
        for (String prefix : prefixes()) {
            directions.add(new OnnxSteps.Cell(
                    gates(onnx, prefix + "W").as(3L * units, input.size()),
                    gates(onnx, prefix + "R").as(3L * units, units),
                    Tensor.stacked(List.of(
                                    gates(onnx, prefix + "b"),
                                    reset == Reset.AFTER ? gates(onnx, prefix + "s") : Tensor.filled(3 * units, 0)))
                            .flat()));
        }
        Attribute after = Attribute.of("linear_before_reset", reset == Reset.AFTER ? 1 : 0);
        return onnx.recurrent("GRU", units, directions, x, after);
    }

    /** ONNX has the gates in the order z, r, n. */
    private static Tensor gates(OnnxSteps onnx, String parameter) {
        return onnx.layer().tensor(parameter).flat().parts(3, 1, 0, 2);
    }

    private List<String> prefixes() {
        return direction == Direction.BOTH ? List.of("f", "b") : List.of("");
    }

    @Override
    public SequenceKernel sequences(Shape input) {
        boolean after = reset == Reset.AFTER;
        GruCells forward = new GruCells(units, after, false);
        return direction == Direction.BOTH ? new BothDirections(forward, new GruCells(units, after, true)) : forward;
    }
}
