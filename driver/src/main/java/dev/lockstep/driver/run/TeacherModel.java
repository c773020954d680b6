package dev.lockstep.driver.run;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.TeacherNetwork;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/**
 * Whose outputs a run learns from: {@code train.teacher}.
 *
 * @param modelSha256 of its parameters, as its own run tells it
 */
public record TeacherModel(StoredModel model, String modelSha256) {

    /**
     * Reads it.
     *
     * @param dataset that the run learns from
     * @return null when nobody teaches
     * @throws ModelException when there is no such model, or it does not tell the run's classes of its examples
     */
    public static TeacherModel of(RunConfig config, Dataset dataset, Configuration hadoop) throws IOException {
        if (config.training().teaching() == null) {
            return null;
        }
        String place = config.training().teaching().teacher();
        String name = "train.teacher = " + config.redacted(place);
        ModelFile.Contents found = StartingPoint.open(RunFolder.at(place, hadoop), name);
        String obstacle = obstacle(found, config.network(), dataset.fitted());
        if (obstacle != null) {
            throw new ModelException(name + ": " + obstacle);
        }
        StoredModel model = found.model();
        return new TeacherModel(model, FloatArray.of(model.parameters()).sha256());
    }

    /** Why a model cannot teach a network; null when it can. */
    private static String obstacle(ModelFile.Contents model, NetworkSpec network, Fitted data) {
        if (model.objective() != Objective.CLASSIFICATION) {
            return "was trained for " + model.objective().word() + "; expected classification";
        }
        if (model.everyStep() || !model.input().equals(network.input())) {
            return "reads examples of " + model.input() + ", the network those of " + network.input()
                    + "; expected the same";
        }
        if (model.classes() != network.classes()) {
            return "tells " + model.classes() + " classes, the network " + network.classes() + "; expected as many";
        }
        if (!TeacherNetwork.endsWithSoftmax(model.model().configurationJson())) {
            return "does not end with softmax; expected probabilities of classes";
        }
        Fitted known = model.fitted();
        if (!known.features().isEmpty()
                && !data.features().isEmpty()
                && !known.features().equals(data.features())) {
            return "was trained with the columns " + Excerpt.of(known.features()) + ", the data has "
                    + Excerpt.of(data.features()) + "; expected the same, in their order";
        }
        if (!known.words().isEmpty() && !known.words().equals(data.words())) {
            return "was trained with other words in the columns "
                    + Excerpt.of(known.words().keySet()) + " than the data has; expected the same";
        }
        if (!known.scaling().equals(data.scaling())) {
            return "was given features scaled otherwise than the data's are; expected the same data.scaling of the same"
                    + " training rows";
        }
        return null;
    }

    /** What a run with this teacher is known by: its parameters, and what is computed with them. */
    public SortedMap<String, String> fingerprint() {
        return new TreeMap<>(Map.of(
                "train.teacher (SHA-256)",
                modelSha256,
                "train.teacher (its configuration's SHA-256)",
                TrainingState.sha256(model.configurationJson().getBytes(StandardCharsets.UTF_8))));
    }
}
