package dev.lockstep.ml;

import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.LockstepException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What is wrong, as spark.ml says it: by an IllegalArgumentException, in the words of Params. */
final class Told {
    private static final Map<String, String> PARAMS = new LinkedHashMap<>();

    static {
        PARAMS.put("data.columns.features", "featuresCol");
        PARAMS.put("data.columns.label", "labelCol");
        PARAMS.put("data.columns.weight", "weightCol");
        PARAMS.put("data.columns.validation", "validationIndicatorCol");
        PARAMS.put("data.columns.id", "idCol");
        PARAMS.put("train.batch-size", "batchSize");
        PARAMS.put("train.shards", "shards");
        PARAMS.put("train.epochs", "maxIter");
        PARAMS.put("train.tasks", "numTasks");
        PARAMS.put("optimizer.learning-rate", "stepSize");
    }

    private Told() {}

    /** @throws IllegalArgumentException for a failure that the user can mend, but for a training that diverged */
    static <T> T by(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            LockstepException ours = LockstepException.in(e);
            if (ours == null || ours instanceof DivergenceException) {
                throw e;
            }
            throw new IllegalArgumentException(inParams(ours.getMessage()), e);
        }
    }

    private static String inParams(String message) {
        String told = message;
        for (Map.Entry<String, String> each : PARAMS.entrySet()) {
            told = told.replaceAll("\\b" + each.getKey().replace(".", "\\.") + "\\b(?![.-])", each.getValue());
        }
        return told;
    }
}
