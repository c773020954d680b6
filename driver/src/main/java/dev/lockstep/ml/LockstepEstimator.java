package dev.lockstep.ml;

import dev.lockstep.worker.model.objective.Objective;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.StructType;

/**
 * What is fitted.
 *
 * @param <E> itself
 * @param <M> what it gives
 */
public abstract class LockstepEstimator<E extends LockstepEstimator<E, M>, M extends Model<M>> extends Estimator<M>
        implements LockstepParams, MLWritable {
    private static final long serialVersionUID = 1L;

    private final String uid;
    private final Objective objective;
    private final CommonParams common;

    LockstepEstimator(String uid, Objective objective) {
        this.uid = uid;
        this.objective = objective;
        this.common = CommonParams.of(this);
    }

    @Override
    public String uid() {
        return uid;
    }

    @Override
    public CommonParams common() {
        return common;
    }

    /** The model that was learnt, to which everything that is set here is told. */
    abstract M model(Trained trained);

    /** The columns that the model will add. */
    abstract StructType answered(StructType schema);

    /**
     * Trains, as {@code lockstep train} does on the same rows, configuration and seed: to the same bits, however the rows are
     * ordered and partitioned. Fits of one JVM take turns, for each takes all slots.
     *
     * @throws IllegalArgumentException that says in a line what is wrong with the dataset or with what was set
     */
    @Override
    public M fit(Dataset<?> dataset) {
        transformSchema(dataset.schema());
        M model = model(new Fitting(this, objective).fit(dataset.toDF()));
        copyValues(model, new ParamMap());
        return model.setParent(this);
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return Told.by(() -> {
            new Fitting(this, objective).check(schema);
            return answered(schema);
        });
    }

    @Override
    public E copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public MLWriter write() {
        return new DefaultParamsWriter(this);
    }

    @SuppressWarnings("unchecked") // E is what extends this
    final <T> E put(Param<?> param, T value) {
        set((Param<T>) param, value);
        return (E) this;
    }

    /** Sets {@link #featuresCol}. */
    public E setFeaturesCol(String value) {
        return put(featuresCol(), value);
    }

    /** Sets {@link #labelCol}. */
    public E setLabelCol(String value) {
        return put(labelCol(), value);
    }

    /** Sets {@link #predictionCol}. */
    public E setPredictionCol(String value) {
        return put(predictionCol(), value);
    }

    /** Sets {@link #weightCol}. */
    public E setWeightCol(String value) {
        return put(weightCol(), value);
    }

    /** Sets {@link #validationIndicatorCol}. */
    public E setValidationIndicatorCol(String value) {
        return put(validationIndicatorCol(), value);
    }

    /** Sets {@link #idCol}. */
    public E setIdCol(String value) {
        return put(idCol(), value);
    }

    /** Sets {@link #seed}. */
    public E setSeed(long value) {
        return put(seed(), value);
    }

    /** Sets {@link #maxIter}. */
    public E setMaxIter(int value) {
        return put(maxIter(), value);
    }

    /** Sets {@link #maxIter}: an iteration is an epoch. */
    public E setEpochs(int value) {
        return setMaxIter(value);
    }

    /** Sets {@link #batchSize}. */
    public E setBatchSize(int value) {
        return put(batchSize(), value);
    }

    /** Sets {@link #stepSize}. */
    public E setStepSize(double value) {
        return put(stepSize(), value);
    }

    /** Sets {@link #shards}. */
    public E setShards(int value) {
        return put(shards(), value);
    }

    /** Sets {@link #numTasks}. */
    public E setNumTasks(int value) {
        return put(numTasks(), value);
    }

    /** Sets {@link #checkpointDir}. */
    public E setCheckpointDir(String value) {
        return put(checkpointDir(), value);
    }

    /** Sets {@link #conf}. */
    public E setConf(String value) {
        return put(conf(), value);
    }
}
