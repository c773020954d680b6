package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;

/**
 * Hochreiter, Schmidhuber 1997, with the forget gate of Gers, Schmidhuber, Cummins 2000 and without peepholes: with
 * a = tanh(x_t W_a + h_{t-1} R_a + b_a) and f, o, i the same with a sigmoid, c_t = f c_{t-1} + i a, h_t = o tanh c_t,
 * h_0 = c_0 = 0; every step's h comes out. Parameters, gates in the order a, f, o, i: W [in, 4 units], R [units, 4 units],
 * b [4 units].
 *
 * @param units from 1
 * @param forgetBias what b_f starts with, so that at first little is forgotten
 * @param init how the weights start, of W and R with a fan-in of the units (as DL4J has it); null as the network's do
 */
public record Lstm(int units, double forgetBias, WeightInit init) implements Layer {
    public static final String TYPE = "lstm";

    static Lstm read(Keys keys) {
        return new Lstm(keys.required("units"), keys.number("forget-bias", 1, Interval.ANY), WeightInit.readOwn(keys));
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
    public Shape output(Shape input) {
        input.requireTime();
        return Shape.sequence(units);
    }
}
