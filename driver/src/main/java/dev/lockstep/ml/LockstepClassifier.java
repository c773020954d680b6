package dev.lockstep.ml;

import dev.lockstep.worker.model.objective.Objective;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Learns to tell the class of a row: a network, trained exactly on all executors. In behaviour a probabilistic classifier of
 * spark.ml's. Labels are classes from 0, or words. For vectors, where {@link #conf} names no network, it is one with two
 * hidden layers; for pictures one with two convolutions.
 */
public final class LockstepClassifier extends LockstepEstimator<LockstepClassifier, LockstepClassificationModel>
        implements LockstepClassifierParams {
    private static final long serialVersionUID = 1L;

    private final ClassParams ofClasses;

    public LockstepClassifier() {
        this(Identifiable.randomUID("lockstepClassifier"));
    }

    /** @param uid what tells this stage from others */
    public LockstepClassifier(String uid) {
        super(uid, Objective.CLASSIFICATION);
        ofClasses = ClassParams.of(this);
        ClassParams.setDefaults(this);
    }

    /** For {@link #load}, with options. */
    public static MLReader<LockstepClassifier> read() {
        return new DefaultParamsReader<>();
    }

    /** What was saved with {@code write}. */
    public static LockstepClassifier load(String path) {
        return read().load(path);
    }

    @Override
    public ClassParams ofClasses() {
        return ofClasses;
    }

    @Override
    LockstepClassificationModel model(Trained trained) {
        return new LockstepClassificationModel(uid(), trained);
    }

    @Override
    StructType answered(StructType schema) {
        boolean words = Arrays.stream(schema.fields())
                .anyMatch(field ->
                        field.name().equals(getLabelCol()) && field.dataType().equals(DataTypes.StringType));
        return Answers.added(schema, Answers.ofClasses(this, words, List.of()));
    }

    /** Sets {@link #probabilityCol}. */
    public LockstepClassifier setProbabilityCol(String value) {
        return put(probabilityCol(), value);
    }

    /** Sets {@link #rawPredictionCol}. */
    public LockstepClassifier setRawPredictionCol(String value) {
        return put(rawPredictionCol(), value);
    }

    /** Sets {@link #predictedLabelCol}. */
    public LockstepClassifier setPredictedLabelCol(String value) {
        return put(predictedLabelCol(), value);
    }

    /** Sets {@link #thresholds}. */
    public LockstepClassifier setThresholds(double[] value) {
        return put(thresholds(), value);
    }
}
