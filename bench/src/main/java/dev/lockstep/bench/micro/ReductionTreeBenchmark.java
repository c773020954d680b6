package dev.lockstep.bench.micro;

import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Adding up the gradients of all shards, as the driver does. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReductionTreeBenchmark {

    @Param("431080")
    private int parameters;

    @Param({"2", "8"})
    private int shards;

    private List<PartialSum> pieces;

    @Setup
    public void fill() {
        pieces = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            float[] gradient = new float[parameters];
            Arrays.fill(gradient, 1e-6f);
            pieces.add(new PartialSum(new Span(shard, shard + 1), gradient, Tally.of(64, 64, 1, new double[] {1})));
        }
    }

    @Benchmark
    public PartialSum combine() {
        return new ReductionTree(shards).combine(pieces);
    }
}
