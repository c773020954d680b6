package dev.lockstep.bench.scaling;

/**
 * A measured exchange, all executors on one machine.
 *
 * @param name for people
 * @param cores of the machine
 * @param low seconds a step, the least seen
 * @param high seconds a step, the most seen
 */
record MeasuredPoint(String name, Layout layout, int cores, double low, double high) {

    double middle() {
        return (low + high) / 2;
    }

    /** How much longer an executor takes than with one core to itself. */
    double slowdown() {
        return (double) layout.executors() / cores;
    }
}
