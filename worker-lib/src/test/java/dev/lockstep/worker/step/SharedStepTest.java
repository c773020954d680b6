package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.TrainableModel.StatePiece;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.AdaDelta;
import dev.lockstep.worker.model.optimizer.AdaGrad;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.AdamW;
import dev.lockstep.worker.model.optimizer.Lamb;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Nesterov;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.RmsProp;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SplitMix64;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps that several take together, each a part, are those of one who takes them alone, bit by bit. */
class SharedStepTest {
    private static final int STEPS = 4;
    private static final int EXAMPLES = 24;
    private static final int PIECE = 1_000;

    static Stream<Optimizer> shared() {
        return Stream.of(
                new Sgd(.1),
                new Momentum(.1, .9),
                new Nesterov(.1, .9),
                new AdaGrad(.1, 1e-7),
                new AdaDelta(.95, 1e-6),
                new RmsProp(.01, .99, 1e-7),
                new Adam(.001, .9, .999, 1e-7),
                new AdamW(.001, .9, .999, 1e-8, .3));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shared")
    void theBitsAreThoseOfOneAlone(Optimizer optimizer) throws Exception {
        NetworkSpec spec = spec(optimizer, .001, .01);
        for (int members : new int[] {2, 3, 7}) {
            check(spec, members);
        }
    }

    @Test
    void clippedGradientsAndSchedulesToo() throws Exception {
        NetworkSpec plain = spec(new Adam(.01, .9, .999, 1e-7), 0, 0);
        check(clipped(plain, new Clipping(.02, .5)), 3);
        check(plain.with(new Schedule(Schedule.Decay.STEP, .5, 2, 1, 1)), 3);
    }

    /** A replica is used again, by one who takes steps alone and by others of other sizes. */
    @Test
    void aReplicaIsAsGoodAsNewAfterwards() throws Exception {
        NetworkSpec spec = spec(new Adam(.01, .9, .999, 1e-7), 0, 0);
        Replica fresh = new Replica(spec, new SeedLaw(3));
        Replica used = new Replica(spec, new SeedLaw(3));
        PartialSum sum = sum(used.parameterCount(), 1);
        for (int members : new int[] {3, 2}) {
            used.keepOptimizerState(colleagues(List.of(used, used, used).subList(0, members), 1, null));
            assertThat(used.model().keptOptimizerState()).isNotEmpty();
        }
        float[] state = new float[fresh.optimizerStateCount()];
        Arrays.fill(state, .25f);
        for (Replica replica : List.of(fresh, used)) {
            replica.setOptimizerState(state);
            replica.step(new StepId(0, 0, EXAMPLES), sum);
        }
        assertThat(used.parameters()).isEqualTo(fresh.parameters());
        assertThat(used.optimizerState()).isEqualTo(fresh.optimizerState());
        used.keepOptimizerState(colleagues(List.of(used, used), 0, null));
        used.keepOptimizerState(Colleagues.NONE);
        used.takeOptimizerState(state, 0);
        assertThat(used.optimizerState()).isEqualTo(state);
    }

    /** LAMB looks at whole arrays. */
    @Test
    void whatLooksAtMoreThanOneElementIsNotShared() {
        assertThat(new Replica(spec(new Lamb(.01, .9, .999, 1e-6, .3), 0, 0), new SeedLaw(1)).sharesSteps())
                .isFalse();
    }

    private static void check(NetworkSpec spec, int members) throws Exception {
        Replica alone = new Replica(spec, new SeedLaw(3));
        assertThat(alone.sharesSteps()).isTrue();
        for (int step = 0; step < STEPS; step++) {
            alone.step(new StepId(step, 0, EXAMPLES), sum(alone.parameterCount(), step));
        }
        List<Replica> replicas = new ArrayList<>();
        CyclicBarrier barrier = new CyclicBarrier(members);
        for (int place = 0; place < members; place++) {
            replicas.add(new Replica(spec, new SeedLaw(3)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(members);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int place = 0; place < members; place++) {
                Colleagues colleagues = colleagues(replicas, place, barrier);
                all.add(() -> {
                    Replica own = replicas.get(colleagues.place());
                    float[] state = own.optimizerState();
                    own.keepOptimizerState(colleagues);
                    for (int from = 0; from < state.length; from += PIECE) {
                        int to = Math.min(state.length, from + PIECE);
                        if (own.keepsOptimizerState(from, to)) {
                            own.takeOptimizerState(Arrays.copyOfRange(state, from, to), from);
                        }
                    }
                    for (int step = 0; step < STEPS; step++) {
                        own.step(new StepId(step, 0, EXAMPLES), sum(own.parameterCount(), step), colleagues);
                    }
                    colleagues.leave();
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(all, 60, TimeUnit.SECONDS)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
        float[] state = new float[alone.optimizerStateCount()];
        int given = 0;
        for (Replica replica : replicas) {
            assertThat(replica.parameters()).isEqualTo(alone.parameters());
            for (StatePiece piece : replica.model().keptOptimizerState()) {
                System.arraycopy(piece.values(), 0, state, piece.at(), piece.values().length);
                given += piece.values().length;
            }
        }
        assertThat(given).isEqualTo(state.length); // each keeps its own part alone
        assertThat(state).isEqualTo(alone.optimizerState());
    }

    private static Colleagues colleagues(List<Replica> replicas, int own, CyclicBarrier barrier) {
        return new Colleagues() {
            @Override
            public int size() {
                return replicas.size();
            }

            @Override
            public int place() {
                return own;
            }

            @Override
            public Elements elements(int place) {
                return replicas.get(place).elements();
            }

            @Override
            public void meet(String what) {
                try {
                    barrier.await(30, TimeUnit.SECONDS);
                } catch (Exception e) {
                    throw new IllegalStateException(what, e);
                }
            }
        };
    }

    private static PartialSum sum(int length, int step) {
        SplitMix64 random = new SplitMix64(step);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (random.nextDouble() - .5);
        }
        return new PartialSum(new Span(0, 1), values, Tally.of(EXAMPLES, EXAMPLES, 1, new double[] {0}));
    }

    private static NetworkSpec clipped(NetworkSpec spec, Clipping clipping) {
        return new NetworkSpec(
                spec.input(),
                spec.nodes(),
                spec.weightInit(),
                spec.optimizer(),
                spec.l1(),
                spec.l2(),
                clipping,
                spec.schedule(),
                List.of());
    }

    /** 16,995 parameters. */
    private static NetworkSpec spec(Optimizer optimizer, double l1, double l2) {
        return new NetworkSpec(
                new Shape(1, 12, 12),
                List.of(
                        new Convolution(7, 5, 1, 0, ActivationFunction.RELU),
                        new BatchNorm(.9, 1e-5),
                        new Output(37, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                new WeightInit.He(),
                optimizer,
                l1,
                l2);
    }
}
