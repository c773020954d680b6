package dev.lockstep.driver.sweep;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** The data of several runs, each set opened and checked once. */
public final class Datasets {
    private final Configuration hadoop;
    private final Supplier<SparkSession> spark;
    private final Map<Key, Dataset> opened = new ConcurrentHashMap<>();

    private record Key(RunConfig.Data data, Shape shape, Target target) {}

    /** Of data that needs no Spark to be read: any but tables. */
    public Datasets(Configuration hadoop) {
        this(hadoop, Dataset.NO_SPARK);
    }

    /** @param spark who reads tables; asked for them alone */
    public Datasets(Configuration hadoop, Supplier<SparkSession> spark) {
        this.hadoop = hadoop;
        this.spark = spark;
    }

    /**
     * Opens a run's data, and refuses what does not go together with it.
     *
     * @throws dev.lockstep.worker.failure.LockstepException that says what
     */
    public void check(RunConfig config) {
        Trainer.check(config, of(config), hadoop);
    }

    /** @throws dev.lockstep.worker.failure.DataException when the data cannot be read or is not what is expected */
    public Dataset of(RunConfig config) {
        Key key = new Key(
                config.data(), config.network().input(), config.network().target());
        return opened.computeIfAbsent(key, k -> Dataset.open(k.data(), k.shape(), k.target(), hadoop, spark));
    }
}
