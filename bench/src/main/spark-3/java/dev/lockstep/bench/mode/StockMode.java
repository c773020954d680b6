package dev.lockstep.bench.mode;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.BatchArrays;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.natives.Natives;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.deeplearning4j.spark.impl.paramavg.util.ExportSupport;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * The baseline: DL4J's own {@code ParameterAveragingTrainingMaster}, set up as its documentation and examples show
 * (prefetch of two batches, everything else as it is by default, data exported to disk by the first {@code fit}), averaging
 * after every step. Its layers are as shipped; or, for comparison, with the implementations that our networks use.
 */
public final class StockMode implements Mode {
    private final Workload workload;
    private final JavaSparkContext spark;
    private final boolean ourLayers;
    private ParameterAveragingTrainingMaster master;
    private JavaRDD<DataSet> data;
    private int stepsOfData;

    /** @param ourLayers whether the workers' networks get our layers' implementations */
    public static Mode of(Workload workload, JavaSparkContext spark, boolean ourLayers) {
        return new StockMode(workload, spark, ourLayers);
    }

    private StockMode(Workload workload, JavaSparkContext spark, boolean ourLayers) {
        this.workload = workload;
        this.spark = spark;
        this.ourLayers = ourLayers;
    }

    @Override
    public String name() {
        return ourLayers ? "stock-dl4j-kernels" : "stock-dl4j";
    }

    @Override
    public String exchange() {
        return "averaging";
    }

    @Override
    public int tasks() {
        return workload.shards();
    }

    @Override
    public TimedSteps run(int steps) {
        if (stepsOfData != steps) {
            close();
            data = spark.parallelize(batches(steps), workload.shards());
            stepsOfData = steps;
            master = trainingMaster();
        }
        MultiLayerConfiguration configuration = workload.stock();
        SparkDl4jMultiLayer network = new SparkDl4jMultiLayer(spark, configuration, master);
        long started = System.nanoTime();
        network.fit(data);
        return new TimedSteps(steps, (System.nanoTime() - started) / 1e9, Double.NaN);
    }

    private ParameterAveragingTrainingMaster trainingMaster() {
        var builder = new ParameterAveragingTrainingMaster.Builder(workload.shards(), Workload.EXAMPLES_A_SHARD)
                .batchSizePerWorker(Workload.EXAMPLES_A_SHARD)
                .averagingFrequency(1)
                .workerPrefetchNumBatches(2);
        if (!ExportSupport.exportSupported(spark)) { // a cluster whose executors share no file system
            builder.rddTrainingApproach(RDDTrainingApproach.Direct);
        }
        return (ourLayers ? builder.trainingHooks(new OurLayers()) : builder).build();
    }

    /** One batch a worker and step; a worker's batches come one after the other, as {@code parallelize} cuts. */
    private List<DataSet> batches(int steps) {
        BatchReader reader = new BatchReader(workload.format());
        BatchArrays arrays = new BatchArrays();
        List<DataSet> found = new ArrayList<>();
        for (int shard = 0; shard < workload.shards(); shard++) {
            List<List<byte[]>> shards = workload.shardOfEachStep(shard);
            for (int step = 0; step < steps; step++) {
                BatchArrays.Pair batch = arrays.of(reader.read(shards.get(step % shards.size())));
                found.add(new DataSet(batch.features().dup(), batch.labels().dup()));
            }
        }
        return found;
    }

    @Override
    public void close() {
        if (data != null) {
            master.deleteTempFiles(spark);
            data.unpersist();
        }
    }

    /** Puts our implementations into a worker's network, which is a new one for every step, before it is used. */
    private static final class OurLayers implements TrainingHook {
        private static final long serialVersionUID = 1L;

        @Override
        public void preUpdate(org.nd4j.linalg.dataset.api.DataSet batch, Model model) {
            Natives.ready();
            FastLayers.install((MultiLayerNetwork) model);
        }

        @Override
        public void postUpdate(org.nd4j.linalg.dataset.api.DataSet batch, Model model) {}

        @Override
        public void preUpdate(MultiDataSet batch, Model model) {}

        @Override
        public void postUpdate(MultiDataSet batch, Model model) {}
    }
}
