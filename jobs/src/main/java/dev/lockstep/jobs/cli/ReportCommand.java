package dev.lockstep.jobs.cli;

import dev.lockstep.driver.report.CompareReport;
import dev.lockstep.driver.report.RunReport;
import dev.lockstep.driver.report.SweepReport;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.jobs.course.CourseReport;
import dev.lockstep.jobs.course.ExerciseReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "report",
        description = "Builds the report.html of a run, a sweep, a course, one of its exercises or a comparison anew.",
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "DIR",
            description = "A run's, a sweep's, an exercise's, a course's or a comparison's folder.")
    private String folder;

    @Override
    public Integer call() throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        RunFolder place = RunFolder.at(folder, hadoop);
        if (ExerciseReport.isOne(place)) {
            ExerciseReport.write(place);
        } else if (CourseReport.isOne(place)) {
            CourseReport.write(place);
        } else if (SweepReport.isOne(place)) {
            SweepReport.write(place);
        } else if (CompareReport.isOne(place)) {
            CompareReport.read(place, hadoop).write(place);
        } else {
            RunReport.write(place);
        }
        System.out.println(folder + "/report.html");
        return ExitCode.DONE;
    }
}
