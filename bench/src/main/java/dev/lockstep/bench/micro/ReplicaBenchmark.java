package dev.lockstep.bench.micro;

import dev.lockstep.bench.mode.Workload;
import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a task does in a step, in parts; a thread has its own network. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReplicaBenchmark {

    @Param({"lenet", "lenet-bn", "deep"})
    private String network;

    private final StepId id = new StepId(0, 0, Workload.EXAMPLES_A_SHARD);
    private Replica replica;
    private BatchReader reader;
    private List<byte[]> examples;
    private PartialSum sum;
    private float[] parameters;

    @Setup
    public void build() {
        Workload workload = Workload.of(network, 1, 1, Workload.EXAMPLES_A_SHARD, new Configuration());
        replica = new Replica(workload.spec(), workload.seeds());
        reader = new BatchReader(
                ExampleFormat.bytes(workload.spec().input(), workload.spec().classes()));
        examples = workload.shardOfEachStep(0).get(0);
        parameters =
                Networks.initialParameters(workload.spec(), workload.seeds().seed(Purpose.INITIAL_WEIGHTS));
        replica.setParameters(parameters);
        sum = replica.gradient(id, 0, examples);
    }

    @Benchmark
    public Batch decode() {
        return reader.read(examples);
    }

    @Benchmark
    public PartialSum gradient() {
        return replica.gradient(id, 0, examples);
    }

    @Benchmark
    public StepMetrics step() {
        return replica.step(id, sum);
    }

    @Benchmark
    public void setParameters() {
        replica.setParameters(parameters);
    }

    @Benchmark
    public float[] parameters() {
        return replica.parameters();
    }
}
