package dev.lockstep.bench.mode;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.step.Predictor;
import java.util.ArrayList;
import java.util.List;

/** Evaluation alone: each thread asks a network of its own for outputs and losses, batches already in memory. */
public final class ForwardMode implements Mode {
    private final Workload workload;
    private final String configurationJson;
    private final float[] parameters;
    private final ComputingThreads threads;
    private final List<List<List<byte[]>>> shards = new ArrayList<>();

    public ForwardMode(Workload workload) {
        this.workload = workload;
        this.configurationJson = Networks.stock(workload.spec()).configurationJson();
        this.parameters =
                Networks.initialParameters(workload.spec(), workload.seeds().seed(Purpose.INITIAL_WEIGHTS));
        this.threads = new ComputingThreads(workload.shards());
        for (int shard = 0; shard < workload.shards(); shard++) {
            shards.add(workload.shardOfEachStep(shard));
        }
    }

    @Override
    public String name() {
        return "forward";
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
        double seconds =
                threads.run(shard -> Predictor.with(configurationJson, workload.format(), parameters, predictor -> {
                    List<List<byte[]>> own = shards.get(shard);
                    for (int step = 0; step < steps; step++) {
                        predictor.predict(own.get(step % own.size()));
                    }
                    return null;
                }));
        return new TimedSteps(steps, seconds, 0);
    }

    @Override
    public void close() {
        threads.close();
    }
}
