package dev.lockstep.worker.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop over steps without Spark: batches of 6 and one of 4 an epoch, in shards of which some are empty. */
class StepLoopTest {
    private static final int SHARDS = 5;
    private static final int EXAMPLES = 16;
    private static final long STEPS = 8;
    private static final ExampleFormat FORMAT = ExampleFormat.bytes(Shape.vector(4), 3);
    private static final SeedLaw SEEDS = new SeedLaw(3);
    private static final NetworkSpec NETWORK = network(0.1);
    /** Whose examples and classes have weights. */
    private static final NetworkSpec WEIGHING = NETWORK.of(FORMAT.withWeights()).weighing(List.of(0.3, 1.0, 2.7));

    private static NetworkSpec network(double rate) {
        return new NetworkSpec(
                Shape.vector(4),
                List.of(
                        new Dense(5, ActivationFunction.RELU),
                        new Output(3, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                new WeightInit.He(),
                new Momentum(rate, 0.9),
                0,
                0);
    }

    private static final TrainingPlacement PLACEMENT = new TrainingPlacement(
            new BatchPlan(SEEDS, EXAMPLES, 6, SHARDS, Sampling.EPOCH), Subset.all(EXAMPLES), 0, STEPS, 1);

    /** All of them, made where they are asked for. */
    private static final PlacedExamples ALL = (from, to) -> LongStream.range(from, to)
            .map(PLACEMENT::example)
            .filter(index -> index >= 0)
            .mapToObj(StepLoopTest::example)
            .toList();

    /** The same with weights. */
    private static final PlacedExamples ALL_WEIGHING = (from, to) -> LongStream.range(from, to)
            .map(PLACEMENT::example)
            .filter(index -> index >= 0)
            .mapToObj(index -> {
                byte[] values = new byte[4];
                new Random(index).nextBytes(values);
                return FORMAT.withWeights().pack((int) index % 3, values, 0, 0.1f + index % 7);
            })
            .toList();

    private static byte[] example(long index) {
        byte[] values = new byte[4];
        new Random(index).nextBytes(values);
        return Block.of(FORMAT, index, new int[] {(int) index % 3}, values).packed(index);
    }

    private static TrainingTask task(NetworkSpec network, int stepsARound) {
        return new TrainingTask(network, SEEDS, PLACEMENT, new Rounds(stepsARound, STEPS), 0, STEPS);
    }

    private static ModelState start() {
        Replica replica = new Replica(NETWORK, SEEDS);
        float[] parameters = new float[replica.parameterCount()];
        Random random = new Random(8);
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = (float) random.nextGaussian();
        }
        return ModelState.of(parameters, new float[replica.optimizerStateCount()]);
    }

    /** Others who compute their shards, each with a replica of its own that takes the same steps, in the caller's thread. */
    private static final class Others implements AllReduce {
        private final Rounds rounds;
        private final List<Span> spans;
        private final List<Replica> replicas;
        private final long stopAfter;
        private long done;

        private final PlacedExamples examples;

        Others(Rounds rounds, List<Span> spans, long stopAfter) {
            this(NETWORK, ALL, rounds, spans, stopAfter);
        }

        Others(NetworkSpec network, PlacedExamples examples, Rounds rounds, List<Span> spans, long stopAfter) {
            this.examples = examples;
            this.rounds = rounds;
            this.spans = spans;
            this.stopAfter = stopAfter;
            this.replicas =
                    spans.stream().map(span -> new Replica(network, SEEDS)).toList();
            replicas.forEach(start()::install);
        }

        @Override
        public PartialSum allReduce(long last, List<PartialSum> pieces) {
            List<PartialSum> all = new ArrayList<>(pieces);
            for (int i = 0; i < spans.size(); i++) {
                all.addAll(rounds.compute(
                        replicas.get(i),
                        PLACEMENT,
                        done,
                        OwnShards.of(spans.get(i), examples).ofRound(done)));
            }
            PartialSum sum = new ReductionTree(SHARDS).combine(all);
            replicas.forEach(replica -> rounds.finish(replica, PLACEMENT.plan(), done, sum, Colleagues.NONE));
            done = last + 1;
            return sum;
        }

        @Override
        public boolean stopped() {
            return done >= stopAfter;
        }
    }

    private static List<StepMetrics> metrics(List<StepReport> reports) {
        return reports.stream().map(StepReport::metrics).toList();
    }

    private static void assertSame(ModelState actual, ModelState expected) {
        assertThat(actual.parameters().values()).isEqualTo(expected.parameters().values());
        assertThat(actual.optimizer().values()).isEqualTo(expected.optimizer().values());
    }

    @ParameterizedTest
    @CsvSource({"1, false", "3, false", "1, true", "3, true"})
    void whoSharesTheShardsEndsAsWhoIsAlone(int stepsARound, boolean weighing) {
        NetworkSpec network = weighing ? WEIGHING : NETWORK;
        PlacedExamples all = weighing ? ALL_WEIGHING : ALL;
        TrainingTask task = task(network, stepsARound);
        StepsTaken alone = task.alone(StepLoopTest::start, all);
        assertThat(alone.step()).isEqualTo(STEPS);
        assertThat(alone.diverged()).isNull();
        assertThat(metrics(alone.reports()).stream().map(step -> step.id().step()))
                .containsExactlyElementsOf(LongStream.range(0, STEPS).boxed().toList());
        assertThat(alone.model().parameters().values())
                .isNotEqualTo(start().parameters().values())
                .isNotEqualTo(task(weighing ? NETWORK : network(0.2), stepsARound)
                        .alone(StepLoopTest::start, ALL)
                        .model()
                        .parameters()
                        .values());
        List<StepReport> reports = new ArrayList<>();
        task.with(StepLoopTest::start, replica -> {
            Others others =
                    new Others(network, all, task.rounds(), List.of(new Span(3, 5), new Span(0, 1)), Long.MAX_VALUE);
            StepLoop.End end = task.steps(replica, OwnShards.of(new Span(1, 3), all), others, reports::add);
            assertThat(end).isEqualTo(new StepLoop.End(STEPS, null));
            assertSame(ModelState.of(replica), alone.model());
            return null;
        });
        assertThat(metrics(reports)).isEqualTo(metrics(alone.reports()));
    }

    /** As the driver of one job a round does, which computes nothing itself. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void whoComputesNothingEndsTheSame(int stepsARound) {
        TrainingTask task = task(NETWORK, stepsARound);
        Others others = new Others(task.rounds(), List.of(new Span(0, SHARDS)), Long.MAX_VALUE);
        task.with(StepLoopTest::start, replica -> {
            new StepLoop(task.rounds(), others, step -> {}).run(replica, PLACEMENT.plan(), step -> List.of(), 0, STEPS);
            assertSame(
                    ModelState.of(replica), task.alone(StepLoopTest::start, ALL).model());
            return null;
        });
    }

    @Test
    void endsWithTheRoundAfterWhichItIsToldTo() {
        TrainingTask task = task(NETWORK, 3);
        List<StepReport> reports = new ArrayList<>();
        task.with(StepLoopTest::start, replica -> {
            Others others = new Others(task.rounds(), List.of(new Span(1, 5)), 4);
            StepLoop.End end = task.steps(replica, OwnShards.of(new Span(0, 1), ALL), others, reports::add);
            assertThat(end).isEqualTo(new StepLoop.End(6, null));
            assertThat(reports).hasSize(6);
            return null;
        });
    }

    /** The model is the one before the step that gave no numbers. */
    @Test
    void endsBeforeTheStepThatDiverges() {
        TrainingTask task = task(network(1e38), 1);
        StepsTaken taken = task.alone(StepLoopTest::start, ALL);
        assertThat(taken.diverged()).startsWith("training diverged at step " + taken.step() + " (epoch 0)");
        assertThat(taken.step()).isBetween(1L, 2L);
        assertThat(taken.reports()).hasSize((int) taken.step());
        TrainingTask before = new TrainingTask(task.network(), SEEDS, PLACEMENT, task.rounds(), 0, taken.step());
        assertSame(taken.model(), before.alone(StepLoopTest::start, ALL).model());
    }

    /** The parts of three tasks' sums, shuffled and put together, are the whole sum; and of a model's, the model. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void sumsAndModelsComeBackInParts(int stepsARound) {
        TrainingPlacement three = new TrainingPlacement(PLACEMENT.plan(), PLACEMENT.subset(), 0, STEPS, 3);
        TrainingTask task = new TrainingTask(NETWORK, SEEDS, three, new Rounds(stepsARound, STEPS), 0, STEPS);
        List<PartwiseSum.Share> shares = IntStream.of(2, 0, 1)
                .boxed()
                .flatMap(i -> task.shares(i, StepLoopTest::start, ALL).toList().stream())
                .toList();
        List<PartwiseSum.Part> parts = IntStream.range(0, 3)
                .mapToObj(part -> PartwiseSum.add(
                        SHARDS,
                        shares.stream().filter(share -> share.part() == part).iterator()))
                .toList();
        assertThat(parts.get(1).told().stream().map(PartwiseSum.Told::task)).containsExactly(0, 1, 2);
        PartialSum sum = PartwiseSum.joined(parts);
        task.with(StepLoopTest::start, replica -> {
            PartialSum whole = new ReductionTree(SHARDS)
                    .combine(task.rounds()
                            .compute(
                                    replica,
                                    PLACEMENT,
                                    0,
                                    OwnShards.of(new Span(0, SHARDS), ALL).ofRound(0)));
            assertThat(sum.gradient()).isEqualTo(whole.gradient());
            assertThat(sum.examples()).isEqualTo(whole.examples());
            assertThat(sum.tally().lossSum()).isEqualTo(whole.tally().lossSum());
            assertThat(sum.tally().metrics()).isEqualTo(whole.tally().metrics());
            return null;
        });
        StepsTaken taken = task(NETWORK, stepsARound).alone(StepLoopTest::start, ALL);
        List<StepsTaken> cut =
                IntStream.range(0, 4).mapToObj(part -> taken.part(part, 4)).toList();
        assertSame(StepsTaken.joined(cut).model(), taken.model());
    }
}
