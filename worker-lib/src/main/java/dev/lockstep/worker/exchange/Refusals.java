package dev.lockstep.worker.exchange;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what strangers tried, and warns of it: once a peer and minute, however much they send. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long NANOS_A_PEER = TimeUnit.MINUTES.toNanos(1);
    /** Of more peers in a minute only the number is told. */
    static final int PEERS = 20;

    private final LongSupplier nanos;
    private final Consumer<String> warnings;
    private final Set<String> told = new HashSet<>();
    private long count;
    private long since;

    Refusals() {
        this(System::nanoTime, LOG::warn);
    }

    /** @param nanos a clock like {@link System#nanoTime} */
    Refusals(LongSupplier nanos, Consumer<String> warnings) {
        this.nanos = nanos;
        this.warnings = warnings;
        this.since = nanos.getAsLong();
    }

    /** @param peer the machine that it came from */
    synchronized void add(String peer) {
        count++;
        long now = nanos.getAsLong();
        if (now - since >= NANOS_A_PEER) {
            since = now;
            told.clear();
        }
        if (told.size() < PEERS && told.add(peer)) {
            warnings.accept("refused what " + peer + " sent: it does not know this run's secret (" + count
                    + " refused so far)");
        }
    }

    synchronized long count() {
        return count;
    }
}
