package dev.lockstep.driver.run;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.Pruning;
import dev.lockstep.worker.dl4j.TransferredParameters;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a run begins with, where that is another model's: {@code train.start-from}.
 *
 * @param parameters of the run's network, float32 in DL4J's flat order
 * @param modelSha256 of the other model's parameters, as its own run tells it
 * @param pruned what {@code train.prune} made 0; null when nothing is pruned
 */
public record StartingPoint(float[] parameters, String modelSha256, Pruning.Outcome pruned) {

    /**
     * Reads it.
     *
     * @return null when the run begins with parameters by chance
     * @throws ModelException when there is no such model, or it does not fit; it names the layer
     */
    public static StartingPoint of(RunConfig config, Configuration hadoop) throws IOException {
        if (config.training().startFrom() == null) {
            return null;
        }
        StoredModel model = model(config, hadoop);
        long seed = new SeedLaw(config.seed()).seed(Purpose.INITIAL_WEIGHTS);
        try {
            float[] parameters = TransferredParameters.of(
                    config.network(),
                    Networks.initialParameters(config.network(), seed),
                    model.configurationJson(),
                    model.parameters());
            double share = config.training().prune();
            Pruning.Outcome pruned = share == 0 ? null : Pruning.prune(config.network(), share, parameters);
            return new StartingPoint(
                    parameters, FloatArray.of(model.parameters()).sha256(), pruned);
        } catch (ModelException e) {
            throw new ModelException(name(config) + ": " + e.getMessage(), e);
        }
    }

    /**
     * What tells one start from another, and needs no network to be built.
     *
     * @return {@link #modelSha256}; null when the run begins with parameters by chance
     * @throws ModelException when there is no such model
     */
    public static String sha256(RunConfig config, Configuration hadoop) throws IOException {
        return config.training().startFrom() == null
                ? null
                : FloatArray.of(model(config, hadoop).parameters()).sha256();
    }

    private static StoredModel model(RunConfig config, Configuration hadoop) throws IOException {
        return open(RunFolder.at(config.training().startFrom(), hadoop), name(config))
                .model();
    }

    private static String name(RunConfig config) {
        return "train.start-from = " + config.redacted(config.training().startFrom());
    }

    /** What a run that begins so is known by. */
    static Map<String, String> fingerprint(String sha256) {
        return Map.of("train.start-from (SHA-256)", sha256);
    }

    /**
     * The model of a run, or a model file.
     *
     * @param place the run's folder, or the file
     * @param name what to call it in messages
     * @throws ModelException when there is none, or it is damaged
     */
    public static ModelFile.Contents open(RunFolder place, String name) throws IOException {
        Path file = place.isFolder() ? place.path(ModelFile.NAME) : place.path();
        try {
            return ModelFile.read(name, () -> place.files().open(file));
        } catch (FileNotFoundException e) {
            throw new ModelException(name + ": there is no " + file
                    + "; expected a run's folder with a finished model, or a model file");
        }
    }
}
