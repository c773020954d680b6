package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.exchange.SimulatedCluster.Network;
import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.AdamW;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.RunningSums;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.reduce.TreeSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks whose optimizer steps executors share end with the bits of one alone, after two gangs of two steps each. */
class SharedReplicasTest {
    private static final int STEPS = 4;
    private static final int STEPS_A_GANG = 2;
    private static final int SHARDS = 7;
    private static final int EXAMPLES_A_SHARD = 5;
    private static final int SLICE_LENGTH = 7_000;

    static Stream<Arguments> cases() {
        Optimizer adam = new Adam(.001, .9, .999, 1e-7);
        return Stream.of(
                Arguments.of("batch norm, Adam", convolutions(adam, 0, Clipping.NONE)),
                Arguments.of("batch norm, momentum, L2", convolutions(new Momentum(.1, .9), .01, Clipping.NONE)),
                Arguments.of("batch norm, SGD, norm clipped", convolutions(new Sgd(.1), 0, new Clipping(.5, 9e9))),
                Arguments.of(
                        "MLP, AdamW, values clipped", mlp(new AdamW(.001, .9, .999, 1e-8, .3), new Clipping(1e9, .1))),
                Arguments.of("MLP, Adam, both clipped", mlp(adam, new Clipping(.5, .05))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void endWithTheBitsOfOneAlone(String name, NetworkSpec spec) {
        Replica alone = new Replica(spec, new SeedLaw(3));
        List<StepMetrics> metrics = new ArrayList<>();
        ModelState start = state(alone);
        for (int step = 0; step < STEPS; step++) {
            int of = step;
            PartialSum sum = TreeSum.of(new Span(0, SHARDS), shard -> leaf(alone, of, shard));
            metrics.add(alone.step(id(step), sum));
        }
        for (int[] tasks : new int[][] {{1, 1}, {2, 1, 2}}) {
            List<StepMetrics> shared = new ArrayList<>();
            ModelState half = gang(spec, start, 0, tasks, shared);
            ModelState end = gang(spec, half, STEPS_A_GANG, tasks, shared);
            assertThat(end.parameters().values()).isEqualTo(alone.parameters());
            assertThat(end.optimizer().values()).isEqualTo(alone.optimizerState());
            assertThat(shared).isEqualTo(metrics);
        }
    }

    /** @param tasks of each executor */
    private static ModelState gang(
            NetworkSpec spec, ModelState from, int firstStep, int[] tasks, List<StepMetrics> metrics) {
        int size = IntStream.of(tasks).sum();
        Simulation simulation = new Simulation(size, false);
        SimulatedCluster cluster = new SimulatedCluster(simulation, new Network(2_000_000, 0, 0), tasks.length);
        List<Span> parts = IntStream.range(0, size)
                .mapToObj(part -> new Span(SHARDS * part / size, SHARDS * (part + 1) / size))
                .toList();
        Gang gang = new Gang(
                1, Secret.random(), SHARDS, parts, null, Schedule.PATIENCE_MILLIS, Audit.NONE, 0, SLICE_LENGTH);
        Coordinator coordinator = new Coordinator(gang, cluster.driver());
        List<ModelState> ends = new ArrayList<>();
        float[] state = new float[from.optimizer().values().length];
        AtomicInteger given = new AtomicInteger();
        int rank = 0;
        for (int executor = 0; executor < tasks.length; executor++) {
            for (int task = 0; task < tasks[executor]; task++) {
                Member member = new Member(
                        gang, rank, 0, () -> false, cluster.jvm(executor).endpoint());
                boolean first = rank == 0;
                simulation.start(() -> Gang.join(member, any -> {
                    Replica replica = new Replica(spec, new SeedLaw(3));
                    replica.setOptimizerState(new float[replica.optimizerStateCount()]); // another gang's
                    List<StepMetrics> seen = steps(replica, member, firstStep, from);
                    if (first) {
                        metrics.addAll(seen);
                        ends.add(ModelState.of(replica.parameters(), state));
                    }
                    replica.model().keptOptimizerState().forEach(piece -> {
                        System.arraycopy(piece.values(), 0, state, piece.at(), piece.values().length);
                        given.addAndGet(piece.values().length);
                    });
                    return null;
                }));
                rank++;
            }
        }
        simulation.run(TimeUnit.SECONDS.toNanos(30));
        coordinator.close();
        assertThat(given).hasValue(state.length); // nobody keeps what another does
        return ends.get(0);
    }

    private static List<StepMetrics> steps(Replica replica, Member member, int firstStep, ModelState from) {
        int sums = 1 + replica.metrics().sums();
        PlacedExamples none = (begin, end) -> List.of();
        OwnShards shards = member.meet(
                replica.contributionLength(), sums, "here", null, none, replica.elements(), (colleagues, last) -> {
                    replica.setParameters(from.parameters().values(), 0);
                    replica.keepOptimizerState(colleagues);
                    replica.takeOptimizerState(from.optimizer().values(), 0);
                });
        assertThat(member.givesBack()).isTrue();
        assertThat(member.sharesBetweenExecutors()).isTrue();
        List<StepMetrics> metrics = new ArrayList<>();
        for (int step = firstStep; step < firstStep + STEPS_A_GANG; step++) {
            RunningSums pieces = new RunningSums(new ReductionTree(SHARDS), spent -> {});
            int of = step;
            shards.ofRound(step)
                    .forEachRemaining(shard -> pieces.add(shard.number(), leaf(replica, of, shard.number())));
            PartialSum sum = member.allReduce(step, pieces.all());
            metrics.add(replica.step(id(step), sum, member.colleagues()));
        }
        member.colleagues().leave();
        return metrics;
    }

    private static StepId id(int step) {
        return new StepId(step, 0, SHARDS * EXAMPLES_A_SHARD);
    }

    private static ModelState state(Replica replica) {
        return ModelState.of(replica.parameters(), replica.optimizerState());
    }

    private static PartialSum leaf(Replica replica, int step, int shard) {
        SplittableRandom random = new SplittableRandom(SHARDS * step + shard);
        float[] gradient = new float[replica.contributionLength()];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = (float) (random.nextDouble() - .5);
        }
        Tally tally = Tally.of(EXAMPLES_A_SHARD, EXAMPLES_A_SHARD, random.nextDouble(), new double[] {1});
        return new PartialSum(new Span(shard, shard + 1), gradient, tally);
    }

    /** 16,995 parameters. */
    private static NetworkSpec convolutions(Optimizer optimizer, double l2, Clipping clipping) {
        return spec(
                new Shape(1, 12, 12),
                List.of(
                        new Convolution(7, 5, 1, 0, ActivationFunction.RELU),
                        new BatchNorm(.9, 1e-5),
                        new Output(37, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                optimizer,
                l2,
                clipping);
    }

    /** 101 × 131 + 131 + 131 × 53 + 53 + 53 × 7 + 7 = 20,735 parameters. */
    private static NetworkSpec mlp(Optimizer optimizer, Clipping clipping) {
        return spec(
                Shape.vector(101),
                List.of(
                        new Dense(131, ActivationFunction.RELU),
                        new Dense(53, ActivationFunction.TANH),
                        new Output(7, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                optimizer,
                0,
                clipping);
    }

    private static NetworkSpec spec(
            Shape input, List<? extends Part> parts, Optimizer optimizer, double l2, Clipping clipping) {
        NetworkSpec plain = new NetworkSpec(input, parts, new WeightInit.He(), optimizer, 0, l2);
        return new NetworkSpec(
                plain.input(),
                plain.nodes(),
                plain.weightInit(),
                optimizer,
                0,
                l2,
                clipping,
                dev.lockstep.worker.model.Schedule.CONSTANT,
                List.of());
    }
}
