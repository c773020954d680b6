package dev.lockstep.jobs.cli;

import dev.lockstep.driver.ensemble.EnsembleFile;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StartingPoint;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
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

    static boolean isEnsemble(RunFolder place) throws IOException {
        return place.isFolder() && place.has(EnsembleFile.NAME);
    }

    /**
     * A run's model, or a model file.
     *
     * @throws dev.lockstep.worker.failure.ModelException when there is none, or it is damaged
     */
    ModelFile.Contents network(RunFolder place) throws IOException {
        return StartingPoint.open(place, toString());
    }

    /** What to call it in messages. */
    @Override
    public String toString() {
        return "--model " + model;
    }
}
