package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * y = f(x W + b), with x [batch, in] and W [in, units]. The forward result is kept for the backward pass, where DL4J
 * computes it again.
 */
final class FastDense extends DenseLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient DenseProducts products;
    private final transient Fusion fusion;
    private final transient PassCounter passes = new PassCounter(this::layerId);
    private final boolean givesInputGradient;

    private transient INDArray y; // before the activation function if it is not fused, else after

    FastDense(NeuralNetConfiguration conf, DataType type, Workbench bench, boolean givesInputGradient) {
        super(conf, type);
        this.products = new DenseProducts(bench);
        this.fusion = Fusion.of(layerConf().getActivationFn());
        this.givesInputGradient = givesInputGradient;
    }

    @Override
    protected Pair<INDArray, INDArray> preOutputWithPreNorm(
            boolean training, boolean forBackprop, LayerWorkspaceMgr workspaces) {
        throw new UnsupportedOperationException("computed with the activation, in one go");
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        passes.countForward();
        applyDropOutIfNecessary(training, workspaces);
        products.checkInput(input, getParam(DefaultParamInitializer.WEIGHT_KEY), layerId());
        input = products.dense(input, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        INDArray weights = getParam(DefaultParamInitializer.WEIGHT_KEY);
        INDArray bias = hasBias() ? getParam(DefaultParamInitializer.BIAS_KEY) : null;
        y = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, DataType.FLOAT, new long[] {input.size(0), weights.size(1)}, 'c');
        products.forward(input, weights, bias, fusion == Fusion.RELU, y);
        INDArray result = y;
        if (fusion == Fusion.NONE) {
            INDArray z = training ? workspaces.dup(ArrayType.ACTIVATIONS, y, 'c') : y;
            result = Elementwise.apply(layerConf().getActivationFn(), z, training);
        }
        if (maskArray != null) {
            applyMask(result);
        }
        if (!training) {
            y = null;
        }
        return result;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (y == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        INDArray delta = epsilon;
        if (fusion == Fusion.NONE) {
            delta = Elementwise.backprop(layerConf().getActivationFn(), y, epsilon, workspaces);
        }
        delta = workspaces.dup(ArrayType.BP_WORKING_MEM, delta, 'c');
        if (maskArray != null) {
            applyMask(delta);
        }
        if (fusion == Fusion.RELU) {
            products.mask(delta, y);
        }
        Gradient gradient = new DefaultGradient();
        INDArray weightGradient = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
        INDArray biasGradient = hasBias() ? gradientViews.get(DefaultParamInitializer.BIAS_KEY) : null;
        products.weightGradients(input, delta, weightGradient, biasGradient);
        if (biasGradient != null) {
            gradient.gradientForVariable().put(DefaultParamInitializer.BIAS_KEY, biasGradient);
        }
        gradient.gradientForVariable().put(DefaultParamInitializer.WEIGHT_KEY, weightGradient);
        INDArray dx = null;
        if (givesInputGradient) {
            dx = products.inputGradient(input, getParam(DefaultParamInitializer.WEIGHT_KEY), delta, workspaces);
            dx = backpropDropOutIfPresent(dx);
        }
        y = null;
        return new Pair<>(gradient, dx);
    }

    @Override
    public void clear() {
        super.clear();
        y = null;
    }

    @Override
    public String technique() {
        return "product"
                + fusion.describe(hasBias(), layerConf().getActivationFn())
                + (givesInputGradient ? "" : ", no input gradient");
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
