package dev.lockstep.worker.math;

/**
 * The gates of one step of all examples, each by itself without gaps, {@code [examples][units]}: loops over all of it are vector code
 * from end to end, which loops over an example's row, cut out of all gates', are not.
 */
final class GateValues {
    private final int units;
    private final float[][] values;
    private final float[][] bias;

    GateValues(int gates, int units, int examples) {
        this.units = units;
        this.values = new float[gates][examples * units];
        this.bias = new float[gates][];
    }

    /** The values of a gate. */
    float[] of(int gate) {
        return values[gate];
    }

    /** Takes values of every gate, {@code [gates][units]}, that are the same for all examples. */
    void setBias(float[] ofUnits) {
        for (int gate = 0; gate < values.length; gate++) {
            bias[gate] = new float[values[gate].length];
            for (int at = 0; at < values[gate].length; at += units) {
                System.arraycopy(ofUnits, gate * units, bias[gate], at, units);
            }
        }
    }

    /** The bias of a gate for all examples. */
    float[] biasOf(int gate) {
        return bias[gate];
    }

    void addBias() {
        for (int gate = 0; gate < values.length; gate++) {
            VectorLoops.add(values[gate], bias[gate], values[gate].length);
        }
    }

    /** @param of {@code [steps, examples, gates units]} */
    void read(Sequences of, int step) {
        for (int gate = 0; gate < values.length; gate++) {
            of.part(gate * units, units).read(step, values[gate]);
        }
    }

    /** The inverse of {@link #read}. */
    void write(Sequences to, int step) {
        for (int gate = 0; gate < values.length; gate++) {
            to.part(gate * units, units).write(step, values[gate]);
        }
    }

    /** Puts 0 for the examples that have ended. */
    void clearPadding(Sequences of, int step) {
        for (float[] each : values) {
            of.clearPadding(step, each, units);
        }
    }
}
