package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.Feeding;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Direction;
import dev.lockstep.worker.model.layer.Gru;
import dev.lockstep.worker.model.layer.Lstm;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.RunningSums;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences that go on from batch to batch: their state is where their shard is. */
class StreamsTest {
    private static final SeedLaw SEEDS = new SeedLaw(5);
    private static final int STEPS = 4;
    private static final int BATCH = 3;
    private static final int EXAMPLES = 4 * BATCH + 2; // two are left out

    private static NetworkSpec spec(int streams) {
        NetworkSpec spec = new NetworkSpec(
                        Shape.sequence(2),
                        List.of(
                                new Lstm(4, 1, null),
                                new Gru(3, Gru.Reset.AFTER, Direction.FORWARD),
                                new Output(2, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                        new WeightInit.Gauss(0.5),
                        new Adam(0.01, 0.9, 0.999, 1e-7),
                        0,
                        0)
                .fed(new Feeding(streams, 1));
        return spec.of(new ExampleFormat(Element.FLOAT, spec.input(), spec.target()));
    }

    private static List<byte[]> examples(ExampleFormat format) {
        Random random = new Random(3);
        List<byte[]> examples = new ArrayList<>();
        for (int i = 0; i < EXAMPLES; i++) {
            float[] x = new float[STEPS * 2];
            float[] told = new float[STEPS];
            for (int t = 0; t < STEPS; t++) {
                x[2 * t] = random.nextFloat();
                x[2 * t + 1] = random.nextFloat();
                told[t] = random.nextInt(2);
            }
            examples.add(format.pack(x, told));
        }
        return examples;
    }

    private static BatchPlan plan(int shards) {
        return new BatchPlan(SEEDS, EXAMPLES, BATCH, shards, Sampling.STREAMS);
    }

    private static Replica replica() {
        Replica replica = new Replica(spec(BATCH), SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        return replica;
    }

    /** Takes steps, each shard computed by a replica of its own, which is given the model and nothing else. */
    private static void train(Replica replica, int shards, int from, int to, boolean apart) {
        BatchPlan plan = plan(shards);
        TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(EXAMPLES), from, to, 1);
        List<byte[]> all = examples(spec(BATCH).format());
        PlacedExamples placed = (first, end) -> LongStream.range(first, end)
                .mapToObj(place -> all.get((int) placement.example(place)))
                .toList();
        Rounds rounds = new Rounds(1, 100);
        for (int step = from; step < to; step++) {
            RunningSums sums = new RunningSums(new ReductionTree(shards), spent -> {});
            for (int shard = 0; shard < shards; shard++) {
                Replica computes = replica;
                if (apart) {
                    computes = new Replica(spec(BATCH), SEEDS);
                    ModelState.of(replica.parameters(), replica.optimizerState())
                            .install(computes);
                }
                var own = OwnShards.of(new Span(shard, shard + 1), placed).ofRound(step);
                PartialSum sum = rounds.compute(computes, placement, step, own).get(0);
                sums.add(shard, sum);
            }
            rounds.finish(replica, plan, step, sums.all().get(0), Colleagues.NONE);
        }
    }

    @Test
    void eachPlaceReadsOnWhereItStopped() {
        BatchPlan plan = plan(2);
        assertThat(plan.stepsPerEpoch()).isEqualTo(4);
        assertThat(IntStream.range(0, 8).mapToObj(step -> plan.example(step, 1)))
                .containsExactly(4L, 5L, 6L, 7L, 4L, 5L, 6L, 7L);
        assertThat(plan.example(3, 2)).isEqualTo(11);
        assertThat(IntStream.range(0, 9).map(plan::batchSize)).containsOnly(BATCH);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whoComputesAShardChangesNothing(int shards) {
        Replica alone = replica();
        train(alone, shards, 0, 6, false);
        Replica apart = replica();
        train(apart, shards, 0, 6, true);
        assertThat(apart.parameters()).containsExactly(alone.parameters());
        assertThat(apart.optimizerState()).containsExactly(alone.optimizerState());

        Replica resumed = replica(); // in the midst of an epoch
        train(resumed, shards, 0, 2, false);
        Replica other = new Replica(spec(BATCH), SEEDS);
        ModelState.of(resumed.parameters(), resumed.optimizerState()).install(other);
        train(other, shards, 2, 6, false);
        assertThat(other.parameters()).containsExactly(alone.parameters());
    }

    @Test
    void statesAreCarriedAndForgottenAtAnEpochsEnd() {
        int values = spec(BATCH).carriedValues();
        assertThat(values).isEqualTo(BATCH * (2 * 4 + 3));
        Replica replica = replica();
        train(replica, 2, 0, 3, false);
        float[] state = replica.optimizerState();
        for (int i = state.length - values; i < state.length; i++) {
            assertThat(state[i]).isNotZero();
        }
        train(replica, 2, 3, 4, false);
        float[] after = replica.optimizerState();
        assertThat(Arrays.copyOfRange(after, state.length - values, state.length))
                .containsOnly(0f);

        Replica none = new Replica(spec(0), SEEDS);
        assertThat(none.optimizerStateCount()).isEqualTo(replica.optimizerStateCount() - values);
        none.setOptimizerState(new float[none.optimizerStateCount()]);
        Replica fresh = replica();
        for (Replica each : List.of(none, fresh)) {
            train(each, 1, 0, 1, false);
        }
        assertThat(fresh.parameters()).as("the first step begins with 0").containsExactly(none.parameters());
        for (Replica each : List.of(none, fresh)) {
            train(each, 1, 1, 2, false);
        }
        assertThat(fresh.parameters()).as("the second goes on").isNotEqualTo(none.parameters());
    }
}
