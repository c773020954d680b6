package dev.lockstep.ml;

import dev.lockstep.worker.model.objective.Objective;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/**
 * Learns to tell a number of a row: a network, trained exactly on all executors. Where {@link #conf} names no network, it is
 * that of a {@link LockstepClassifier}, with one output. Labels are best of the size of 1: scale others.
 */
public final class LockstepRegressor extends LockstepEstimator<LockstepRegressor, LockstepRegressionModel> {
    private static final long serialVersionUID = 1L;

    public LockstepRegressor() {
        this(Identifiable.randomUID("lockstepRegressor"));
    }

    /** @param uid what tells this stage from others */
    public LockstepRegressor(String uid) {
        super(uid, Objective.REGRESSION);
        CommonParams.setDefaults(this);
    }

    /** For {@link #load}, with options. */
    public static MLReader<LockstepRegressor> read() {
        return new DefaultParamsReader<>();
    }

    /** What was saved with {@code write}. */
    public static LockstepRegressor load(String path) {
        return read().load(path);
    }

    @Override
    LockstepRegressionModel model(Trained trained) {
        return new LockstepRegressionModel(uid(), trained);
    }

    @Override
    StructType answered(StructType schema) {
        return Answers.added(schema, Answers.ofValues(this));
    }
}
