package dev.lockstep.ml;

import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/** A network that tells a number of a row. */
public final class LockstepRegressionModel extends LockstepModel<LockstepRegressionModel> {
    private static final long serialVersionUID = 1L;

    /** One without a network, for who looks for stages by their service. */
    public LockstepRegressionModel() {
        this(Identifiable.randomUID("lockstepRegressionModel"));
    }

    /** One without a network, to be loaded. */
    public LockstepRegressionModel(String uid) {
        this(uid, null);
    }

    LockstepRegressionModel(String uid, Trained trained) {
        super(uid, trained);
        CommonParams.setDefaults(this);
    }

    /** For {@link #load}, with options. */
    public static MLReader<LockstepRegressionModel> read() {
        return new Reader<>();
    }

    /** What was saved with {@code write}. */
    public static LockstepRegressionModel load(String path) {
        return read().load(path);
    }

    @Override
    LockstepRegressionModel again(Trained trained) {
        return new LockstepRegressionModel(uid(), trained);
    }

    @Override
    Answers answers() {
        return Answers.ofValues(this);
    }
}
