package dev.lockstep.driver.train;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.DivergenceException;
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
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * One task runs every shard in turn and takes the optimizer steps itself. The steps go to it in runs of a second or two,
 * so that progress is seen and little is lost with the task.
 */
final class LocalExchange implements Exchange {
    private static final double SECONDS_A_RUN = 2;
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(30);

    private final JavaSparkContext spark;
    private final SeedLaw seeds;
    /** The steps of the next run of steps: only the first of all is a guess. */
    private long steps = 1;

    LocalExchange(JavaSparkContext spark, SeedLaw seeds) {
        this.spark = spark;
        this.seeds = seeds;
    }

    /**
     * @param arithmetic what computed the steps
     * @param diverged why they ended early, or null
     */
    private record Run(
            FloatArray parameters, FloatArray optimizer, List<StepReport> steps, String arithmetic, String diverged)
            implements Serializable {}

    @Override
    public int tasks(int slots, int shards) {
        return 1;
    }

    @Override
    public TrainingState run(
            NetworkDefinition network, Segment segment, TrainingState state, long toStep, TrainingMonitor monitor) {
        Jobs.requireRoom(spark, state.byteCount());
        TrainingState now = state;
        while (now.step() < toStep && !monitor.stopRequested()) {
            long end = segment.rounds().ceiling(Math.min(toStep, now.step() + steps));
            long started = System.nanoTime();
            Run run = run(network, segment, now, end);
            Arithmetic.goOn(now.provenance().arithmetic(), run.arithmetic(), "task 0");
            double seconds = (System.nanoTime() - started) / 1e9;
            run.steps().forEach(monitor::stepDone);
            if (run.diverged() != null) {
                throw new DivergenceException(run.diverged());
            }
            long done = end - now.step();
            steps = Math.max(1, Math.min(4 * done, (long) (done * SECONDS_A_RUN / seconds)));
            now = now.after(end, run.parameters().values(), run.optimizer().values(), run.arithmetic());
        }
        return now;
    }

    private Run run(NetworkDefinition network, Segment segment, TrainingState state, long toStep) {
        TrainingPlacement placement = segment.placement();
        Rounds rounds = segment.rounds();
        SeedLaw law = seeds;
        long fromStep = state.step();
        Broadcast<FloatArray> parameters = spark.broadcast(FloatArray.of(state.parameters()));
        Broadcast<FloatArray> optimizer = spark.broadcast(FloatArray.of(state.optimizer()));
        try {
            return Jobs.collect(
                            spark,
                            segment.examples()
                                    .map(examples -> Replica.with(network, law, replica -> {
                                        replica.arithmetic();
                                        replica.setParameters(parameters.value().values());
                                        replica.setOptimizerState(
                                                optimizer.value().values());
                                        return steps(replica, placement, rounds, examples, fromStep, toStep);
                                    })),
                            "steps " + fromStep + " to " + (toStep - 1) + " (epoch "
                                    + placement.plan().epoch(fromStep) + ")",
                            RUN_DEADLINE)
                    .get(0);
        } finally {
            parameters.destroy();
            optimizer.destroy();
        }
    }

    private static Run steps(
            Replica replica,
            TrainingPlacement placement,
            Rounds rounds,
            PlacedExamples examples,
            long fromStep,
            long toStep) {
        List<StepReport> reports = new ArrayList<>();
        String diverged = null;
        Span all = placement.shards(0);
        ReductionTree tree = new ReductionTree(placement.plan().shards());
        for (long step = fromStep; step < toStep && diverged == null; step = rounds.end(step)) {
            long started = System.nanoTime();
            PartialSum sum = tree.combine(rounds.compute(replica, placement, examples, step, all));
            double computed = (System.nanoTime() - started) / 1e9;
            try {
                List<StepMetrics> metrics = rounds.finish(replica, placement, step, sum);
                double seconds = (System.nanoTime() - started) / 1e9;
                reports.addAll(StepReport.ofRound(metrics, seconds, seconds - computed));
            } catch (DivergenceException e) {
                diverged = e.getMessage();
            }
        }
        return new Run(
                FloatArray.of(replica.parameters()),
                FloatArray.of(replica.optimizerState()),
                reports,
                replica.arithmetic(),
                diverged);
    }
}
