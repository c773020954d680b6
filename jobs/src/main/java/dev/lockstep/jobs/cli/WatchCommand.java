package dev.lockstep.jobs.cli;

import dev.lockstep.driver.live.LiveReport;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        description =
                "Serves the report of a run while it runs, live, to a browser on this machine; ends with the run.",
        mixinStandardHelpOptions = true)
final class WatchCommand implements Callable<Integer> {
    private static final long PAUSE_MILLIS = 1000;

    @Parameters(paramLabel = "RUN", description = "The folder of a run, wherever Hadoop can read.")
    private String run;

    @Option(names = "--port", paramLabel = "N", description = "The port to listen on (default: any that is free).")
    private int port;

    @Override
    public Integer call() throws IOException {
        RunFolder folder = RunFolder.at(run, SparkHadoopUtil.get().newConfiguration(new SparkConf()));
        RunRecord record = RunRecord.read(folder);
        if (record == null) {
            throw new DataException(folder.path() + ": holds no run: expected a " + RunRecord.FILE
                    + " in it; name the folder that a run is written to");
        }
        if (record.ending().status() != RunRecord.Status.RUNNING) {
            System.out.println("the run is " + record.ending().status().word() + "; its report: " + folder.shown()
                    + "/report.html");
            return ExitCode.DONE;
        }
        try (LiveReport live = new LiveReport(folder, port)) {
            System.out.println("watch it at " + live.address() + " (on this machine alone; ends with the run)");
            while (!live.isOver()) {
                pause();
            }
        }
        System.out.println("the run has ended; its report: " + folder.shown() + "/report.html");
        return ExitCode.DONE;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
