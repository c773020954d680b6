package dev.lockstep.ml;

import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.Param;

/** The Params that a classifier and its model have beside those of {@link LockstepParams}. */
public interface LockstepClassifierParams extends LockstepParams {

    /** Those that are declared here. */
    ClassParams ofClasses();

    default Param<String> probabilityCol() {
        return ofClasses().probabilityCol();
    }

    default String getProbabilityCol() {
        return getOrDefault(probabilityCol());
    }

    default Param<String> rawPredictionCol() {
        return ofClasses().rawPredictionCol();
    }

    default String getRawPredictionCol() {
        return getOrDefault(rawPredictionCol());
    }

    default Param<String> predictedLabelCol() {
        return ofClasses().predictedLabelCol();
    }

    default String getPredictedLabelCol() {
        return getOrDefault(predictedLabelCol());
    }

    default DoubleArrayParam thresholds() {
        return ofClasses().thresholds();
    }

    default double[] getThresholds() {
        return getOrDefault(thresholds());
    }
}
