package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.AnswersFolder;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;

/** A file that a command is to write: not there before, and whole when it is there. */
final class NewFile {
    private final RunFolder folder;
    private final String name;

    private NewFile(RunFolder folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /**
     * @param option that names it
     * @throws ConfigurationException when it exists, or no file system answers to its name
     */
    static NewFile at(String option, String location) throws IOException {
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        RunFolder place = RunFolder.at(location, hadoop);
        if (place.files().exists(place.path())) {
            throw new ConfigurationException(option + " " + location + ": exists already; choose another name");
        }
        return new NewFile(place.parent(), place.path().getName());
    }

    /** Makes the folder that it is to be in. */
    void makeFolder() {
        folder.create();
    }

    /** The same as a folder of a model's answers. */
    AnswersFolder answers() {
        return new AnswersFolder(folder, name);
    }

    void write(RunFolder.Content content) throws IOException {
        folder.write(name, content);
    }
}
