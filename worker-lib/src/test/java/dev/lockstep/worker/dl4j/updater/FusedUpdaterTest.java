package dev.lockstep.worker.dl4j.updater;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.dl4j.Updaters;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.natives.Natives;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaBelief;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Our optimizer passes beside ND4J's, bit by bit, with L1, L2 and a schedule around them. */
class FusedUpdaterTest {
    private static final ExponentialSchedule RATE = new ExponentialSchedule(ScheduleType.ITERATION, 0.01, 0.99);

    static Stream<IUpdater> optimizers() {
        return Stream.of(
                new Nesterovs(RATE, 0.9),
                new Nesterovs(0.01, 0.77),
                new AdaGrad(RATE, 1e-6),
                new AdaGrad(0.05, 0.3),
                new RmsProp(0.02, 0.95, 1e-8),
                new RmsProp(0.01, 0.6, 0.1),
                new AdaDelta(),
                new AdaDelta(0.8, 1e-3),
                new Adam(RATE),
                new Adam(0.01, 0.8, 0.9, 0.3));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void fitsToTheBitsOfNd4js(IUpdater optimizer) {
        Natives.ready();
        MultiLayerNetwork stock = network(optimizer);
        MultiLayerNetwork fast = network(optimizer);
        BaseMultiLayerUpdater<?> updater = (BaseMultiLayerUpdater<?>) fast.getUpdater();
        Updaters.install(updater, FastLayers.mode() == FastLayers.Mode.ON);
        assertThat(updater.getUpdaterBlocks()).allMatch(block -> block.getGradientUpdater() instanceof FusedUpdater);
        Nd4j.getRandom().setSeed(5);
        for (int step = 0; step < 50; step++) {
            INDArray examples = Nd4j.randn(DataType.FLOAT, 8, 33);
            INDArray labels = Nd4j.rand(DataType.FLOAT, 8, 5);
            for (MultiLayerNetwork network : List.of(stock, fast)) {
                network.fit(examples, labels);
            }
            assertThat(fast.params().toFloatVector()).isEqualTo(stock.params().toFloatVector());
        }
        assertThat(fast.getUpdater().getStateViewArray().toFloatVector())
                .isEqualTo(stock.getUpdater().getStateViewArray().toFloatVector());
    }

    static Stream<IUpdater> optimizersOfNd4j() {
        return Stream.of(
                new Sgd(0),
                new AdaGrad(0, .5),
                new RmsProp(0, .9, .5),
                new Adam(0, .9, .999, .5),
                new AMSGrad(0, .9, .999, .5),
                new AdaMax(0, .9, .999, .5),
                new Nadam(0, .9, .999, .5),
                new AdaBelief(0, .9, .999, .5));
    }

    /** Whatever of ND4J's a DL4J program brings, our kernels on or off. */
    @ParameterizedTest
    @MethodSource("optimizersOfNd4j")
    void nothingMovesAtRateZero(IUpdater optimizer) {
        Natives.ready();
        for (String kernels : List.of("on", "off")) {
            System.setProperty("lockstep.kernels", kernels);
            try {
                MultiLayerNetwork network = network(optimizer);
                float[] before = network.params().toFloatVector();
                Updaters.install(
                        (BaseMultiLayerUpdater<?>) network.getUpdater(), FastLayers.mode() == FastLayers.Mode.ON);
                network.fit(Nd4j.randn(DataType.FLOAT, 8, 33), Nd4j.rand(DataType.FLOAT, 8, 5));
                assertThat(network.params().toFloatVector()).isEqualTo(before);
            } finally {
                System.clearProperty("lockstep.kernels");
            }
        }
    }

    /** A schedule that ends at 0 within the steps that are compared must not cost a network our kernels. */
    @Test
    void aScheduleThatEndsAtZeroKeepsOurKernels() {
        MultiLayerNetwork network = network(new Adam(new MapSchedule(ScheduleType.ITERATION, Map.of(0, .01, 20, 0.))));
        BaseMultiLayerUpdater<?> updater = (BaseMultiLayerUpdater<?>) network.getUpdater();
        Updaters.install(updater, FastLayers.mode() == FastLayers.Mode.ON);
        assertThat(updater.getUpdaterBlocks()).allMatch(block -> block.getGradientUpdater() instanceof FusedUpdater);
    }

    private static MultiLayerNetwork network(IUpdater optimizer) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.FLOAT)
                .l1(1e-4)
                .l2(1e-3)
                .updater(optimizer)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(33)
                        .nOut(71)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder()
                        .nIn(71)
                        .nOut(5)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        network.initGradientsView();
        return network;
    }
}
