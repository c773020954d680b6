package dev.lockstep.driver.train;

import dev.lockstep.driver.feed.PlacedExamples;
import dev.lockstep.driver.feed.TrainingPlacement;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.state.FloatArray;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.network.NetworkDefinition;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Arithmetic;
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
 * One Spark job a round: the driver sends the model, the tasks send back partial sums, the driver adds them up along the
 * tree and ends the round, by an optimizer step or by taking the average over. Asks nothing special of the cluster: Spark itself repeats what a lost executor
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

    /**
     * @param arithmetic what computed them
     * @param seconds how long the task computed
     */
    private record TaskSums(List<Piece> pieces, String arithmetic, double seconds) implements Serializable {}

    /** A partial sum on its way. */
    private record Piece(Span span, FloatArray gradient, double lossSum, int correct, int examples)
            implements Serializable {

        static Piece of(PartialSum sum) {
            return new Piece(sum.span(), FloatArray.of(sum.gradient()), sum.lossSum(), sum.correct(), sum.examples());
        }

        PartialSum sum() {
            return new PartialSum(span, gradient.values(), lossSum, correct, examples);
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
            Rounds rounds = segment.rounds();
            TrainingPlacement placement = segment.placement();
            long step = state.step();
            String arithmetic = state.provenance().arithmetic();
            while (step < toStep && !monitor.stopRequested()) {
                long started = System.nanoTime();
                List<TaskSums> tasks = sums(segment, replica, step);
                for (int task = 0; task < tasks.size(); task++) {
                    arithmetic = Arithmetic.goOn(arithmetic, tasks.get(task).arithmetic(), "task " + task);
                }
                PartialSum sum = new ReductionTree(placement.plan().shards())
                        .combine(tasks.stream()
                                .flatMap(task -> task.pieces().stream().map(Piece::sum))
                                .toList());
                List<StepMetrics> metrics = rounds.finish(replica, placement, step, sum);
                double seconds = (System.nanoTime() - started) / 1e9;
                double computing =
                        tasks.stream().mapToDouble(TaskSums::seconds).max().orElse(0);
                StepReport.ofRound(metrics, seconds, Math.max(0, seconds - computing))
                        .forEach(monitor::stepDone);
                step = rounds.end(step);
            }
            return step == state.step()
                    ? state
                    : state.after(step, replica.parameters(), replica.optimizerState(), arithmetic);
        });
    }

    private List<TaskSums> sums(Segment segment, Replica model, long step) {
        TrainingPlacement placement = segment.placement();
        Rounds rounds = segment.rounds();
        NetworkDefinition definition = network;
        SeedLaw law = seeds;
        Broadcast<FloatArray> parameters = spark.broadcast(FloatArray.of(model.parameters()));
        Broadcast<FloatArray> optimizer =
                rounds.average() ? spark.broadcast(FloatArray.of(model.optimizerState())) : null;
        try {
            JavaRDD<TaskSums> sums = segment.examples()
                    .mapPartitions(part -> Replica.with(definition, law, replica -> {
                        String arithmetic = replica.arithmetic();
                        replica.setParameters(parameters.value().values());
                        if (optimizer != null) {
                            replica.setOptimizerState(optimizer.value().values());
                        }
                        return sumsOfTask(part, replica, arithmetic, placement, rounds, step);
                    }));
            return Jobs.collect(
                    spark, sums, "step " + step + " (epoch " + placement.plan().epoch(step) + ")", STEP_DEADLINE);
        } finally {
            parameters.destroy();
            if (optimizer != null) {
                optimizer.destroy();
            }
        }
    }

    private static Iterator<TaskSums> sumsOfTask(
            Iterator<PlacedExamples> part,
            Replica replica,
            String arithmetic,
            TrainingPlacement placement,
            Rounds rounds,
            long step) {
        long started = System.nanoTime();
        Span shards = placement.shards(TaskContext.getPartitionId());
        List<PartialSum> sums = rounds.compute(replica, placement, part.next(), step, shards);
        double seconds = (System.nanoTime() - started) / 1e9;
        return List.of(new TaskSums(sums.stream().map(Piece::of).toList(), arithmetic, seconds))
                .iterator();
    }
}
