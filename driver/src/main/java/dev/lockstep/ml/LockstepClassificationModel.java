package dev.lockstep.ml;

import dev.lockstep.worker.failure.DataException;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;

/** A network that tells the class of a row. */
public final class LockstepClassificationModel extends LockstepModel<LockstepClassificationModel>
        implements LockstepClassifierParams {
    private static final long serialVersionUID = 1L;

    private final ClassParams ofClasses;

    /** One without a network, for who looks for stages by their service. */
    public LockstepClassificationModel() {
        this(Identifiable.randomUID("lockstepClassificationModel"));
    }

    /** One without a network, to be loaded. */
    public LockstepClassificationModel(String uid) {
        this(uid, null);
    }

    LockstepClassificationModel(String uid, Trained trained) {
        super(uid, trained);
        ofClasses = ClassParams.of(this);
        ClassParams.setDefaults(this);
    }

    /** For {@link #load}, with options. */
    public static MLReader<LockstepClassificationModel> read() {
        return new Reader<>();
    }

    /** What was saved with {@code write}. */
    public static LockstepClassificationModel load(String path) {
        return read().load(path);
    }

    @Override
    public ClassParams ofClasses() {
        return ofClasses;
    }

    @Override
    LockstepClassificationModel again(Trained trained) {
        return new LockstepClassificationModel(uid(), trained);
    }

    /** How many classes there are. */
    public int numClasses() {
        return contents().classes();
    }

    /** The words of the classes in the order of their numbers; none where labels were numbers. */
    public String[] labels() {
        return words().toArray(String[]::new);
    }

    private List<String> words() {
        Map<String, List<String>> words = contents().fitted().words();
        String label = Fitting.table(this).table().columns().label().get(0);
        return words.entrySet().stream()
                .filter(column -> column.getKey().equalsIgnoreCase(label))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(List.of());
    }

    @Override
    Answers answers() {
        int given = isDefined(thresholds()) ? getThresholds().length : numClasses();
        if (given != numClasses()) {
            throw new DataException(
                    "thresholds has " + given + " values; expected one for each of " + numClasses() + " classes");
        }
        List<String> words = words();
        return Answers.ofClasses(this, !words.isEmpty(), words);
    }

    /** Sets {@link #probabilityCol}. */
    public LockstepClassificationModel setProbabilityCol(String value) {
        return put(probabilityCol(), value);
    }

    /** Sets {@link #rawPredictionCol}. */
    public LockstepClassificationModel setRawPredictionCol(String value) {
        return put(rawPredictionCol(), value);
    }

    /** Sets {@link #predictedLabelCol}. */
    public LockstepClassificationModel setPredictedLabelCol(String value) {
        return put(predictedLabelCol(), value);
    }

    /** Sets {@link #thresholds}. */
    public LockstepClassificationModel setThresholds(double[] value) {
        return put(thresholds(), value);
    }
}
