package dev.lockstep.jobs.cli;

import dev.lockstep.driver.report.CompareReport;
import dev.lockstep.driver.report.ComparedRun;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compare",
        description =
                "Shows runs side by side on one page: figures, curves, where their configurations differ, and which"
                        + " made the same model.",
        mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "RUN",
            arity = "1..*",
            description = "Folders of runs; of a sweep, an exercise or a course all of its trials.")
    private List<String> folders;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The folder to write report.html into (default: runs/<time>-compare).")
    private String out;

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        List<ComparedRun> runs = new ArrayList<>();
        for (String folder : folders) {
            RunFolder each = RunFolder.at(folder, hadoop);
            if (CompareReport.isOne(each)) { // as in runs/*
                System.out.println(folder + ": left out, for it is a comparison itself");
            } else {
                runs.addAll(ComparedRun.in(each));
            }
        }
        if (runs.isEmpty()) {
            throw new DataException("there is no run to compare; name the folders of runs, sweeps or exercises");
        }
        RunFolder place = OutputOptions.newFolder(out, "compare", hadoop);
        place.create();
        CompareReport report = new CompareReport(runs);
        report.write(place);
        System.out.println(runs.size() + (runs.size() == 1 ? " run" : " runs"));
        report.equal().forEach((hash, names) -> System.out.println("the same model: " + String.join(", ", names)));
        System.out.println("report: " + place.shown() + "/report.html");
        return ExitCode.DONE;
    }
}
