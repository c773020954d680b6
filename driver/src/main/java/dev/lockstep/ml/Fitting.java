package dev.lockstep.ml;

import dev.lockstep.driver.config.GivenConfig;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.run.ModelFile.Contents;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StartingPoint;
import dev.lockstep.driver.run.TeacherModel;
import dev.lockstep.driver.run.TrainingRun;
import dev.lockstep.driver.source.TableMeasure;
import dev.lockstep.driver.source.TableSource;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A fit: Params become a configuration, rows a data set, and both a model, as in a run of the command line. */
record Fitting(LockstepParams params, Objective objective) {
    private static final Logger LOG = LoggerFactory.getLogger(Fitting.class);

    /** As messages call it. */
    static final String DATASET = "the dataset";

    private static final AtomicBoolean TOLD_OF_JOB = new AtomicBoolean();

    private static final String OF_VECTORS = """
            [{ type = dense, units = 64, activation = relu }, { type = dense, units = 32, activation = relu }
             { type = output }]""";

    private static final String OF_IMAGES = """
            [{ type = convolution, filters = 16, kernel = 3, padding = same, activation = relu }, { type = max-pool }
             { type = convolution, filters = 32, kernel = 3, padding = same, activation = relu }, { type = max-pool }
             { type = dense, units = 64, activation = relu }, { type = output }]""";

    private static final String NEVER = "1000000 epochs";

    /** Two poolings of an image must leave some of it. */
    private static final int SMALLEST_IMAGE = 4;

    /** Refuses what can be refused looking at no row. */
    void check(StructType schema) {
        Dataset<Row> none = SparkSession.active().createDataFrame(List.of(), schema);
        new TableMeasure(DATASET, none, columns()).check(objective != Objective.CLASSIFICATION);
    }

    private RunConfig.Columns columns() {
        RunConfig.Columns columns = table(params).table().columns();
        if (columns.label().size() != 1) {
            throw new ConfigurationException("data.columns.label: names "
                    + columns.label().size() + " columns; expected one, which predictionCol answers");
        }
        return columns;
    }

    /** How the columns of a dataset are read. */
    static RunConfig.Data table(LockstepParams params) {
        return given(params).data();
    }

    /** What was asked for of the data and of training; the network may be missing. */
    private static GivenConfig given(LockstepParams params) {
        GivenConfig given = GivenConfig.of(params.isDefined(params.conf()) ? params.getConf() : null)
                .without("data.source")
                .without("data.test-path")
                .over("data.format", "table")
                .over("data.table", "dataset");
        given = columns(given, params, params.featuresCol(), "data.columns.features");
        given = columns(given, params, params.labelCol(), "data.columns.label");
        given = one(given, params, params.weightCol(), "data.columns.weight");
        given = one(given, params, params.validationIndicatorCol(), "data.columns.validation");
        given = one(given, params, params.idCol(), "data.columns.id");
        given = one(given, params, params.seed(), "seed");
        given = one(given, params, params.batchSize(), "train.batch-size");
        given = one(given, params, params.stepSize(), "optimizer.learning-rate");
        given = one(given, params, params.shards(), "train.shards");
        given = one(given, params, params.numTasks(), "train.tasks");
        if (params.isSet(params.maxIter())) {
            given = given.without("train.iterations");
        }
        if (!given.has("train.iterations")) {
            given = one(given, params, params.maxIter(), "train.epochs");
        }
        return given.has("data.columns.test") ? given : given.under("data.test-fraction", 0);
    }

    private static GivenConfig columns(GivenConfig given, LockstepParams params, Param<String> param, String key) {
        List<String> name = List.of(params.getOrDefault(param));
        return params.isSet(param) ? given.over(key, name) : given.under(key, name);
    }

    /** What was set goes before the configuration, a default behind it. */
    private static GivenConfig one(GivenConfig given, LockstepParams params, Param<?> param, String key) {
        if (!params.isDefined(param)) {
            return given;
        }
        Object value = params.getOrDefault(param);
        return params.isSet(param) ? given.over(key, value) : given.under(key, value);
    }

    Trained fit(Dataset<Row> rows) {
        synchronized (Fitting.class) {
            return Told.by(() -> learnt(rows));
        }
    }

    private Trained learnt(Dataset<Row> rows) {
        JavaSparkContext spark =
                JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext());
        GivenConfig given = whole(rows, spark.getConf());
        RunConfig asked = parsed(given);
        NetworkSpec network = asked.network();
        TableSource source =
                new TableSource(DATASET, asked.data().table(), network.input(), network.target(), Fitted.NOTHING);
        dev.lockstep.driver.source.Dataset examples =
                source.open(rows, null, asked.data().trainLimit(), asked.data().testLimit());
        try {
            RunConfig config = parsed(sized(given, examples.train().size()));
            Trainer.check(config, examples, spark.hadoopConfiguration());
            History history = new History();
            TrainingState kept = params.isDefined(params.checkpointDir())
                    ? recorded(spark, config, examples, history)
                    : trained(spark, config, examples, history);
            NetworkSpec learnt = config.network();
            Contents contents = new Contents(
                    new StoredModel(Networks.stockConfigurationJson(learnt), kept.parameters()),
                    learnt.input(),
                    learnt.classes(),
                    learnt.target().everyStep(),
                    learnt.objective(),
                    examples.fitted());
            return new Trained(contents, history.summary(Hocon.text(config.resolved()), kept, examples.skipped()));
        } finally {
            examples.forget();
        }
    }

    /** With a network, where none was asked for, and an exchange that this Spark can have. */
    private GivenConfig whole(Dataset<Row> rows, SparkConf spark) {
        GivenConfig given = given(params).over("train.objective", objective.word());
        TableMeasure measure = new TableMeasure(DATASET, rows, columns());
        if (!given.has("network.input")) {
            given = given.over("network.input", measure.input().sizes());
        }
        if (objective == Objective.CLASSIFICATION) {
            given = given.has("network.classes") ? given : given.over("network.classes", measure.classes());
        }
        if (!given.has("network.layers")) {
            boolean images = isLargeImage(given.texts("network.input"));
            // Columns of a table have all kinds of units.
            given = (images || !measure.hasNumbers() ? given : given.under("data.scaling", "standardise"))
                    .underText("network.layers", images ? OF_IMAGES : OF_VECTORS);
        }
        if (!params.isDefined(params.checkpointDir())) {
            given = given.over("train.checkpoint-every", NEVER); // else the loop would rest, with nobody to write one
        }
        if (!given.has("train.exchange") && spark.getBoolean("spark.dynamicAllocation.enabled", false)) {
            given = given.over("train.exchange", "job");
            if (TOLD_OF_JOB.compareAndSet(false, true)) {
                LOG.warn("spark.dynamicAllocation.enabled is true: executors may go, so each step is a job of its own"
                        + " (train.exchange = job); the result is the same, and slower to come by");
            }
        }
        return given;
    }

    private static boolean isLargeImage(List<String> input) {
        return input.size() == 3
                && input.stream()
                        .skip(1)
                        .allMatch(side -> side.matches("\\d{1,6}") && Integer.parseInt(side) >= SMALLEST_IMAGE);
    }

    /** A batch that nobody asked for is no larger than the data. */
    private GivenConfig sized(GivenConfig given, long examples) {
        if (params.isSet(params.batchSize()) || examples >= params.getBatchSize()) {
            return given;
        }
        GivenConfig conf = GivenConfig.of(params.isDefined(params.conf()) ? params.getConf() : null);
        if (conf.has("train.batch-size")) {
            return given;
        }
        int batch = Math.toIntExact(examples);
        boolean shards = params.isSet(params.shards()) || conf.has("train.shards");
        return given.over("train.batch-size", batch)
                .over("train.shards", shards ? null : Math.min(batch, params.getShards()));
    }

    private static RunConfig parsed(GivenConfig given) {
        return given.parse(Substitutions.of(System.getenv(), SparkApplication.namesOfSecrets()));
    }

    private static TrainingState trained(
            JavaSparkContext spark, RunConfig config, dev.lockstep.driver.source.Dataset examples, History history) {
        examples.skipped().note().ifPresent(LOG::warn); // a run folder has it of its own
        try {
            TeacherModel teacher = TeacherModel.of(config, examples, spark.hadoopConfiguration());
            try (Trainer trainer = new Trainer(spark, config, examples, teacher == null ? null : teacher.model())) {
                StartingPoint start = StartingPoint.of(config, spark.hadoopConfiguration());
                TrainingState first = start == null ? trainer.initialState() : trainer.initialState(start.parameters());
                return trainer.kept(trainer.train(first, history));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** In a folder of its own for each data set and configuration, so that fits of a cross-validation do not meet. */
    private TrainingState recorded(
            JavaSparkContext spark, RunConfig config, dev.lockstep.driver.source.Dataset examples, History history) {
        String version = Fitting.class.getPackage().getImplementationVersion();
        try {
            String start = StartingPoint.sha256(config, spark.hadoopConfiguration());
            TeacherModel teacher = TeacherModel.of(config, examples, spark.hadoopConfiguration());
            String what = config.written().values()
                    + examples.fingerprint()
                    + Objects.requireNonNullElse(start, "")
                    + (teacher == null ? "" : teacher.fingerprint());
            String name =
                    TrainingState.sha256(what.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
            RunFolder folder = RunFolder.at(params.getCheckpointDir(), spark.hadoopConfiguration())
                    .folder(name);
            TrainingRun run =
                    new TrainingRun(config, examples, folder, "fit", version == null ? "development" : version);
            return run.recorded(() -> run.train(spark, history, null, false)).state();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
