package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.LstmCells;
import dev.lockstep.worker.math.RnnCells;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Squash;
import dev.lockstep.worker.math.Workbench;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op;
import org.deeplearning4j.nn.conf.layers.AbstractLSTM;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.layers.DropoutLayer;
import org.deeplearning4j.nn.layers.LossLayer;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer;
import org.deeplearning4j.nn.layers.recurrent.GravesLSTM;
import org.deeplearning4j.nn.layers.recurrent.LSTM;
import org.deeplearning4j.nn.layers.recurrent.RnnOutputLayer;
import org.deeplearning4j.nn.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.params.SimpleRnnParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;

/** Which of DL4J's layers and sums we have one of our own for, and which it is; for the others, why not. */
final class KernelCatalogue {
    private static final Map<Class<? extends Layer>, Entry<?>> ALL = new HashMap<>();

    /**
     * What we do with one of DL4J's layers. Of exactly this class: subclasses compute something else.
     *
     * @param obstacle why a layer of this class has to stay; empty when ours can take its place
     * @param kernel ours; null where DL4J's, between layers of ours, is as good
     */
    private record Entry<L extends Layer>(Class<L> type, Function<L, String> obstacle, Kernel kernel) {
        String obstacle(Layer layer) {
            return obstacle.apply(type.cast(layer));
        }
    }

    /** Makes a layer of ours. */
    private interface Kernel {
        /** @param inputGradient whether anybody reads the gradient of the layer's input */
        AbstractLayer<?> of(NeuralNetConfiguration conf, Workbench bench, boolean inputGradient);
    }

    static {
        enter(
                ConvolutionLayer.class,
                (conf, bench, inputGradient) -> new FastConvolution(conf, DataType.FLOAT, bench, inputGradient));
        enter(
                SubsamplingLayer.class,
                KernelCatalogue::obstacle,
                (conf, bench, inputGradient) -> new FastPooling(conf, DataType.FLOAT, bench));
        enter(
                GlobalPoolingLayer.class,
                KernelCatalogue::obstacle,
                (conf, bench, inputGradient) -> new FastGlobalPooling(conf, DataType.FLOAT, bench));
        enter(BatchNormalization.class, (conf, bench, inputGradient) -> {
            FastBatchNorm layer = new FastBatchNorm(conf, DataType.FLOAT, bench);
            OneDnn.install(layer);
            return layer;
        });
        enter(
                LocalResponseNormalization.class,
                (conf, bench, inputGradient) -> new FastResponseNorm(conf, DataType.FLOAT, bench));
        enter(
                DenseLayer.class,
                layer -> layer.layerConf().hasLayerNorm() ? "layer norm" : "",
                (conf, bench, inputGradient) -> new FastDense(conf, DataType.FLOAT, bench, inputGradient));
        enter(OutputLayer.class, (conf, bench, inputGradient) -> new FastOutput(conf, DataType.FLOAT, bench));
        enter(ActivationLayer.class, (conf, bench, inputGradient) -> new FastActivation(conf, DataType.FLOAT, bench));
        enter(DropoutLayer.class, (conf, bench, inputGradient) -> new FastDropout(conf, DataType.FLOAT));
        enter(LossLayer.class, null); // does next to nothing
        enter(
                RnnOutputLayer.class,
                (conf, bench, inputGradient) -> new FastSequenceOutput(conf, DataType.FLOAT, bench));
        enter(
                SimpleRnn.class,
                layer -> layer.hasLayerNorm()
                        ? "layer norm"
                        : function(layer.layerConf().getActivationFn()),
                KernelCatalogue::recurrent);
        enter(LSTM.class, layer -> obstacle(layer.layerConf()), KernelCatalogue::recurrent);
        enter(GravesLSTM.class, layer -> obstacle(layer.layerConf()), KernelCatalogue::recurrent);
    }

    private KernelCatalogue() {}

    private static <L extends Layer> void enter(Class<L> type, Kernel kernel) {
        enter(type, layer -> "", kernel);
    }

    private static <L extends Layer> void enter(Class<L> type, Function<L, String> obstacle, Kernel kernel) {
        ALL.put(type, new Entry<>(type, obstacle, kernel));
    }

    private static String function(IActivation function) {
        return squash(function) == null ? "function " + function : "";
    }

    private static Squash squash(IActivation function) {
        if (function instanceof ActivationTanH) {
            return Squash.TANH;
        } else if (function instanceof ActivationSigmoid) {
            return Squash.SIGMOID;
        } else if (function instanceof ActivationReLU) {
            return function.equals(new ActivationReLU()) ? Squash.RELU : null;
        }
        return function instanceof ActivationIdentity ? Squash.IDENTITY : null;
    }

    private static String obstacle(AbstractLSTM conf) {
        return conf.getActivationFn() instanceof ActivationTanH
                        && conf.getGateActivationFn() instanceof ActivationSigmoid
                ? ""
                : "other functions than tanh and sigmoid";
    }

    /** The three arrays of both lie as our cells have them. */
    private static AbstractLayer<?> recurrent(NeuralNetConfiguration conf, Workbench bench, boolean inputGradient) {
        var layer = (BaseRecurrentLayer) conf.getLayer();
        int units = Math.toIntExact(layer.getNOut());
        SequenceKernel cells = layer instanceof AbstractLSTM
                ? new LstmCells(units, false, layer instanceof org.deeplearning4j.nn.conf.layers.GravesLSTM)
                : new RnnCells(units, squash(layer.getActivationFn()), false);
        List<String> parameters = List.of(
                SimpleRnnParamInitializer.WEIGHT_KEY,
                SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY,
                SimpleRnnParamInitializer.BIAS_KEY);
        return new SequenceHost<>(conf, DataType.FLOAT, cells, parameters, true, units, inputGradient);
    }

    /** Why we have no layer for this one; empty when we have. */
    static String obstacle(Layer layer) {
        if (layer instanceof AbstractLayer<?> known && known.getDataType() != DataType.FLOAT) {
            return "not float32";
        }
        if (layer instanceof BaseLayer<?> base && base.layerConf().getWeightNoise() != null) {
            return "weight noise";
        }
        if (layer instanceof FastLayer || layer.getClass() == GroupNormalizationLayer.class) {
            return "";
        }
        Entry<?> entry = ALL.get(layer.getClass());
        return entry == null ? "no kernel" : entry.obstacle(layer);
    }

    private static String obstacle(SubsamplingLayer layer) {
        var conf = layer.layerConf();
        if (conf.getDilation()[0] != 1 || conf.getDilation()[1] != 1) {
            return "dilated pooling"; // DL4J's on oneDNN ignores the dilation: which is right is not ours to say
        }
        return obstacle(conf.getPoolingType());
    }

    private static String obstacle(GlobalPoolingLayer layer) {
        var conf = layer.layerConf();
        if (!FastGlobalPooling.poolsImages(conf.getPoolingDimensions())) {
            return "pooling over dimensions " + Arrays.toString(conf.getPoolingDimensions());
        }
        return obstacle(conf.getPoolingType());
    }

    private static String obstacle(PoolingType type) {
        return type == PoolingType.MAX || type == PoolingType.AVG ? "" : "pooling " + type;
    }

    /** Why we have nothing of our own for a vertex without a layer; empty when we have. */
    static String obstacle(GraphVertex vertex, ComputationGraph network) {
        if (vertex instanceof FastSum || vertex instanceof FastConcat) {
            return "";
        }
        if (vertex.getClass() == MergeVertex.class) {
            var conf = (org.deeplearning4j.nn.conf.graph.MergeVertex)
                    network.getConfiguration().getVertices().get(vertex.getVertexName());
            return FastConcat.obstacle((MergeVertex) vertex, conf.getMergeAxis());
        }
        if (vertex.getClass() != ElementWiseVertex.class) {
            return "no kernel";
        }
        var op = operation(vertex, network);
        if (op != Op.Add && op != Op.Average) {
            return "operation " + op;
        }
        return ((ElementWiseVertex) vertex).getDataType() == DataType.FLOAT ? "" : "not float32";
    }

    private static Op operation(GraphVertex vertex, ComputationGraph network) {
        var conf = network.getConfiguration().getVertices().get(vertex.getVertexName());
        return ((org.deeplearning4j.nn.conf.graph.ElementWiseVertex) conf).getOp();
    }

    /**
     * Our layer for one without an obstacle; that one itself where DL4J's, between layers of ours, is as good.
     *
     * @param inputGradient whether anybody reads the gradient of the layer's input
     */
    static Layer replacement(Layer stock, Workbench bench, boolean inputGradient) {
        if (stock instanceof SequenceHost<?> own && !inputGradient) {
            own.leaveOutInputGradient();
        }
        Entry<?> entry = ALL.get(stock.getClass());
        return entry == null || entry.kernel() == null
                ? stock
                : adopt(stock, entry.kernel().of(stock.conf(), bench, inputGradient));
    }

    /** Our vertex for one without an obstacle. */
    static GraphVertex replacement(GraphVertex stock, ComputationGraph network, Workbench bench) {
        if (stock instanceof FastLayer) {
            return stock;
        } else if (stock instanceof MergeVertex merge) {
            return new FastConcat(merge);
        }
        boolean mean = operation(stock, network) == Op.Average;
        return new FastSum(
                (ElementWiseVertex) stock, mean ? ElementWiseVertex.Op.Average : ElementWiseVertex.Op.Add, bench);
    }

    /** DL4J's name of a vertex of ours. */
    static String typeOf(GraphVertex ours) {
        return ours.getClass().getSuperclass().getSimpleName();
    }

    /** Gives a layer what the network gave the one that it replaces. */
    private static <L extends AbstractLayer<?>> L adopt(Layer stock, L layer) {
        layer.setIndex(stock.getIndex());
        layer.setListeners(stock.getListeners());
        layer.setParamTable(stock.paramTable());
        if (stock.numParams() > 0) {
            layer.setParamsViewArray(stock.params());
            if (stock.getGradientsViewArray() != null) {
                layer.setBackpropGradientsViewArray(stock.getGradientsViewArray());
            }
        }
        return layer;
    }
}
