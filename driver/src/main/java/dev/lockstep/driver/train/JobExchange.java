package dev.lockstep.driver.train;

import dev.lockstep.driver.feed.PlacedExamples;
import dev.lockstep.driver.feed.TrainingPlacement;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.network.NetworkDefinition;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepMetrics;
import java.io.Serializable;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * One Spark job a step: the driver sends the parameters, the tasks send back partial sums, the driver adds them up along
 * the tree and takes the optimizer step. Asks nothing special of the cluster: Spark itself repeats what a lost executor
 * computed.
 */
final class JobExchange implements Exchange {
    private static final Duration STEP_DEADLINE = Duration.ofMinutes(30);

    private final JavaSparkContext spark;
    private final NetworkDefinition network;
    private final SeedLaw seeds;

    JobExchange(JavaSparkContext spark, NetworkDefinition network, SeedLaw seeds) {
        this.spark = spark;
        this.network = network;
        this.seeds = seeds;
    }

    /** @param seconds how long the task computed */
    private record TaskSums(List<Piece> pieces, double seconds) implements Serializable {}

    /** A partial sum on its way: as bytes, which Java's serialisation copies in one go. */
    private record Piece(Span span, byte[] gradient, double lossSum, int correct, int examples)
            implements Serializable {

        static Piece of(PartialSum sum) {
            return new Piece(
                    sum.span(), TrainingState.bytes(sum.gradient()), sum.lossSum(), sum.correct(), sum.examples());
        }

        PartialSum sum() {
            return new PartialSum(span, TrainingState.floats(gradient), lossSum, correct, examples);
        }
    }

    @Override
    public int tasks(int slots, int shards) {
        return Math.min(slots, shards);
    }

    @Override
    public TrainingState run(Segment segment, TrainingState state, long toStep, TrainingMonitor monitor) {
        return Replica.with(network, seeds, replica -> {
            replica.setParameters(state.parameters());
            replica.setOptimizerState(state.optimizer());
            long step = state.step();
            while (step < toStep && !monitor.stopRequested()) {
                long started = System.nanoTime();
                List<TaskSums> tasks = gradients(segment, replica.parameters(), step);
                PartialSum sum = new ReductionTree(segment.placement().plan().shards())
                        .combine(tasks.stream()
                                .flatMap(task -> task.pieces().stream().map(Piece::sum))
                                .toList());
                StepMetrics metrics = replica.step(segment.placement().plan().id(step), sum);
                double seconds = (System.nanoTime() - started) / 1e9;
                double computing =
                        tasks.stream().mapToDouble(TaskSums::seconds).max().orElse(0);
                monitor.stepDone(new StepReport(metrics, seconds, Math.max(0, seconds - computing)));
                step++;
            }
            return new TrainingState(step, replica.parameters(), replica.optimizerState());
        });
    }

    private List<TaskSums> gradients(Segment segment, float[] parameters, long step) {
        TrainingPlacement placement = segment.placement();
        NetworkDefinition spec = network;
        SeedLaw law = seeds;
        // As bytes: Spark's serialisers copy them in one go.
        Broadcast<byte[]> shared = spark.broadcast(TrainingState.bytes(parameters));
        try {
            JavaRDD<TaskSums> sums = segment.examples()
                    .mapPartitions(part -> sumsOfTask(part, spec, law, placement, shared.value(), step));
            return Jobs.collect(
                    spark, sums, "step " + step + " (epoch " + placement.plan().epoch(step) + ")", STEP_DEADLINE);
        } finally {
            shared.destroy();
        }
    }

    private static Iterator<TaskSums> sumsOfTask(
            Iterator<PlacedExamples> part,
            NetworkDefinition spec,
            SeedLaw seeds,
            TrainingPlacement placement,
            byte[] parameters,
            long step) {
        PlacedExamples examples = part.next();
        int task = TaskContext.getPartitionId();
        return Replica.with(spec, seeds, replica -> {
            long started = System.nanoTime();
            replica.setParameters(TrainingState.floats(parameters));
            List<PartialSum> sums = ShardSums.compute(replica, placement, examples, step, placement.shards(task));
            return List.of(new TaskSums(sums.stream().map(Piece::of).toList(), (System.nanoTime() - started) / 1e9))
                    .iterator();
        });
    }
}
