package dev.lockstep.jobs;

import dev.lockstep.jobs.cli.LockstepCommand;

/** Where Java and spark-submit start. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(LockstepCommand.run(args));
    }
}
