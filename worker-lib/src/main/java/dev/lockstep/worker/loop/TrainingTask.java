package dev.lockstep.worker.loop;

import dev.lockstep.worker.loop.PartwiseSum.Share;
import dev.lockstep.worker.loop.PartwiseSum.Told;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a task is told: some steps, whose examples are with the tasks that compute them.
 *
 * @param fromStep the first step of a round
 * @param toStep the end of a round
 */
public record TrainingTask(
        NetworkDefinition network,
        SeedLaw seeds,
        TrainingPlacement placement,
        Rounds rounds,
        long fromStep,
        long toStep)
        implements Serializable {

    /** Takes all the steps, computing all shards. */
    public StepsTaken alone(Supplier<ModelState> model, PlacedExamples examples) {
        return with(model, replica -> {
            List<StepReport> reports = new ArrayList<>();
            AllReduce alone = new Alone(placement.plan().shards());
            StepLoop.End end = steps(replica, examples, placement.shards(0), alone, reports::add);
            return StepsTaken.by(replica, end, reports);
        });
    }

    /**
     * Computes a task's shards of the first round, for others to finish it.
     *
     * @return as many parts of the sums as there are tasks, made one by one as they are asked for
     */
    public Stream<Share> shares(int task, Supplier<ModelState> model, PlacedExamples examples) {
        return with(model, replica -> {
            Stopwatch watch = new Stopwatch();
            List<PartialSum> sums = compute(replica, examples, fromStep, placement.shards(task));
            return PartwiseSum.cut(sums, placement.tasks(), new Told(task, replica.arithmetic(), watch.seconds()));
        });
    }

    /** Runs work with a replica that holds a model, and has said what it computes with. */
    public <R> R with(Supplier<ModelState> model, Function<Replica, R> work) {
        return Replica.with(network, seeds, replica -> {
            replica.arithmetic(); // asked the first time, it takes parameters of its own
            model.get().install(replica);
            return work.apply(replica);
        });
    }

    /** Takes the steps, of which the shards of a span are the caller's. */
    public StepLoop.End steps(
            Replica replica, PlacedExamples examples, Span shards, AllReduce allReduce, StepListener listener) {
        return new StepLoop(rounds, allReduce, listener)
                .run(replica, placement.plan(), step -> compute(replica, examples, step, shards), fromStep, toStep);
    }

    /** The steps, for people. */
    public String description() {
        return "steps " + fromStep + " to " + (toStep - 1) + " (epoch "
                + placement.plan().epoch(fromStep) + ")";
    }

    private List<PartialSum> compute(Replica replica, PlacedExamples examples, long step, Span shards) {
        return rounds.compute(replica, placement, examples, step, shards);
    }
}
