package dev.lockstep.worker.exchange;

import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.loop.StepReport;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * What the driver does about a simulated gang: hears of its steps, asks it to stop, gives it up for a mistake of the
 * user's, closes it in the end. Watches that it hears of every step once, in order, and that the gang stops soon.
 */
final class SimulatedDriver {
    /** Two rounds of reports, and a few steps. */
    private static final long SOON_MILLIS = 400;
    /** So often messages that are slow can delay that. */
    private static final long SLOW_MESSAGES = 20;

    private final Simulation simulation;
    private final Schedule schedule;
    private final Coordinator coordinator;
    private final Predicate<LockstepException> isMistake;
    private final Runnable giveUp;
    private final long began;
    private boolean closed;
    private long heardAttempt;
    private long heard = -1;
    private long stopAfter = Schedule.NEVER;
    private long askedAt;

    /**
     * @param isMistake whether a member made it
     * @param giveUp what follows on such a mistake
     */
    SimulatedDriver(
            Simulation simulation,
            Schedule schedule,
            Coordinator coordinator,
            Predicate<LockstepException> isMistake,
            Runnable giveUp) {
        this.simulation = simulation;
        this.schedule = schedule;
        this.coordinator = coordinator;
        this.isMistake = isMistake;
        this.giveUp = giveUp;
        this.began = simulation.nanos();
        simulation.after(nanos(5), this::follow);
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void follow() {
        if (closed) {
            return;
        }
        listen();
        LockstepException failure = coordinator.userFailure();
        if (failure != null) {
            if (!isMistake.test(failure)) {
                throw new AssertionError("nobody made this mistake", failure);
            }
            simulation.note(() -> "the driver hears of " + failure);
            giveUp.run();
            return;
        }
        if (simulation.nanos() - began > nanos(schedule.stopMillis()) && stopAfter == Schedule.NEVER) {
            stopAfter = heard;
            askedAt = simulation.nanos();
            simulation.note(() -> "the driver asks to stop after step " + heard);
            coordinator.stopAfter(heard);
        }
        simulation.after(nanos(10) + simulation.random().nextLong(nanos(20)), this::follow);
    }

    private void listen() {
        for (StepReport step = coordinator.poll(); step != null; step = coordinator.poll()) {
            long ofAttempt = (long) step.seconds();
            long number = step.metrics().id().step();
            long expected = ofAttempt == heardAttempt ? heard + 1 : 0;
            if (ofAttempt < heardAttempt || number != expected) {
                throw new AssertionError("step " + number + " of attempt " + ofAttempt + " was reported after step "
                        + heard + " of attempt " + heardAttempt);
            }
            heardAttempt = ofAttempt;
            heard = number;
        }
    }

    /** When the gang has ended well, after so many steps. */
    void requireAllHeard(int attempt, long steps) {
        listen();
        if (heardAttempt != attempt || heard != steps - 1) {
            throw new AssertionError("step " + heard + " of attempt " + heardAttempt
                    + " is the last that was reported, of " + steps + " in attempt " + attempt);
        }
        boolean asked = stopAfter != Schedule.NEVER;
        if (steps < schedule.steps() && !(asked && steps > stopAfter)) {
            throw new AssertionError("stopped after " + steps + " steps, asked to after step " + stopAfter);
        }
        long late = simulation.nanos() - askedAt;
        if (asked
                && schedule.calm()
                && late
                        > nanos(SOON_MILLIS)
                                + SLOW_MESSAGES * schedule.network().delayNanos()) {
            throw new AssertionError("went on for " + late / 1_000_000 + " ms after it was asked to stop");
        }
    }

    /** How many steps of the last attempt it heard of. */
    long steps() {
        return heard + 1;
    }

    String firstCause() {
        return coordinator.firstCause();
    }

    Dispute dispute() {
        return coordinator.dispute();
    }

    void close() {
        closed = true;
        coordinator.close();
    }
}
