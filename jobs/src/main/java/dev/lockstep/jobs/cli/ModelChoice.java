package dev.lockstep.jobs.cli;

import dev.lockstep.driver.ensemble.EnsembleFile;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.ModelException;
import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Option;

/** Which model. */
final class ModelChoice {
    @Option(
            names = "--model",
            required = true,
            paramLabel = "RUN_OR_ZIP",
            description = "A run's or an ensemble's folder, or a DL4J model file.")
    private String model;

    /** The folder, or the file. */
    RunFolder place(Configuration hadoop) {
        return RunFolder.at(model, hadoop);
    }

    static boolean isFolder(RunFolder place) throws IOException {
        return place.files().exists(place.path())
                && place.files().getFileStatus(place.path()).isDirectory();
    }

    static boolean isEnsemble(RunFolder place) throws IOException {
        return isFolder(place) && place.has(EnsembleFile.NAME);
    }

    /**
     * A run's model, or a model file.
     *
     * @throws ModelException when there is none, or it is damaged
     */
    ModelFile.Contents network(RunFolder place) throws IOException {
        Path file = isFolder(place) ? place.path(ModelFile.NAME) : place.path();
        try {
            return ModelFile.read(toString(), () -> place.files().open(file));
        } catch (FileNotFoundException e) {
            throw new ModelException(this + ": there is no " + file
                    + "; expected a run's folder with a finished model, or a model file");
        }
    }

    /** What to call it in messages. */
    @Override
    public String toString() {
        return "--model " + model;
    }
}
