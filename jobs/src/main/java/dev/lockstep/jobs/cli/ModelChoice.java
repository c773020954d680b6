package dev.lockstep.jobs.cli;

import dev.lockstep.driver.ensemble.EnsembleFile;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StartingPoint;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
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
     * @throws ModelException when there is none, or it is damaged
     */
    ModelFile.Contents network(RunFolder place) throws IOException {
        return StartingPoint.open(place, toString());
    }

    /**
     * The same of a network that was trained with {@code data.format = text}: it knows tokens.
     *
     * @throws ConfigurationException when it is another
     */
    ModelFile.Contents networkOfText(RunFolder place) throws IOException {
        refuseEnsemble(place, "name one member's run");
        ModelFile.Contents contents = network(place);
        if (contents.fitted().vocabulary() == null) {
            throw new ConfigurationException(
                    this + ": knows no tokens; expected a network that was trained with data.format = text");
        }
        return contents;
    }

    /** @param advice what to do with an ensemble instead */
    void refuseEnsemble(RunFolder place, String advice) throws IOException {
        if (isEnsemble(place)) {
            throw new ConfigurationException(this + ": is an ensemble of several networks; " + advice);
        }
    }

    /** @throws ModelException unless all that the model said are finite numbers */
    void refuseUnless(boolean finite) {
        if (!finite) {
            throw new ModelException(this + ": not all of its answers are finite numbers; its parameters"
                    + " are, but too large: it diverged while it was trained, or is damaged");
        }
    }

    /** What to call it in messages. */
    @Override
    public String toString() {
        return "--model " + model;
    }
}
