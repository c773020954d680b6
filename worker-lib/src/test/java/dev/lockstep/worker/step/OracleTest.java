package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.optimizer.AdaGrad;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.RmsProp;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One shard a step is stock DL4J: the same bits as {@code MultiLayerNetwork.fit} over the same batches, in the parameters
 * and in the optimizer's state, step after step; with DL4J's layers on both sides, and with ours on both.
 */
class OracleTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final int STEPS = 52;
    private static final int CLASSES = 4;
    private static final Shape IMAGE = new Shape(1, 8, 8);
    private static final SeedLaw SEEDS = new SeedLaw(42);

    static Stream<Arguments> cases() {
        Map<String, Optimizer> optimizers = Map.of(
                "sgd", new Sgd(0.05),
                "momentum", new Momentum(0.05, 0.9),
                "adagrad", new AdaGrad(0.01, 1e-7),
                "rmsprop", new RmsProp(0.001, 0.99, 1e-7),
                "adam", new Adam(0.001, 0.9, 0.999, 1e-7));
        Layer norm = new BatchNorm(0.9, 1e-5);
        Layer relu = new Activation(ActivationFunction.RELU);
        Map<String, List<Layer>> networks = Map.of(
                "batch norm",
                List.of(
                        new Convolution(6, 3, 1, 1, ActivationFunction.IDENTITY),
                        norm,
                        relu,
                        CourseNetworks.pool(),
                        new Dense(12, ActivationFunction.IDENTITY),
                        norm,
                        relu,
                        CourseNetworks.softmax(CLASSES)),
                "dropout",
                List.of(
                        CourseNetworks.conv(6, 3, 0),
                        CourseNetworks.pool(),
                        new Dropout(0.25),
                        CourseNetworks.dense(12),
                        new Dropout(0.5),
                        CourseNetworks.softmax(CLASSES)));
        List<Arguments> cases = new ArrayList<>();
        optimizers.forEach((optimizer, spec) -> networks.forEach((name, layers) -> {
            cases.add(Arguments.of(
                    optimizer + ", " + name, new NetworkSpec(IMAGE, layers, new WeightInit.He(), spec, 0, 0)));
            cases.add(Arguments.of(
                    optimizer + ", " + name + ", l1, l2",
                    new NetworkSpec(IMAGE, layers, new WeightInit.He(), spec, 1e-4, 1e-2)));
        }));
        return cases.stream();
    }

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void oneShardIsStockDl4j(String name, NetworkSpec spec) {
        System.setProperty(KERNELS, "off"); // DL4J as it comes, on both sides
        equalsFit(spec, stock -> {});
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void oneShardIsDl4jWithOurLayers(String name, NetworkSpec spec) {
        equalsFit(spec, FastLayers::install);
    }

    /**
     * Where DL4J and we differ: a rate of 0. ND4J's Adam then takes epsilon for the rate and goes on training; ours stands.
     * Its state goes on as ND4J's, and the other optimizers have ND4J's bits there too.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void atRateZeroOnlyAdamLeavesDl4j(String name, NetworkSpec plain) {
        System.setProperty(KERNELS, "off");
        NetworkSpec spec = plain.with(new Schedule(Schedule.Decay.COSINE, 0, 2, 0, 1));
        boolean adam = plain.optimizer() instanceof Adam;
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        Network stock = Networks.build(spec, SEEDS.seed(Purpose.INITIAL_WEIGHTS));
        MultiLayerNetwork dl4j = (MultiLayerNetwork) stock.model();
        if (stock.optimizerState() != null) {
            stock.optimizerState().assign(0);
        }
        for (int step = 0; step < 3; step++) {
            float[] before = replica.parameters();
            List<byte[]> batch = Examples.random(IMAGE, CLASSES, 12, step);
            StepId id = new StepId(step, 0, batch.size());
            replica.step(id, replica.gradient(id, 0, batch));
            Nd4j.getRandom().setSeed(SEEDS.seed(Purpose.DROPOUT, 0, step, 0));
            dl4j.fit(Examples.features(IMAGE, batch), Examples.labels(CLASSES, batch));
            float[] theirs = stock.parameters().data().asFloat();
            if (adam && step == 2) {
                int weights = before.length - CLASSES; // behind them the last biases; batch norm's averages are before
                assertThat(Arrays.copyOfRange(replica.parameters(), weights, before.length))
                        .isEqualTo(Arrays.copyOfRange(before, weights, before.length))
                        .isNotEqualTo(Arrays.copyOfRange(theirs, weights, before.length));
            } else {
                assertThat(replica.parameters()).isEqualTo(theirs);
            }
            if (stock.optimizerState() != null) {
                assertThat(replica.optimizerState())
                        .isEqualTo(stock.optimizerState().data().asFloat());
            }
        }
    }

    private static void equalsFit(NetworkSpec spec, Consumer<MultiLayerNetwork> prepare) {
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerState().length]); // every state of ours starts at 0

        MultiLayerNetwork stock = new MultiLayerNetwork(Networks.stack(spec, SEEDS.seed(Purpose.INITIAL_WEIGHTS)));
        stock.init();
        prepare.accept(stock);
        INDArray state = stock.getUpdater().getStateViewArray();
        if (state != null) {
            state.assign(0);
        }
        assertThat(replica.parameters()).isEqualTo(stock.params().data().asFloat());
        float[] initial = replica.parameters();

        int[] sizes = {12, 12, 5, 1}; // ragged: an epoch of 30 examples
        for (int step = 0; step < STEPS; step++) {
            int epoch = step / sizes.length;
            List<byte[]> batch = Examples.random(IMAGE, CLASSES, sizes[step % sizes.length], step);
            StepId id = new StepId(step, epoch, batch.size());
            replica.step(id, replica.gradient(id, 0, batch));

            Nd4j.getRandom().setSeed(SEEDS.seed(Purpose.DROPOUT, epoch, step, 0));
            stock.setEpochCount(epoch);
            stock.fit(Examples.features(IMAGE, batch), Examples.labels(CLASSES, batch));

            assertThat(replica.parameters())
                    .as("parameters after step %d", step)
                    .isEqualTo(stock.params().data().asFloat());
            assertThat(replica.optimizerState())
                    .as("optimizer state after step %d", step)
                    .isEqualTo(state == null ? new float[0] : state.data().asFloat());
        }
        assertThat(replica.parameters()).isNotEqualTo(initial);
        assertThat(stock.getIterationCount()).isEqualTo(STEPS);
    }
}
