package dev.lockstep.worker.model.objective;

/** How a network's outputs name a class. */
public final class Largest {

    private Largest() {}

    /** The place of the largest value, of the first one when several are equal. */
    public static int of(float[] values) {
        int largest = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[largest]) {
                largest = i;
            }
        }
        return largest;
    }
}
