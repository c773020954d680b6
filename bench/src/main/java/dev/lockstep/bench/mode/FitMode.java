package dev.lockstep.bench.mode;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.BatchArrays;
import dev.lockstep.worker.natives.Natives;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** DL4J as shipped, without Spark: each thread calls {@code fit} of a network of its own, batches already in memory. */
public final class FitMode implements Mode {
    private final Workload workload;
    private final ComputingThreads threads;
    private final List<Worker> workers = new ArrayList<>();

    private record Worker(
            MultiLayerNetwork network, BatchReader reader, BatchArrays arrays, List<List<byte[]>> shards) {}

    public FitMode(Workload workload) {
        this.workload = workload;
        this.threads = new ComputingThreads(workload.shards());
        for (int shard = 0; shard < workload.shards(); shard++) {
            MultiLayerNetwork network = new MultiLayerNetwork(workload.stock());
            network.init();
            workers.add(new Worker(
                    network, new BatchReader(workload.format()), new BatchArrays(), workload.shardOfEachStep(shard)));
        }
    }

    @Override
    public String name() {
        return "dl4j";
    }

    @Override
    public String exchange() {
        return "none";
    }

    @Override
    public int tasks() {
        return workload.shards();
    }

    @Override
    public TimedSteps run(int steps) {
        double seconds = threads.run(shard -> {
            Natives.ready();
            Worker worker = workers.get(shard);
            for (int step = 0; step < steps; step++) {
                BatchArrays.Pair batch = worker.arrays()
                        .of(worker.reader()
                                .read(worker.shards().get(step % worker.shards().size())));
                worker.network().fit(batch.features(), batch.labels());
            }
        });
        return new TimedSteps(steps, seconds, 0);
    }

    @Override
    public void close() {
        threads.close();
    }
}
