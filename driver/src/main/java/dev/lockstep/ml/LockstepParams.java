package dev.lockstep.ml;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The Params that Lockstep's estimators and models have in common. */
public interface LockstepParams extends Params {

    /** Those that are declared here. */
    CommonParams common();

    default Param<String> featuresCol() {
        return common().featuresCol();
    }

    default String getFeaturesCol() {
        return getOrDefault(featuresCol());
    }

    default Param<String> labelCol() {
        return common().labelCol();
    }

    default String getLabelCol() {
        return getOrDefault(labelCol());
    }

    default Param<String> predictionCol() {
        return common().predictionCol();
    }

    default String getPredictionCol() {
        return getOrDefault(predictionCol());
    }

    default Param<String> weightCol() {
        return common().weightCol();
    }

    default String getWeightCol() {
        return getOrDefault(weightCol());
    }

    default Param<String> validationIndicatorCol() {
        return common().validationIndicatorCol();
    }

    default String getValidationIndicatorCol() {
        return getOrDefault(validationIndicatorCol());
    }

    default Param<String> idCol() {
        return common().idCol();
    }

    default String getIdCol() {
        return getOrDefault(idCol());
    }

    default LongParam seed() {
        return common().seed();
    }

    default long getSeed() {
        return (Long) getOrDefault(seed());
    }

    default IntParam maxIter() {
        return common().maxIter();
    }

    default int getMaxIter() {
        return (Integer) getOrDefault(maxIter());
    }

    default IntParam batchSize() {
        return common().batchSize();
    }

    default int getBatchSize() {
        return (Integer) getOrDefault(batchSize());
    }

    default DoubleParam stepSize() {
        return common().stepSize();
    }

    default double getStepSize() {
        return (Double) getOrDefault(stepSize());
    }

    default IntParam shards() {
        return common().shards();
    }

    default int getShards() {
        return (Integer) getOrDefault(shards());
    }

    default IntParam numTasks() {
        return common().numTasks();
    }

    default int getNumTasks() {
        return (Integer) getOrDefault(numTasks());
    }

    default Param<String> checkpointDir() {
        return common().checkpointDir();
    }

    default String getCheckpointDir() {
        return getOrDefault(checkpointDir());
    }

    default Param<String> conf() {
        return common().conf();
    }

    default String getConf() {
        return getOrDefault(conf());
    }
}
