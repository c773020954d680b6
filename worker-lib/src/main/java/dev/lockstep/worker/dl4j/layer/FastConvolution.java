package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.ConvolutionProducts;
import dev.lockstep.worker.math.Window;
import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's convolution layer, its arithmetic by {@link ConvolutionProducts}; bias and ReLU are part of it. */
final class FastConvolution extends ConvolutionLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient ConvolutionProducts convolution;
    private final transient Fusion fusion;
    private final transient PassCounter passes = new PassCounter(this::layerId);
    private final boolean givesInputGradient;

    private transient INDArray x; // batch-last; kept for the backward pass, as the two below
    private transient INDArray y; // before the activation function if it is not fused, else after
    private transient ConvolutionProducts.Geometry shape;

    FastConvolution(NeuralNetConfiguration conf, DataType type, Workbench bench, boolean givesInputGradient) {
        super(conf, type);
        this.convolution = ConvolutionProducts.forChannels(layerConf().getNIn(), bench);
        this.fusion = Fusion.of(layerConf().getActivationFn());
        this.givesInputGradient = givesInputGradient;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        validateInputRank();
        passes.countForward();
        INDArray weights = getParam(ConvolutionParamInitializer.WEIGHT_KEY);
        validateInputDepth(weights.size(1));
        var conf = layerConf();
        INDArray image = BatchLast.channelsFirst(input, conf.getCnn2dDataFormat());
        Window window = Windows.of(
                image, conf.getKernelSize(), conf.getStride(), conf.getPadding(), conf.getDilation(), convolutionMode);
        x = BatchLast.of(image, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        shape = new ConvolutionProducts.Geometry(window, (int) x.size(0), (int) x.size(1), (int) weights.size(0));
        y = BatchLast.create(
                workspaces,
                ArrayType.ACTIVATIONS,
                shape.batch(),
                shape.filters(),
                window.rows().out(),
                window.columns().out());
        convolution.forward(
                shape, ArrayMemory.of(x), ArrayMemory.of(weights), bias(), fusion == Fusion.RELU, ArrayMemory.of(y));
        INDArray result = y;
        if (fusion == Fusion.NONE) {
            INDArray z = training ? MemoryOrder.of(y).copy(y, workspaces, ArrayType.ACTIVATIONS) : y;
            result = Elementwise.apply(conf.getActivationFn(), z, training);
        }
        if (!training) {
            forget();
        }
        return BatchLast.inFormat(result, conf.getCnn2dDataFormat());
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        CNN2DFormat format = layerConf().getCnn2dDataFormat();
        INDArray delta = BatchLast.channelsFirst(epsilon, format);
        if (fusion == Fusion.NONE) {
            delta = Elementwise.backprop(layerConf().getActivationFn(), y, delta, workspaces);
        }
        delta = BatchLast.of(delta, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray dx = givesInputGradient ? BatchLast.createLike(workspaces, ArrayType.ACTIVATION_GRAD, x) : null;
        INDArray weightGradient = gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
        INDArray biasGradient = hasBias() ? gradientViews.get(ConvolutionParamInitializer.BIAS_KEY) : null;
        convolution.backward(
                shape,
                ArrayMemory.of(x),
                fusion == Fusion.RELU ? ArrayMemory.of(y) : null,
                ArrayMemory.of(delta),
                ArrayMemory.of(getParam(ConvolutionParamInitializer.WEIGHT_KEY)),
                ArrayMemory.of(weightGradient),
                biasGradient == null ? null : ArrayMemory.of(biasGradient),
                dx == null ? null : ArrayMemory.of(dx));

        Gradient gradient = new DefaultGradient();
        if (biasGradient != null) {
            gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, biasGradient);
        }
        gradient.setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, weightGradient, 'c');
        forget();
        return new Pair<>(gradient, dx == null ? null : backpropDropOutIfPresent(BatchLast.inFormat(dx, format)));
    }

    private float[] bias() {
        if (!hasBias()) {
            return null;
        }
        float[] values = new float[shape.filters()];
        ArrayMemory.of(getParam(ConvolutionParamInitializer.BIAS_KEY)).read(0, values, 0, values.length);
        return values;
    }

    private void forget() {
        x = null;
        y = null;
        shape = null;
    }

    @Override
    public void clear() {
        super.clear();
        forget();
    }

    @Override
    public String technique() {
        return convolution.technique()
                + fusion.describe(hasBias(), layerConf().getActivationFn())
                + (givesInputGradient ? "" : ", no input gradient");
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
