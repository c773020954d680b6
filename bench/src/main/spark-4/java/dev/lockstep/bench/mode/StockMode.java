package dev.lockstep.bench.mode;

import dev.lockstep.worker.failure.ConfigurationException;
import org.apache.spark.api.java.JavaSparkContext;

/** DL4J's Spark module ends at Spark 3: there is no such baseline here. */
public final class StockMode {
    private StockMode() {}

    /** @throws ConfigurationException always */
    public static Mode of(Workload workload, JavaSparkContext spark, boolean ourLayers) {
        throw new ConfigurationException("--modes: DL4J's own training needs Spark 3, and this is Spark "
                + spark.version() + "; leave stock-dl4j out");
    }
}
