package dev.lockstep.driver.loop;

import dev.lockstep.driver.exchange.Exchange;
import dev.lockstep.driver.exchange.Segment;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.plan.TrainingPlacement;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * The one training loop: brings examples to tasks, has an exchange run steps, and rests where a listener wants to see the
 * model. Whoever trains anything enters here, with a plan, examples and a state to start from; it keeps nothing itself.
 *
 * @param plan which example is where
 * @param examples the examples that the plan counts
 * @param slots how many tasks can share a step now; it is asked again and again
 */
public record TrainingLoop(
        BatchPlan plan,
        Rounds rounds,
        TrainingSet examples,
        Exchange exchange,
        IntSupplier slots,
        LoopListener listener) {

    /**
     * What is learnt from.
     *
     * @param subset which of the feed's examples
     */
    public record TrainingSet(Feed feed, Subset subset) {}

    /**
     * Trains from a state, with the parameters of any origin, until so many steps are done or a listener asks to stop.
     *
     * @param network what is trained, given the state where the loop rests: it may differ in its learning rates
     * @param from asked once: who gives the state up with it lets a large model's first parameters go after the first gang
     * @param toStep rounded up to the end of a round; where it lies changes no bit of the steps after it
     * @return the last state
     * @throws DivergenceException when a loss, a gradient or a parameter is not finite
     */
    public TrainingState run(
            Function<TrainingState, NetworkDefinition> network, Supplier<TrainingState> from, long toStep) {
        long end = rounds.ceiling(toStep);
        TrainingState state = from.get();
        StepListener once = new EachStepOnce(listener, state.step());
        while (state.step() < end && !listener.shouldStop(state)) {
            try (Segment segment = segment(state.step(), end)) {
                while (state.step() < segment.toStep() && segment.tasks() == tasks() && !listener.shouldStop(state)) {
                    TrainingState before = state;
                    long rest = Math.min(
                            segment.restAfter(before.step(), exchange.mostSteps()),
                            rounds.ceiling(listener.nextRest(before.step())));
                    state = exchange.run(
                            network.apply(before), segment, before, rest, once, () -> listener.shouldStop(before));
                    if (state.step() > before.step()) {
                        requireFinite(state);
                        state = listener.rests(state, before.step(), state.step() == end);
                    }
                }
            }
        }
        return state;
    }

    /** The Spark tasks that share a step now. */
    public int tasks() {
        return exchange.tasks(Math.max(1, slots.getAsInt()), plan.shards()); // no slots: an executor is being replaced
    }

    /** Brings the examples of the next steps to the tasks that will compute them. */
    private Segment segment(long fromStep, long toStep) {
        long end = Segment.end(examples.feed(), plan, rounds, fromStep, toStep, exchange.mostSteps());
        TrainingPlacement placement =
                new TrainingPlacement(plan, examples.subset(), fromStep, end, exchange.order(tasks()));
        return Segment.arrange(examples.feed(), placement, rounds);
    }

    /** A step can overflow though its loss and gradient were finite; such a state must not become a checkpoint. */
    private static void requireFinite(TrainingState state) {
        for (float parameter : state.parameters()) {
            if (!Float.isFinite(parameter)) {
                throw new DivergenceException("training diverged: a parameter is " + parameter + " after step "
                        + (state.step() - 1) + "; try a smaller optimizer.learning-rate");
            }
        }
    }
}
