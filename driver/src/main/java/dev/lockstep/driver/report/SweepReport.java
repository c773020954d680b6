package dev.lockstep.driver.report;

import dev.lockstep.driver.run.RunFolder;
import java.io.IOException;

/** {@code report.html} of a sweep. */
public final class SweepReport {
    /** {@code sweep.json}: what the sweep is and how it went. */
    public static final String RECORD = "sweep.json";

    private SweepReport() {}

    public static void write(RunFolder folder) throws IOException {}
}
