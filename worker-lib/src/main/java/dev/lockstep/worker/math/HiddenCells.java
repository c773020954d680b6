package dev.lockstep.worker.math;

import java.util.function.DoubleSupplier;

/** Recurrent cells whose state is their output h alone. */
abstract class HiddenCells implements Carrying, Dropping {
    final int units;
    final Recurrence recurrence;
    private float[] ended;

    HiddenCells(int units, boolean backward) {
        this.units = units;
        this.recurrence = new Recurrence(backward);
    }

    /** Takes note of what sequences end with. */
    final void passed(Sequences h, boolean training) {
        ended = training ? recurrence.ended(h) : null;
    }

    @Override
    public final void drop(double ratio, DoubleSupplier random) {
        recurrence.drop(ratio, random);
    }

    @Override
    public final int stateLength() {
        return units;
    }

    @Override
    public final void begin(float[] state) {
        recurrence.beginWith(state);
    }

    @Override
    public final float[] end() {
        return ended;
    }
}
