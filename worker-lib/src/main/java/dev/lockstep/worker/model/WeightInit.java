package dev.lockstep.worker.model;

import java.io.Serializable;

/** How weights start; biases always start at 0. fanIn is the number of inputs one unit sees. */
public sealed interface WeightInit extends Serializable {

    /** What a configuration calls them. */
    enum Name {
        GAUSS,
        XAVIER,
        HE,
        ZEROS
    }

    /**
     * N(0, standardDeviation^2)
     *
     * @param standardDeviation above 0
     */
    record Gauss(double standardDeviation) implements WeightInit {}

    /** N(0, 1 / fanIn): the fan-in form of Glorot, Bengio 2010, as the course defines it (DL4J's XAVIER is another). */
    record Xavier() implements WeightInit {}

    /** N(0, 2 / fanIn): He, Zhang, Ren, Sun 2015, for ReLU. */
    record He() implements WeightInit {}

    /** 0: every unit of a layer learns the same, which is why weights must not start so. */
    record Zeros() implements WeightInit {}

    /**
     * What {@code weight-init} names.
     *
     * @param prefix of the key
     * @param usual where none is named
     * @return null when none is named and there is no usual one
     */
    static WeightInit read(Keys keys, String prefix, Name usual) {
        Name name = keys.choice(prefix + "weight-init", usual, Name.class);
        if (name == null) {
            return null;
        }
        return switch (name) {
            case GAUSS -> new Gauss(keys.number(prefix + "weight-std", 0.01, Interval.POSITIVE));
            case XAVIER -> new Xavier();
            case HE -> new He();
            case ZEROS -> new Zeros();
        };
    }

    /** A layer's own; null as the network's is. */
    static WeightInit readOwn(Keys keys) {
        return read(keys, "", null);
    }
}
