package dev.lockstep.worker.exchange;

import java.util.function.BooleanSupplier;

/** The machine's. */
final class SystemClock implements Clock {
    /**
     * So long a thread keeps its core while it waits for others of its JVM. They are rarely later than that, and a thread
     * that sleeps goes on later than it could: each step would pay for it.
     */
    private static final long SPIN_NANOS = 2_000_000;

    private static final int CORES = Runtime.getRuntime().availableProcessors();

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
        long began = System.nanoTime();
        while (System.nanoTime() - began < spinNanos(threads) && !condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /**
     * How long a thread that waits for others keeps its core.
     *
     * @param threads how many wait for each other on this machine
     */
    static long spinNanos(int threads) {
        return threads <= CORES ? SPIN_NANOS : 0; // or else it would keep the core from the one it waits for
    }
}
