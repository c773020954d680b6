package dev.lockstep.worker.loop;

/** How long steps take, for people to be told: the one clock where numbers are made, and no number depends on it. */
final class Stopwatch {
    private long began = System.nanoTime();

    /** The seconds of this lap so far. */
    double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    /** Ends this lap and begins the next. @return its seconds */
    double lap() {
        long now = System.nanoTime();
        double seconds = (now - began) / 1e9;
        began = now;
        return seconds;
    }
}
