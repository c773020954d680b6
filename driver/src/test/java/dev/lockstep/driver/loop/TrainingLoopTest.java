package dev.lockstep.driver.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.exchange.Exchange;
import dev.lockstep.driver.exchange.Segment;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Test;

/** The loop with nobody behind it: 20 steps in rounds of 2, segments of 8 steps, an exchange that takes 4 at once. */
class TrainingLoopTest {
    private static final long STEPS = 20;
    private static final BatchPlan PLAN = new BatchPlan(new SeedLaw(1), 40, 4, 4, Sampling.EPOCH);
    private static final Rounds ROUNDS = new Rounds(2, STEPS);
    private static final TrainingState START = new TrainingState(0, new float[] {1}, new float[0]);

    private final List<String> seen = new ArrayList<>();
    private int slots = 3;

    /** Arranges nothing, and says so. */
    private final class NoExamples implements Feed {
        @Override
        public JavaRDD<PlacedExamples> arrange(Placement placement) {
            seen.add("arrange " + placement.from() / 4 + " to " + placement.to() / 4 + " for " + placement.tasks());
            return new JavaRDD<>(null, null) {
                @Override
                public JavaRDD<PlacedExamples> unpersist(boolean blocking) {
                    seen.add("forget");
                    return this;
                }
            };
        }

        @Override
        public boolean everywhere() {
            return false;
        }

        @Override
        public void close() {}
    }

    /** Takes four steps at once at most, and reports the first of them twice. */
    private class FourAtOnce implements Exchange {
        @Override
        public int tasks(int room, int shards) {
            return Math.min(room, shards);
        }

        @Override
        public TrainingState run(
                NetworkDefinition network,
                Segment segment,
                TrainingState state,
                long toStep,
                StepListener listener,
                BooleanSupplier stop) {
            seen.add("run " + state.step() + " to " + toStep);
            long end = Math.min(toStep, state.step() + 4);
            listener.stepDone(report(state.step()));
            LongStream.range(state.step(), end).forEach(step -> listener.stepDone(report(step)));
            return state.after(end, new float[] {state.parameters()[0] + 1}, new float[0], "ours");
        }
    }

    private static StepReport report(long step) {
        return new StepReport(new StepMetrics(PLAN.id(step), 0, Map.of(), 0, Map.of(), 0), 1, 0);
    }

    private TrainingState train(Exchange exchange, LoopListener listener, long toStep) {
        return new TrainingLoop(
                        PLAN,
                        ROUNDS,
                        new TrainingLoop.TrainingSet(new NoExamples(), Subset.all(40)),
                        exchange,
                        () -> slots,
                        listener)
                .run(state -> null, () -> START, toStep);
    }

    @Test
    void restsWhereSomebodyWantsItToAndTellsOfEachStepOnce() {
        List<Long> steps = new ArrayList<>();
        LoopListener sixth = new LoopListener() {
            @Override
            public long nextRest(long stepsDone) {
                return (stepsDone / 5 + 1) * 5; // 5 is inside a round
            }

            @Override
            public void stepDone(StepReport step) {
                steps.add(step.metrics().id().step());
            }
        };
        LoopListener rests = new LoopListener() {
            @Override
            public TrainingState rests(TrainingState state, long before, boolean last) {
                seen.add("rests " + before + " to " + state.step() + (last ? ", the last" : ""));
                return state;
            }
        };
        TrainingState end = train(new FourAtOnce(), LoopListener.of(sixth, rests), 13);
        assertThat(end.step()).isEqualTo(14);
        assertThat(steps)
                .containsExactlyElementsOf(LongStream.range(0, 14).boxed().toList());
        assertThat(seen)
                .containsExactly(
                        "arrange 0 to 10 for 3",
                        "run 0 to 6",
                        "rests 0 to 4",
                        "run 4 to 6",
                        "rests 4 to 6",
                        "run 6 to 10",
                        "rests 6 to 10",
                        "forget",
                        "arrange 10 to 14 for 3",
                        "run 10 to 14",
                        "rests 10 to 14, the last",
                        "forget");
    }

    @Test
    void goesOnFromWhatAListenerGivesBackUntilOneStopsIt() {
        LoopListener stops = new LoopListener() {
            @Override
            public TrainingState rests(TrainingState state, long before, boolean last) {
                return state.after(state.step(), new float[] {10 * state.parameters()[0]}, new float[0], "ours");
            }

            @Override
            public boolean shouldStop(TrainingState state) {
                return state.step() >= 8;
            }
        };
        TrainingState end = train(new FourAtOnce(), stops, STEPS);
        assertThat(end.step()).isEqualTo(8);
        assertThat(end.parameters()).containsExactly(10 * (10 * 2 + 1));
    }

    /** An exchange that can do nothing with the slots there are is asked again with others. */
    @Test
    void followsTheClustersSize() {
        Exchange exchange = new FourAtOnce() {
            @Override
            public TrainingState run(
                    NetworkDefinition network,
                    Segment segment,
                    TrainingState state,
                    long toStep,
                    StepListener listener,
                    BooleanSupplier stop) {
                if (segment.tasks() == 3) {
                    slots = 0; // an executor is being replaced
                    return state;
                }
                return super.run(network, segment, state, toStep, listener, stop);
            }
        };
        assertThat(train(exchange, LoopListener.of(), 4).step()).isEqualTo(4);
        assertThat(seen)
                .containsExactly("arrange 0 to 4 for 3", "forget", "arrange 0 to 4 for 1", "run 0 to 4", "forget");
    }

    @Test
    void refusesParametersThatAreNoNumbersAndFreesTheExamples() {
        Exchange diverging = new FourAtOnce() {
            @Override
            public TrainingState run(
                    NetworkDefinition network,
                    Segment segment,
                    TrainingState state,
                    long toStep,
                    StepListener listener,
                    BooleanSupplier stop) {
                return state.after(4, new float[] {Float.POSITIVE_INFINITY}, new float[0], "ours");
            }
        };
        assertThatThrownBy(() -> train(diverging, LoopListener.of(), STEPS))
                .isInstanceOf(DivergenceException.class)
                .hasMessage("training diverged: a parameter is Infinity after step 3; try a smaller"
                        + " optimizer.learning-rate");
        assertThat(seen).containsExactly("arrange 0 to 10 for 3", "forget");
    }
}
