package dev.lockstep.jobs;

import dev.lockstep.driver.run.ConsoleLog;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.worker.natives.Natives;

/** Where Java and spark-submit start. */
public final class Main {
    private static final int JAVA = 17;

    private Main() {}

    public static void main(String[] args) {
        String unsuitable = unsuitable(Runtime.version(), System.getProperty("java.home"));
        if (unsuitable != null) {
            System.err.println(unsuitable);
            System.exit(ExitCode.USAGE);
        }
        int exitCode = LockstepCommand.run(Main::prepare, args);
        // On a cluster the driver belongs to Spark, which takes any exit, of 0 too, for a failure.
        if (exitCode != 0 || !"cluster".equals(System.getProperty("spark.submit.deployMode"))) {
            System.exit(exitCode);
        }
    }

    /** What must be settled before anything logs or computes. */
    private static void prepare() {
        ConsoleLog.quietUnlessConfigured();
        Natives.choose();
    }

    /** @return what is wrong with a Java, or null; Hadoop 3.3 fails on the newest without a word of it */
    static String unsuitable(Runtime.Version version, String home) {
        return version.feature() == JAVA
                ? null
                : "lockstep: Lockstep runs on Java " + JAVA + ", found Java " + version + " (" + home
                        + "): set JAVA_HOME to a JDK " + JAVA;
    }
}
