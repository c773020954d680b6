package dev.lockstep.jobs;

import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.worker.kernel.NativeThreads;

/** Where Java and spark-submit start. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        NativeThreads.prepare();
        System.exit(LockstepCommand.run(args));
    }
}
