package dev.lockstep.worker.dl4j.onnx;

import dev.lockstep.worker.dl4j.layer.GroupNormalization;
import dev.lockstep.worker.dl4j.layer.HostedLayer;
import dev.lockstep.worker.dl4j.layer.TiedOutputLayer;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.GroupNorm;
import dev.lockstep.worker.model.layer.SequenceLayer;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.activations.IActivation;

/**
 * What DL4J's layers compute in evaluation, in ONNX's operators; a layer of ours says it itself. Values are {@code [batch,
 * channels, height, width]}, {@code [batch, length]} or {@code [batch, time, length]}. Of exactly these classes: subclasses
 * compute something else.
 */
final class LayerOperators {
    private static final Map<Class<?>, Operators<Layer>> ALL = new HashMap<>();

    /** The others would take time for something else. */
    private static final Set<Class<?>> OF_SEQUENCES = Set.of(
            ActivationLayer.class,
            DropoutLayer.class,
            GlobalPoolingLayer.class,
            GravesLSTM.class,
            HostedLayer.class,
            LSTM.class,
            RnnOutputLayer.class,
            SimpleRnn.class,
            TiedOutputLayer.class);

    private interface Operators<L> {
        /**
         * @param input the shape of one example of x
         * @param output the same of the layer's value
         * @return the layer's value; of one that ends the network, before its activation
         */
        String of(L layer, Shape input, Shape output, String x, Place at);
    }

    static {
        enter(
                DenseLayer.class,
                (dense, input, output, x, at) ->
                        activated(dense.getActivationFn(), output, sums(dense.hasLayerNorm(), x, at), at));
        enter(OutputLayer.class, (layer, input, output, x, at) -> sums(false, x, at));
        enter(LossLayer.class, (loss, input, output, x, at) -> x);
        enter(ConvolutionLayer.class, LayerOperators::convolution);
        enter(SubsamplingLayer.class, LayerOperators::pooling);
        enter(GlobalPoolingLayer.class, LayerOperators::globalPooling);
        enter(BatchNormalization.class, (norm, input, output, x, at) -> batchNorm(norm, x, at));
        enter(LocalResponseNormalization.class, (norm, input, output, x, at) -> responseNorm(norm, x, at));
        enter(
                GroupNormalization.class,
                (norm, input, output, x, at) ->
                        GroupNorm.onnx(norm.byChannel() ? input.channels() : 1, norm.epsilon(), input, x, at.onnx()));
        enter(
                ActivationLayer.class,
                (activation, input, output, x, at) -> activated(activation.getActivationFn(), output, x, at));
        enter(DropoutLayer.class, (dropout, input, output, x, at) -> x);
        enter(
                HostedLayer.class,
                (hosted, input, output, x, at) -> hosted.layer() instanceof SequenceLayer sequences
                        ? sequences.onnx(input, x, at.steps())
                        : hosted.layer().onnx(input, x, at.onnx()));
        enter(SimpleRnn.class, (rnn, input, output, x, at) -> RecurrentOperators.rnn(rnn, x, at));
        enter(LSTM.class, (lstm, input, output, x, at) -> RecurrentOperators.lstm(lstm, x, at));
        enter(GravesLSTM.class, (lstm, input, output, x, at) -> RecurrentOperators.lstm(lstm, x, at));
        enter(TiedOutputLayer.class, (layer, input, output, x, at) -> RecurrentOperators.sums(x, at.onnx()));
        enter(RnnOutputLayer.class, (layer, input, output, x, at) -> RecurrentOperators.sums(x, at.onnx()));
    }

    private LayerOperators() {}

    private static <L extends Layer> void enter(Class<L> type, Operators<L> operators) {
        ALL.put(type, (layer, input, output, x, at) -> operators.of(type.cast(layer), input, output, x, at));
    }

    /** Whether a layer computes the loss. */
    static boolean endsNetwork(Layer layer) {
        return layer instanceof OutputLayer || layer instanceof RnnOutputLayer || layer instanceof LossLayer;
    }

    /** @return the layer's value; of one that ends the network, before its activation */
    static String of(Layer layer, Shape input, Shape output, String x, Place at) {
        Operators<Layer> operators = ALL.get(layer.getClass());
        if (operators == null) {
            throw at.refusal("no operators are known for it");
        }
        if (input.hasTime() && !OF_SEQUENCES.contains(layer.getClass())) {
            throw at.refusal("no operators are known for it over sequences");
        }
        return operators.of(layer, input, output, x, at);
    }

    private static String activated(IActivation function, Shape output, String x, Place at) {
        return ActivationOperators.of(function, output.isImage(), x, at);
    }

    /** x W + b */
    private static String sums(boolean normalised, String x, Place at) {
        if (normalised) {
            throw at.refusal("no operators are known for a layer normalisation in it");
        }
        return at.onnx().add("Gemm", weighted(x, at.onnx()));
    }

    /** What a layer with weights, and perhaps biases, reads. */
    private static List<String> weighted(String x, OnnxLayer onnx) {
        List<String> reads = new ArrayList<>(List.of(x, onnx.parameter(DefaultParamInitializer.WEIGHT_KEY)));
        if (onnx.has(DefaultParamInitializer.BIAS_KEY)) {
            reads.add(onnx.vector(DefaultParamInitializer.BIAS_KEY));
        }
        return reads;
    }

    private static String convolution(ConvolutionLayer layer, Shape input, Shape output, String x, Place at) {
        at.requireChannelsFirst(layer.getCnn2dDataFormat());
        Window window = new Window(
                layer.getKernelSize(), layer.getStride(), layer.getPadding(), layer.getDilation(), input, output);
        String sums = at.onnx()
                .add(
                        "Conv",
                        weighted(x, at.onnx()),
                        Attribute.of("kernel_shape", longs(window.kernel())),
                        Attribute.of("strides", longs(window.stride())),
                        Attribute.of("dilations", longs(window.dilation())),
                        Attribute.of("pads", window.pads(layer.getConvolutionMode())));
        return activated(layer.getActivationFn(), output, sums, at);
    }

    private static String pooling(SubsamplingLayer layer, Shape input, Shape output, String x, Place at) {
        at.requireChannelsFirst(layer.getCnn2dDataFormat());
        int[] dilation = layer.getDilation();
        if (dilation[0] != 1 || dilation[1] != 1) {
            throw at.refusal("no operators are known for a pooling with dilation");
        }
        Window window =
                new Window(layer.getKernelSize(), layer.getStride(), layer.getPadding(), dilation, input, output);
        Attribute kernel = Attribute.of("kernel_shape", longs(window.kernel()));
        Attribute strides = Attribute.of("strides", longs(window.stride()));
        Attribute pads = Attribute.of("pads", window.pads(layer.getConvolutionMode()));
        PoolingType type = layer.getPoolingType();
        return switch (type) {
            case MAX -> at.onnx().add("MaxPool", List.of(x), kernel, strides, pads);
            case AVG ->
                at.onnx()
                        .add(
                                "AveragePool",
                                List.of(x),
                                kernel,
                                strides,
                                pads,
                                Attribute.of("count_include_pad", layer.isAvgPoolIncludePadInDivisor() ? 1 : 0));
            default -> throw at.refusal("no operators are known for the pooling " + type);
        };
    }

    /**
     * A sliding window.
     *
     * @param kernel of this and the others the one of the rows, then the one of the columns
     */
    private record Window(int[] kernel, int[] stride, int[] padding, int[] dilation, Shape input, Shape output) {

        /** Before the rows and the columns, then behind them. */
        long[] pads(ConvolutionMode mode) {
            if (mode != ConvolutionMode.Same) {
                return new long[] {padding[0], padding[1], padding[0], padding[1]};
            }
            int[] in = {input.height(), input.width()};
            int[] out = {output.height(), output.width()};
            int[] before = ConvolutionUtils.getSameModeTopLeftPadding(out, in, kernel, stride, dilation);
            long[] pads = new long[4];
            for (int axis = 0; axis < 2; axis++) {
                int read = (out[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1;
                pads[axis] = before[axis];
                pads[axis + 2] = Math.max(0, read - in[axis] - before[axis]);
            }
            return pads;
        }
    }

    private static String globalPooling(GlobalPoolingLayer layer, Shape input, Shape output, String x, Place at) {
        if (!layer.isCollapseDimensions()) {
            throw at.refusal("no operators are known for a pooling that keeps its dimensions");
        }
        OnnxLayer onnx = at.onnx();
        if (input.isImage()) {
            String pooled =
                    switch (layer.getPoolingType()) {
                        case AVG -> onnx.add("GlobalAveragePool", List.of(x));
                        case MAX -> onnx.add("GlobalMaxPool", List.of(x));
                        default -> throw at.refusal("no operators are known for the pooling " + layer.getPoolingType());
                    };
            return flattened(pooled, onnx);
        }
        if (!input.hasTime() || layer.getPoolingType() != PoolingType.AVG) {
            throw at.refusal("no operators are known for the pooling " + layer.getPoolingType() + " over time");
        }
        String inside = onnx.unsqueezed(at.mask(), 2); // [batch, time, 1]
        String overTime = onnx.integers("time", 1);
        Attribute gone = Attribute.of("keepdims", 0);
        String sum = onnx.add("ReduceSum", List.of(at.steps().inside(x), overTime), gone);
        return onnx.add("Div", List.of(sum, onnx.add("ReduceSum", List.of(inside, overTime), gone)));
    }

    /** {@code [batch, values]}: channel after channel, row after row */
    static String flattened(String x, OnnxLayer onnx) {
        return onnx.add("Flatten", List.of(x), Attribute.of("axis", 1));
    }

    private static String batchNorm(BatchNormalization norm, String x, Place at) {
        at.requireChannelsFirst(norm.getCnn2DFormat());
        OnnxLayer onnx = at.onnx();
        return onnx.add(
                "BatchNormalization",
                List.of(
                        x,
                        fixedOrLearnt(BatchNormalizationParamInitializer.GAMMA, norm.getGamma(), norm, onnx),
                        fixedOrLearnt(BatchNormalizationParamInitializer.BETA, norm.getBeta(), norm, onnx),
                        onnx.vector(BatchNormalizationParamInitializer.GLOBAL_MEAN),
                        variance(norm, onnx)),
                Attribute.of("epsilon", (float) norm.getEps()));
    }

    private static String fixedOrLearnt(String parameter, double fixed, BatchNormalization norm, OnnxLayer onnx) {
        return onnx.has(parameter)
                ? onnx.vector(parameter)
                : onnx.constant(parameter, Tensor.filled((int) norm.getNOut(), (float) fixed));
    }

    /** DL4J's usual batch norm keeps the logarithm of its root. */
    private static String variance(BatchNormalization norm, OnnxLayer onnx) {
        if (!norm.isUseLogStd()) {
            return onnx.vector(BatchNormalizationParamInitializer.GLOBAL_VAR);
        }
        Tensor logarithms =
                onnx.tensor(BatchNormalizationParamInitializer.GLOBAL_LOG_STD).flat();
        return onnx.constant(BatchNormalizationParamInitializer.GLOBAL_VAR, logarithms.map(logarithm -> {
            double deviation = Math.pow(10, logarithm);
            return (float) (deviation * deviation);
        }));
    }

    /** ONNX's alpha is for the mean of the squares, DL4J's for their sum. */
    private static String responseNorm(LocalResponseNormalization norm, String x, Place at) {
        at.requireChannelsFirst(norm.getDataFormat());
        int size = 2 * ((int) norm.getN() / 2) + 1;
        return at.onnx()
                .add(
                        "LRN",
                        List.of(x),
                        Attribute.of("size", size),
                        Attribute.of("bias", (float) norm.getK()),
                        Attribute.of("alpha", (float) (norm.getAlpha() * size)),
                        Attribute.of("beta", (float) norm.getBeta()));
    }

    private static long[] longs(int[] numbers) {
        return Arrays.stream(numbers).asLongStream().toArray();
    }
}
