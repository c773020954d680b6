package dev.lockstep.bench.mode;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import java.util.ArrayList;
import java.util.List;

/**
 * The bound: the same shards, kernels and optimizer steps on the same number of threads, no Spark and nothing exchanged.
 * Each thread trains a network of its own on its own shards, already in memory.
 */
public final class ComputeMode implements Mode {
    private final Workload workload;
    private final float[] initial;
    private final ComputingThreads threads;
    private final List<Worker> workers = new ArrayList<>();

    private record Worker(Replica replica, List<List<byte[]>> shards) {}

    public ComputeMode(Workload workload) {
        this.workload = workload;
        this.initial =
                Networks.initialParameters(workload.spec(), workload.seeds().seed(Purpose.INITIAL_WEIGHTS));
        this.threads = new ComputingThreads(workload.shards());
        for (int shard = 0; shard < workload.shards(); shard++) {
            workers.add(new Worker(new Replica(workload.spec(), workload.seeds()), workload.shardOfEachStep(shard)));
        }
    }

    @Override
    public String name() {
        return "compute";
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
        for (Worker worker : workers) {
            worker.replica().setParameters(initial);
            worker.replica().setOptimizerState(new float[worker.replica().optimizerState().length]);
        }
        return new TimedSteps(steps, threads.run(shard -> train(workers.get(shard), shard, steps)), 0);
    }

    private void train(Worker worker, int shard, int steps) {
        for (int step = 0; step < steps; step++) {
            List<byte[]> examples = worker.shards().get(step % worker.shards().size());
            StepId id = new StepId(step, workload.plan().epoch(step), examples.size());
            PartialSum sum = worker.replica().gradient(id, shard, examples);
            worker.replica().step(id, sum);
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
