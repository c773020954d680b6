package dev.lockstep.bench.mode;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bound: the same shards, kernels and optimizer steps on the same number of threads, no Spark and nothing added up or
 * exchanged. Each thread trains a network of its own on its own shards, already in memory.
 */
public final class ComputeMode implements Mode {
    private final Workload workload;
    private final float[] initial;
    private final ComputingThreads threads;
    private final List<Worker> workers = new ArrayList<>();

    /** @param shards by number, the examples of each step */
    private record Worker(Replica replica, Map<Integer, List<List<byte[]>>> shards) {}

    public ComputeMode(Workload workload) {
        this.workload = workload;
        this.initial =
                Networks.initialParameters(workload.spec(), workload.seeds().seed(Purpose.INITIAL_WEIGHTS));
        this.threads = new ComputingThreads(workload.tasks());
        for (int task = 0; task < workload.tasks(); task++) {
            Span own = workload.plan().shardsOfTask(task, workload.tasks());
            Map<Integer, List<List<byte[]>>> shards = new TreeMap<>();
            for (int shard = own.from(); shard < own.to(); shard++) {
                shards.put(shard, workload.shardOfEachStep(shard));
            }
            workers.add(new Worker(new Replica(workload.spec(), workload.seeds()), shards));
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
        return workload.tasks();
    }

    @Override
    public TimedSteps run(int steps) {
        for (Worker worker : workers) {
            worker.replica().setParameters(initial);
            worker.replica().setOptimizerState(new float[worker.replica().optimizerState().length]);
        }
        return new TimedSteps(steps, threads.run(task -> train(workers.get(task), steps)), 0);
    }

    private void train(Worker worker, int steps) {
        Replica replica = worker.replica();
        for (int step = 0; step < steps; step++) {
            int ofEpoch = (int) (step % workload.plan().stepsPerEpoch());
            PartialSum sum = null;
            StepId id = null;
            for (Map.Entry<Integer, List<List<byte[]>>> shard : worker.shards().entrySet()) {
                if (sum != null) {
                    replica.recycle(sum);
                }
                List<byte[]> examples = shard.getValue().get(ofEpoch);
                id = new StepId(step, workload.plan().epoch(step), examples.size());
                sum = replica.gradient(id, shard.getKey(), examples);
            }
            replica.step(id, sum); // of the last one: what adding up takes is not in the bound
            replica.recycle(sum);
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
