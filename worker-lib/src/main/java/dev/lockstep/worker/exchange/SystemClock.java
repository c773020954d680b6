package dev.lockstep.worker.exchange;

import java.util.function.BooleanSupplier;

/** The machine's. */
final class SystemClock implements Clock {
    /**
     * So long a thread keeps its core while it waits for others of its JVM. They are rarely later than that, and a thread
     * that sleeps goes on later than it could: each step would pay for it.
     */
    private static final long SPIN_NANOS = 2_000_000;

    static final int CORES = Runtime.getRuntime().availableProcessors();

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public boolean await(Object lock, BooleanSupplier condition, long millis) throws InterruptedException {
        synchronized (lock) {
            if (millis > 0 && !condition.getAsBoolean()) {
                lock.wait(millis);
            }
            return condition.getAsBoolean();
        }
    }

    @Override
    public void spin(int threads, BooleanSupplier condition) {
        if (threads <= CORES) { // or else it would keep the core from the one it waits for
            long began = System.nanoTime();
            while (!condition.getAsBoolean() && System.nanoTime() - began < SPIN_NANOS) {
                Thread.onSpinWait();
            }
        }
    }
}
