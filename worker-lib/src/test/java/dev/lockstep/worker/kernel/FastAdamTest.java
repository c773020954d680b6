package dev.lockstep.worker.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Our Adam beside ND4J's, bit by bit, with weight decay and a schedule around it. */
class FastAdamTest {

    @Test
    void fitsToTheBitsOfNd4js() {
        NativeThreads.holdToOne();
        MultiLayerNetwork stock = network();
        MultiLayerNetwork fast = network();
        BaseMultiLayerUpdater<?> optimizer = (BaseMultiLayerUpdater<?>) fast.getUpdater();
        FastLayers.installOptimizer(optimizer);
        assertThat(optimizer.getUpdaterBlocks()).allMatch(block -> block.getGradientUpdater() instanceof FastAdam);
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

    private static MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.FLOAT)
                .l2(1e-3)
                .updater(new Adam(new ExponentialSchedule(ScheduleType.ITERATION, 0.01, 0.99)))
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
