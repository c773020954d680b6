package dev.lockstep.worker.loop;

import dev.lockstep.worker.loop.PartwiseSum.Share;
import dev.lockstep.worker.loop.PartwiseSum.Told;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.PartialSum;
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
            StepLoop.End end = steps(replica, OwnShards.of(placement.shards(0), examples), alone, reports::add);
            return StepsTaken.alone(replica, end, reports);
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
            List<PartialSum> sums = compute(replica, OwnShards.of(placement.shards(task), examples), fromStep);
            return PartwiseSum.cut(sums, placement.tasks(), new Told(task, replica.arithmetic(), watch.seconds()));
        });
    }

    /** Runs work with a replica that holds a model, and has said what it computes with. */
    public <R> R with(Supplier<ModelState> model, Function<Replica, R> work) {
        return with(replica -> {
            model.get().install(replica);
            return work.apply(replica);
        });
    }

    /** Runs work with a replica that has said what it computes with; the model is another's. */
    public <R> R with(Function<Replica, R> work) {
        return Replica.with(network, seeds, replica -> {
            replica.arithmetic(); // asked the first time, it takes parameters of its own
            return work.apply(replica);
        });
    }

    /** Takes the steps, computing the caller's shards. */
    public StepLoop.End steps(Replica replica, OwnShards shards, AllReduce allReduce, StepListener listener) {
        return new StepLoop(rounds, allReduce, listener)
                .run(replica, placement.plan(), step -> compute(replica, shards, step), fromStep, toStep);
    }

    /** The steps, for people. */
    public String description() {
        return "steps " + fromStep + " to " + (toStep - 1) + " (epoch "
                + placement.plan().epoch(fromStep) + ")";
    }

    /** Computes the caller's shards of a round, and adds them up as far as they go together. */
    public List<PartialSum> compute(Replica replica, OwnShards shards, long step) {
        return rounds.compute(replica, placement, step, shards.ofRound(step));
    }
}
