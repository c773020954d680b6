package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;

/**
 * Hochreiter, Schmidhuber 1997, with the forget gate of Gers, Schmidhuber, Cummins 2000: with
 * a = tanh(x_t W_a + h_{t-1} R_a + b_a) and f, o, i the same with a sigmoid, c_t = f c_{t-1} + i a, h_t = o tanh c_t,
 * h_0 = c_0 = 0; every step's h comes out. With peepholes (Gers, Schmidhuber 2000) p_f c_{t-1}, p_i c_{t-1} and p_o c_t are added to
 * what goes into the sigmoids of f, i and o. Parameters, gates in the order a, f, o, i: W [in, 4 units], R [units, 4 units], b
 * [4 units]; p_f, p_o, p_i are three more columns of R.
 *
 * @param units from 1
 * @param forgetBias what b_f starts with, so that at first little is forgotten
 * @param peepholes whether the gates see the cell
 * @param init how the weights start, of W and R with a fan-in of the units (as DL4J has it); null as the network's do
 * @param recurrentDropout the share of h_{t-1} that is dropped in front of R, in [0, 1): {@link dev.lockstep.worker.math.Dropping}
 */
public record Lstm(int units, double forgetBias, Peepholes peepholes, WeightInit init, double recurrentDropout)
        implements Layer {
    public static final String TYPE = "lstm";

    /** Whether the gates see the cell. */
    public enum Peepholes {
        OFF,
        ON
    }

    /** One without peepholes. */
    public Lstm(int units, double forgetBias, WeightInit init) {
        this(units, forgetBias, Peepholes.OFF, init);
    }

    /** One that drops nothing within the steps. */
    public Lstm(int units, double forgetBias, Peepholes peepholes, WeightInit init) {
        this(units, forgetBias, peepholes, init, 0);
    }

    static Lstm read(Keys keys) {
        return new Lstm(
                keys.required("units"),
                keys.number("forget-bias", 1, Interval.ANY),
                keys.choice("peepholes", Peepholes.OFF, Peepholes.class),
                WeightInit.readOwn(keys),
                Rnn.dropout(keys));
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
        return 2 * units;
    }

    @Override
    public Shape output(Shape input) {
        input.requireTime();
        return Shape.sequence(units);
    }
}
