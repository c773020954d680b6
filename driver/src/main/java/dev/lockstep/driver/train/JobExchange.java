package dev.lockstep.driver.train;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Arithmetic;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepMetrics;
import dev.lockstep.worker.tally.Tally;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.HashPartitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * One Spark job a round: the driver sends the model, the tasks cut their partial sums into parts and shuffle them, each
 * part is added up along the tree by one task, and the driver puts the parts together and ends the round, by an optimizer
 * step or by taking the average over. So the driver is sent one vector, however many tasks there are. Asks nothing special
 * of the cluster: Spark itself repeats what a lost executor computed.
 */
final class JobExchange implements Exchange {
    private static final Duration STEP_DEADLINE = Duration.ofMinutes(30);

    private final JavaSparkContext spark;
    private final SeedLaw seeds;

    JobExchange(JavaSparkContext spark, SeedLaw seeds) {
        this.spark = spark;
        this.seeds = seeds;
    }

    /**
     * What a task tells besides its sums.
     *
     * @param arithmetic what computed them
     * @param seconds how long it computed
     */
    private record Told(int task, String arithmetic, double seconds) implements Serializable {}

    /** A task's partial sums, of one part of their elements. */
    private record Share(List<Piece> pieces, Told told) implements Serializable {}

    /** The whole sum, of one part of its elements; with what each task told. */
    private record Part(Piece sum, List<Told> told) implements Serializable {}

    /** Some elements of a partial sum on their way. */
    private record Piece(Span span, FloatArray gradient, Tally tally) implements Serializable {

        static Piece of(PartialSum sum, int part, int parts) {
            long length = sum.gradient().length;
            float[] elements = Arrays.copyOfRange(
                    sum.gradient(), (int) (length * part / parts), (int) (length * (part + 1) / parts));
            return new Piece(sum.span(), FloatArray.of(elements), sum.tally());
        }

        PartialSum sum() {
            return new PartialSum(span, gradient.values(), tally);
        }
    }

    @Override
    public int tasks(int slots, int shards) {
        return Math.min(slots, shards);
    }

    @Override
    public TrainingState run(
            NetworkDefinition network, Segment segment, TrainingState state, long toStep, TrainingMonitor monitor) {
        Jobs.requireRoom(spark, state.byteCount());
        return Replica.with(network, seeds, replica -> {
            replica.setParameters(state.parameters());
            replica.setOptimizerState(state.optimizer());
            Rounds rounds = segment.rounds();
            TrainingPlacement placement = segment.placement();
            long step = state.step();
            String arithmetic = state.provenance().arithmetic();
            while (step < toStep && !monitor.stopRequested()) {
                long started = System.nanoTime();
                List<Part> parts = parts(network, segment, replica, step);
                List<Told> tasks = parts.get(0).told();
                for (Told told : tasks) {
                    arithmetic = Arithmetic.goOn(arithmetic, told.arithmetic(), "task " + told.task());
                }
                List<StepMetrics> metrics = rounds.finish(replica, placement, step, whole(parts));
                double seconds = (System.nanoTime() - started) / 1e9;
                double computing =
                        tasks.stream().mapToDouble(Told::seconds).max().orElse(0);
                StepReport.ofRound(metrics, seconds, Math.max(0, seconds - computing))
                        .forEach(monitor::stepDone);
                step = rounds.end(step);
            }
            return step == state.step()
                    ? state
                    : state.after(step, replica.parameters(), replica.optimizerState(), arithmetic);
        });
    }

    private List<Part> parts(NetworkDefinition network, Segment segment, Replica model, long step) {
        TrainingPlacement placement = segment.placement();
        Rounds rounds = segment.rounds();
        SeedLaw law = seeds;
        int parts = placement.tasks();
        Broadcast<FloatArray> parameters = spark.broadcast(FloatArray.of(model.parameters()));
        Broadcast<FloatArray> optimizer =
                rounds.average() ? spark.broadcast(FloatArray.of(model.optimizerState())) : null;
        JavaPairRDD<Integer, Share> shares = segment.examples()
                .mapPartitionsToPair(part -> Replica.with(network, law, replica -> {
                    String arithmetic = replica.arithmetic();
                    replica.setParameters(parameters.value().values());
                    if (optimizer != null) {
                        replica.setOptimizerState(optimizer.value().values());
                    }
                    return sharesOfTask(part, replica, arithmetic, placement, rounds, step);
                }))
                .partitionBy(new HashPartitioner(parts));
        int shards = placement.plan().shards();
        try {
            return Jobs.collect(
                    spark,
                    shares.values()
                            .mapPartitions(all -> List.of(part(shards, all)).iterator()),
                    "step " + step + " (epoch " + placement.plan().epoch(step) + ")",
                    STEP_DEADLINE);
        } finally {
            Jobs.forget(spark, shares);
            parameters.destroy();
            if (optimizer != null) {
                optimizer.destroy();
            }
        }
    }

    private static Iterator<Tuple2<Integer, Share>> sharesOfTask(
            Iterator<PlacedExamples> examples,
            Replica replica,
            String arithmetic,
            TrainingPlacement placement,
            Rounds rounds,
            long step) {
        long started = System.nanoTime();
        int task = TaskContext.getPartitionId();
        List<PartialSum> sums = rounds.compute(replica, placement, examples.next(), step, placement.shards(task));
        Told told = new Told(task, arithmetic, (System.nanoTime() - started) / 1e9);
        int parts = placement.tasks();
        return IntStream.range(0, parts)
                .mapToObj(part -> new Tuple2<>(
                        part,
                        new Share(
                                sums.stream()
                                        .map(sum -> Piece.of(sum, part, parts))
                                        .toList(),
                                told)))
                .iterator();
    }

    private static Part part(int shards, Iterator<Share> shares) {
        List<PartialSum> pieces = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        shares.forEachRemaining(share -> {
            share.pieces().forEach(piece -> pieces.add(piece.sum()));
            told.add(share.told());
        });
        told.sort(Comparator.comparingInt(Told::task));
        return new Part(Piece.of(new ReductionTree(shards).combine(pieces), 0, 1), told);
    }

    private static PartialSum whole(List<Part> parts) {
        List<PartialSum> sums = parts.stream().map(part -> part.sum().sum()).toList();
        float[] gradient =
                new float[sums.stream().mapToInt(sum -> sum.gradient().length).sum()];
        int at = 0;
        for (PartialSum sum : sums) {
            System.arraycopy(sum.gradient(), 0, gradient, at, sum.gradient().length);
            at += sum.gradient().length;
        }
        PartialSum any = sums.get(0);
        return new PartialSum(any.span(), gradient, any.tally());
    }
}
