package dev.lockstep.worker.kernel;

import dev.lockstep.worker.layer.GroupNormalizationLayer;
import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
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
import org.nd4j.linalg.api.buffer.DataType;

/** Which of DL4J's layers and sums we have one of our own for, and which it is; for the others, why not. */
final class KernelCatalogue {
    private KernelCatalogue() {}

    /** Why we have no layer for this one; empty when we have. Exact classes: subclasses compute something else. */
    static String obstacle(Layer layer) {
        if (layer instanceof AbstractLayer<?> known && known.getDataType() != DataType.FLOAT) {
            return "not float32";
        }
        if (layer instanceof BaseLayer<?> base && base.layerConf().getWeightNoise() != null) {
            return "weight noise";
        }
        if (layer.getClass() == ConvolutionLayer.class
                || layer.getClass() == BatchNormalization.class
                || layer.getClass() == LocalResponseNormalization.class) {
            return "";
        }
        if (layer.getClass() == SubsamplingLayer.class) {
            var conf = ((SubsamplingLayer) layer).layerConf();
            if (conf.getDilation()[0] != 1 || conf.getDilation()[1] != 1) {
                return "dilated pooling"; // DL4J's on oneDNN ignores the dilation: which is right is not ours to say
            }
            return isMaxOrAverage(conf.getPoolingType()) ? "" : "pooling " + conf.getPoolingType();
        }
        if (layer.getClass() == GlobalPoolingLayer.class) {
            var conf = ((GlobalPoolingLayer) layer).layerConf();
            if (!FastGlobalPooling.poolsImages(conf.getPoolingDimensions())) {
                return "pooling over dimensions " + Arrays.toString(conf.getPoolingDimensions());
            }
            return isMaxOrAverage(conf.getPoolingType()) ? "" : "pooling " + conf.getPoolingType();
        }
        if (layer.getClass() == DenseLayer.class) {
            return ((DenseLayer) layer).layerConf().hasLayerNorm() ? "layer norm" : "";
        }
        if (layer.getClass() == OutputLayer.class || layer.getClass() == ActivationLayer.class) {
            return "";
        }
        // A loss layer does next to nothing, and DL4J's does it.
        if (layer.getClass() == DropoutLayer.class || layer.getClass() == LossLayer.class) {
            return "";
        }
        return layer instanceof FastLayer || layer.getClass() == GroupNormalizationLayer.class ? "" : "no kernel";
    }

    /** Why we have no sum for this vertex; empty when we have. */
    static String obstacle(GraphVertex vertex, ComputationGraph network) {
        if (vertex instanceof FastSum) {
            return "";
        }
        if (vertex.getClass() != ElementWiseVertex.class) {
            return "no kernel";
        }
        var conf = (org.deeplearning4j.nn.conf.graph.ElementWiseVertex)
                network.getConfiguration().getVertices().get(vertex.getVertexName());
        if (conf.getOp() != org.deeplearning4j.nn.conf.graph.ElementWiseVertex.Op.Add) {
            return "operation " + conf.getOp();
        }
        return ((ElementWiseVertex) vertex).getDataType() == DataType.FLOAT ? "" : "not float32";
    }

    private static boolean isMaxOrAverage(PoolingType type) {
        return type == PoolingType.MAX || type == PoolingType.AVG;
    }

    /**
     * Our layer for one without an obstacle; that one itself where DL4J's, between layers of ours, is as good.
     *
     * @param inputGradient whether anybody reads the gradient of the layer's input
     */
    static Layer replacement(Layer stock, Workbench bench, boolean inputGradient) {
        var conf = stock.conf();
        if (stock.getClass() == ConvolutionLayer.class) {
            return adopt(stock, new FastConvolution(conf, DataType.FLOAT, bench, inputGradient));
        }
        if (stock.getClass() == SubsamplingLayer.class) {
            return adopt(stock, new FastPooling(conf, DataType.FLOAT, bench));
        }
        if (stock.getClass() == BatchNormalization.class) {
            var layer = new FastBatchNorm(conf, DataType.FLOAT, bench);
            OneDnn.install(layer);
            return adopt(stock, layer);
        }
        if (stock.getClass() == DenseLayer.class) {
            return adopt(stock, new FastDense(conf, DataType.FLOAT, bench, inputGradient));
        }
        if (stock.getClass() == OutputLayer.class) {
            return adopt(stock, new FastOutput(conf, DataType.FLOAT, bench));
        }
        if (stock.getClass() == ActivationLayer.class) {
            return adopt(stock, new FastActivation(conf, DataType.FLOAT, bench));
        }
        if (stock.getClass() == GlobalPoolingLayer.class) {
            return adopt(stock, new FastGlobalPooling(conf, DataType.FLOAT, bench));
        }
        if (stock.getClass() == LocalResponseNormalization.class) {
            return adopt(stock, new FastResponseNorm(conf, DataType.FLOAT, bench));
        }
        if (stock.getClass() == DropoutLayer.class) {
            return adopt(stock, new FastDropout(conf, DataType.FLOAT));
        }
        return stock;
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
