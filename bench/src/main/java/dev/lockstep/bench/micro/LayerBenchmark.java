package dev.lockstep.bench.micro;

import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.natives.Natives;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One layer of the networks that are benchmarked, 64 examples, computed by our layer, by DL4J's on oneDNN, or by DL4J's as
 * it comes. The backward pass needs a forward pass before it: its time is {@code both} less {@code forward}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LayerBenchmark {
    private static final int EXAMPLES = 64;
    private static final String WORKSPACE = "LAYER_BENCHMARK";

    /** What a layer's arrays are taken from, as in a network, so that no call asks the system for memory. */
    private static final WorkspaceConfiguration MEMORY =
            WorkspaceConfiguration.builder().initialSize(256L << 20).build();

    /** The layers of lenet, lenet-bn and deep. */
    public enum Case {
        LENET_CONV_1(1, 28, conv(20, 5, 0)),
        LENET_CONV_2(20, 12, conv(50, 5, 0)),
        DEEP_CONV_1(1, 28, conv(16, 3, 1)),
        DEEP_CONV_2(16, 28, conv(16, 3, 1)),
        DEEP_CONV_3(16, 14, conv(32, 3, 1)),
        DEEP_CONV_4(32, 14, conv(32, 3, 2)),
        DEEP_CONV_5(32, 8, conv(64, 3, 1)),
        DEEP_CONV_6(64, 8, conv(64, 3, 1)),
        MAX_POOL(
                20,
                24,
                new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build()),
        BATCH_NORM(20, 24, new BatchNormalization()),
        RELU(20, 24, new ActivationLayer(Activation.RELU)),
        DENSE(
                800,
                0,
                new DenseLayer.Builder().nOut(500).activation(Activation.RELU).build()),
        OUTPUT(
                500,
                0,
                new OutputLayer.Builder()
                        .nOut(10)
                        .activation(Activation.SOFTMAX)
                        .build());

        private final int channels;
        private final int side;
        private final Layer layer;

        Case(int channels, int side, Layer layer) {
            this.channels = channels;
            this.side = side;
            this.layer = layer;
        }

        private static Layer conv(int filters, int kernel, int padding) {
            return new ConvolutionLayer.Builder(kernel, kernel)
                    .nOut(filters)
                    .padding(padding, padding)
                    .activation(Activation.RELU)
                    .build();
        }

        /** As the first layer gets it: example by example. */
        private boolean first() {
            return channels == 1;
        }
    }

    @Param
    private Case layer;

    @Param({"on", "onednn", "off"})
    private String kernels;

    private final LayerWorkspaceMgr workspaces =
            LayerWorkspaceMgr.builder().defaultWorkspace(WORKSPACE, MEMORY).build();
    private org.deeplearning4j.nn.api.Layer computing;
    private INDArray input;
    private INDArray gradient;

    @Setup
    public void build() {
        System.setProperty("lockstep.kernels", kernels);
        Natives.ready();
        var list = new NeuralNetConfiguration.Builder()
                .seed(1)
                .dataType(DataType.FLOAT)
                .updater(new Sgd(0.1))
                .list();
        if (!layer.first()) { // something in front of it, so that it gives the gradient of its input
            list.layer(new ActivationLayer(Activation.IDENTITY));
        }
        MultiLayerNetwork network = new MultiLayerNetwork(list.layer(layer.layer.clone())
                .setInputType(
                        layer.side == 0
                                ? InputType.feedForward(layer.channels)
                                : InputType.convolutional(layer.side, layer.side, layer.channels))
                .build());
        network.init();
        network.initGradientsView();
        FastLayers.install(network);
        computing = network.getLayers()[network.getnLayers() - 1];
        input = array(
                layer.side == 0
                        ? new long[] {EXAMPLES, layer.channels}
                        : new long[] {EXAMPLES, layer.channels, layer.side, layer.side});
        if (computing instanceof IOutputLayer output) {
            INDArray labels = Nd4j.zeros(DataType.FLOAT, EXAMPLES, 10);
            labels.getColumn(3).assign(1);
            output.setLabels(labels);
        } else {
            long[] shape;
            try (MemoryWorkspace open = open()) {
                computing.setInput(input, workspaces);
                shape = computing.activate(true, workspaces).shape();
            }
            gradient = array(shape);
        }
    }

    /** Random values, in the order in which the layers around it hand them on: ours with the batch last. */
    private INDArray array(long... shape) {
        if (shape.length == 2 || !kernels.equals("on") || layer.first() && input == null) {
            return Nd4j.randn(DataType.FLOAT, shape);
        }
        return Nd4j.randn(DataType.FLOAT, shape[1], shape[2], shape[3], shape[0])
                .permute(3, 0, 1, 2);
    }

    private static MemoryWorkspace open() {
        return Nd4j.getWorkspaceManager().getAndActivateWorkspace(MEMORY, WORKSPACE);
    }

    @Benchmark
    public Object forward() {
        try (MemoryWorkspace open = open()) {
            computing.setInput(input, workspaces);
            return computing.activate(true, workspaces);
        }
    }

    @Benchmark
    public Object both() {
        try (MemoryWorkspace open = open()) {
            computing.setInput(input, workspaces);
            if (gradient != null) { // an output layer's backward pass computes its sums anew
                computing.activate(true, workspaces);
            }
            return computing.backpropGradient(gradient, workspaces);
        }
    }
}
