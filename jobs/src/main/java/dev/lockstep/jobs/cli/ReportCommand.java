package dev.lockstep.jobs.cli;

import dev.lockstep.driver.report.RunReport;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.RunFolder;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "report", description = "Builds a run's report.html anew.", mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

    @Parameters(paramLabel = "DIR", description = "A run's folder.")
    private String folder;

    @Override
    public Integer call() throws IOException {
        RunReport.write(RunFolder.at(folder, SparkHadoopUtil.get().newConfiguration(new SparkConf())));
        System.out.println(folder + "/report.html");
        return ExitCode.DONE;
    }
}
