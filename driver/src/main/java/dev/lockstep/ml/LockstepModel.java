package dev.lockstep.ml;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.ModelFile.Contents;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.TableMeasure;
import dev.lockstep.driver.source.TableSource;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.picture.PictureReader;
import dev.lockstep.worker.table.RowReplies;
import dev.lockstep.worker.table.RowScorer;
import dev.lockstep.worker.table.ValueScorer;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What was fitted: a network, and how it finds its features. The network is sent to the executors once, when it is first
 * asked for something.
 *
 * @param <M> itself
 */
public abstract class LockstepModel<M extends LockstepModel<M>> extends Model<M> implements LockstepParams, MLWritable {
    private static final long serialVersionUID = 1L;

    private final String uid;
    private final CommonParams common;
    private transient Contents contents;
    private transient LockstepTrainingSummary summary;
    private transient Broadcast<StoredModel> sent;
    private transient SparkContext sentOn;

    LockstepModel(String uid, Trained trained) {
        this.uid = uid;
        this.common = CommonParams.of(this);
        this.contents = trained == null ? null : trained.contents();
        this.summary = trained == null ? null : trained.summary();
    }

    @Override
    public String uid() {
        return uid;
    }

    @Override
    public CommonParams common() {
        return common;
    }

    /** The columns that are added. */
    abstract Answers answers();

    /** The same with no Params. */
    abstract M again(Trained trained);

    final Contents contents() {
        if (contents == null) {
            throw new IllegalStateException(uid + " holds no network; fit an estimator, or load a model");
        }
        return contents;
    }

    /** How many numbers an example has. */
    public int numFeatures() {
        return contents().input().size();
    }

    /** Whether it was fitted in this program, not loaded. */
    public boolean hasSummary() {
        return summary != null;
    }

    /** How the fit went. */
    public LockstepTrainingSummary summary() {
        if (summary == null) {
            throw new IllegalStateException(uid + " has no summary: it was loaded, not fitted here");
        }
        return summary;
    }

    /**
     * The rows with what the network says of them, computed where they are; of a stream, too. The same rows in the same
     * partitions are answered to the same bits; in others, to some 1e-7. A row that cannot be read ends the job.
     *
     * @throws IllegalArgumentException that says in a line what is wrong with the columns
     */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        contents(); // else nothing can be said of columns
        StructType schema = transformSchema(dataset.schema());
        return Told.by(() -> {
            Dataset<Row> rows = dataset.toDF();
            TableSource source = source();
            RowScorer scorer = new RowScorer(source.whole(rows), sent(rows.sparkSession()));
            Dataset<Row> scored =
                    rows.mapPartitions(new RowReplies(scorer, answers().reply()), Encoders.row(schema));
            // What stages before said of their columns is lost on the way.
            return scored.select(Arrays.stream(schema.fields())
                    .map(field -> scored.col("`" + field.name().replace("`", "``") + "`")
                            .as(field.name(), field.metadata()))
                    .toArray(org.apache.spark.sql.Column[]::new));
        });
    }

    private TableSource source() {
        Contents model = contents();
        return new TableSource(
                Fitting.DATASET, Fitting.table(this).table(), model.input(), model.target(), model.fitted());
    }

    private synchronized Broadcast<StoredModel> sent(SparkSession session) {
        SparkContext spark = session.sparkContext();
        if (sentOn != spark) {
            sent = JavaSparkContext.fromSparkContext(spark).broadcast(contents().model());
            sentOn = spark;
        }
        return sent;
    }

    /**
     * Makes it a function of SQL: {@code SELECT lockstep_predict(features) FROM rows}. It gives the prediction, a double; of
     * null, null. Rows are computed one by one, which is slower than {@link #transform}.
     *
     * @param name such as {@code lockstep_predict}
     */
    public void register(SparkSession session, String name) {
        Told.by(() -> {
            RunConfig.Table table = Fitting.table(this).table();
            List<String> features = table.columns().features();
            if (features.size() != 1) {
                throw new DataException("a function of SQL takes one column of features, but the model reads "
                        + String.join(", ", features));
            }
            Contents model = contents();
            Shape input = model.input();
            PictureReader pictures = PictureReader.gives(input)
                    ? new PictureReader(input, Objects.requireNonNullElse(table.pictures(), PictureReader.Fit.CROP))
                    : null;
            ExampleFormat format = new ExampleFormat(ExampleFormat.Element.FLOAT, input, model.target())
                    .scaled(model.fitted().scaling());
            session.udf()
                    .register(
                            name,
                            new ValueScorer(
                                    sent(session),
                                    features.get(0),
                                    pictures,
                                    pictures != null && table.pictures() != null,
                                    format,
                                    answers().prediction()),
                            DataTypes.DoubleType);
            return null;
        });
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return Told.by(() -> {
            Dataset<Row> none = SparkSession.active().createDataFrame(List.of(), schema);
            RunConfig.Columns columns = Fitting.table(this).table().columns();
            new TableMeasure(Fitting.DATASET, none, columns).checkFeatures();
            if (contents != null) {
                refuseOther(schema, columns.features());
            }
            return Answers.added(schema, answers());
        });
    }

    /** Vectors that say how long they are can be refused before a row is read. */
    private void refuseOther(StructType schema, List<String> features) {
        for (StructField field : schema.fields()) {
            int size = field.dataType().equals(SQLDataTypes.VectorType())
                    ? AttributeGroup.fromStructField(field).size()
                    : -1;
            if (size >= 0 && features.equals(List.of(field.name())) && size != numFeatures()) {
                throw new DataException("column '" + field.name() + "' (featuresCol) holds vectors of " + size
                        + " values, but the model was fitted on " + numFeatures());
            }
        }
    }

    @Override
    public M copy(ParamMap extra) {
        M copied = again(contents == null ? null : new Trained(contents, summary));
        copyValues(copied, extra);
        return copied.setParent(parent());
    }

    /** Writes Params and the network, as a {@code model.zip} that {@code lockstep evaluate} and DL4J read. */
    @Override
    public MLWriter write() {
        return new Writer(this);
    }

    @SuppressWarnings("unchecked") // M is what extends this
    final <T> M put(Param<?> param, T value) {
        set((Param<T>) param, value);
        return (M) this;
    }

    /** Sets {@link #featuresCol}. */
    public M setFeaturesCol(String value) {
        return put(featuresCol(), value);
    }

    /** Sets {@link #predictionCol}. */
    public M setPredictionCol(String value) {
        return put(predictionCol(), value);
    }

    private static RunFolder folder(String path, SparkSession session) {
        return RunFolder.at(path, session.sparkContext().hadoopConfiguration());
    }

    private static final class Writer extends MLWriter {
        private final LockstepModel<?> model;

        Writer(LockstepModel<?> model) {
            this.model = model;
        }

        @Override
        public void saveImpl(String path) {
            try {
                new DefaultParamsWriter(model).session(sparkSession()).save(path);
                folder(path, sparkSession()).write(ModelFile.NAME, out -> ModelFile.write(model.contents(), out));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** @param <M> what was written */
    static final class Reader<M extends LockstepModel<M>> extends MLReader<M> {
        private final DefaultParamsReader<M> params = new DefaultParamsReader<>();

        @Override
        public M load(String path) {
            return Told.by(() -> {
                M model = params.load(path);
                try {
                    ((LockstepModel<?>) model).contents = ModelFile.read(folder(path, sparkSession()));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
                return model;
            });
        }
    }
}
