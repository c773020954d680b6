package dev.lockstep.bench.micro;

import dev.lockstep.worker.dl4j.Updaters;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.dl4j.updater.HostedUpdater;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.natives.Natives;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** An optimizer's arithmetic over 431,080 parameters (lenet's), with the copy of a gradient to start from (about 40 us). */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class OptimizerBenchmark {
    /** The optimizers that Lockstep knows. */
    public enum Case {
        SGD(new Sgd(0.1)),
        MOMENTUM(new HostedUpdater(new Momentum(0.1, 0.9))),
        NESTEROV(new Nesterovs(0.1, 0.9)),
        ADAGRAD(new AdaGrad(0.1)),
        RMSPROP(new RmsProp(0.01)),
        ADADELTA(new AdaDelta()),
        ADAM(new Adam(0.001));

        private final IUpdater config;

        Case(IUpdater config) {
            this.config = config;
        }
    }

    @Param
    private Case optimizer;

    /** Momentum is ours in any case: DL4J has none. */
    @Param({"on", "off"})
    private String kernels;

    private GradientUpdater<?> updater;
    private INDArray start;
    private INDArray gradient;

    @Setup
    public void build() {
        System.setProperty("lockstep.kernels", kernels);
        Natives.ready();
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .updater(optimizer.config)
                .list()
                .layer(new OutputLayer.Builder()
                        .nIn(43_107)
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        network.initGradientsView();
        var all = (BaseMultiLayerUpdater<?>) network.getUpdater();
        Updaters.install(all, FastLayers.mode() == FastLayers.Mode.ON);
        updater = all.getUpdaterBlocks().get(0).getGradientUpdater();
        start = Nd4j.randn(DataType.FLOAT, 1, network.numParams()).muli(0.01);
        gradient = start.dup();
    }

    @Benchmark
    public INDArray apply() {
        gradient.assign(start);
        updater.applyUpdater(gradient, 100, 0);
        return gradient;
    }
}
