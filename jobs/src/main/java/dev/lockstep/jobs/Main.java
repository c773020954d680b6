package dev.lockstep.jobs;

import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.worker.natives.NativeThreads;

/** Where Java and spark-submit start. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        NativeThreads.prepare();
        int exitCode = LockstepCommand.run(args);
        // On a cluster the driver belongs to Spark, which takes any exit, of 0 too, for a failure.
        if (exitCode != 0 || !"cluster".equals(System.getProperty("spark.submit.deployMode"))) {
            System.exit(exitCode);
        }
    }
}
