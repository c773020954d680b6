package dev.lockstep.jobs.cli;

import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.state.TrainingState;
import java.util.concurrent.atomic.AtomicInteger;
import sun.misc.Signal;

/** Ctrl-C and SIGTERM: the first asks for a clean end, the second ends the process. */
final class Interruption implements LoopListener {
    private final AtomicInteger signals = new AtomicInteger();

    Interruption() {
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(new Signal(name), signal -> {
                if (signals.incrementAndGet() > 1) {
                    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
                }
                System.err.println("\nlockstep: stopping after this step (again to stop at once)");
            });
        }
    }

    @Override
    public boolean shouldStop(TrainingState state) {
        return requested();
    }

    boolean requested() {
        return signals.get() > 0;
    }
}
