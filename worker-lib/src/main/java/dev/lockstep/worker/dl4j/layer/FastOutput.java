package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer with a loss: the products are ours, the loss and its gradient DL4J's own objects'. */
final class FastOutput extends OutputLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient DenseProducts products;
    private transient SampledOutput sampled; // null where the network learns of all outputs
    private final transient PassCounter passes = new PassCounter(this::layerId);

    FastOutput(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.products = new DenseProducts(bench);
    }

    /** Lets it learn of some outputs of each example alone. */
    void learnBy(SampledOutput some) {
        sampled = some;
    }

    @Override
    protected Pair<INDArray, INDArray> preOutputWithPreNorm(
            boolean training, boolean forBackprop, LayerWorkspaceMgr workspaces) {
        assertInputSet(forBackprop);
        passes.countForward();
        applyDropOutIfNecessary(training, workspaces);
        INDArray weights = getParam(DefaultParamInitializer.WEIGHT_KEY);
        products.checkInput(input, weights, layerId());
        INDArray x = products.dense(input, workspaces, ArrayType.FF_WORKING_MEM);
        INDArray bias = hasBias() ? getParam(DefaultParamInitializer.BIAS_KEY) : null;
        INDArray z = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, DataType.FLOAT, new long[] {input.size(0), weights.size(1)}, 'c');
        products.forward(x, weights, bias, false, z);
        if (maskArray != null) {
            applyMask(z);
        }
        return new Pair<>(z, z);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (sampled != null) {
            return sampledGradient(workspaces);
        }
        INDArray z = preOutput2d(true, workspaces);
        passes.countBackward();
        INDArray delta = layerConf()
                .getLossFn()
                .computeGradient(
                        getLabels2d(workspaces, ArrayType.BP_WORKING_MEM),
                        z,
                        layerConf().getActivationFn(),
                        maskArray);
        delta = workspaces.dup(ArrayType.BP_WORKING_MEM, delta, 'c');
        INDArray x = products.dense(input, workspaces, ArrayType.BP_WORKING_MEM);
        Gradient gradient = products.gradient(x, delta, gradientViews, hasBias());
        INDArray dx = products.inputGradient(x, getParam(DefaultParamInitializer.WEIGHT_KEY), delta, workspaces);
        return new Pair<>(gradient, backpropDropOutIfPresent(dx));
    }

    private Pair<Gradient, INDArray> sampledGradient(LayerWorkspaceMgr workspaces) {
        passes.countBackward();
        INDArray x = workspaces.dup(ArrayType.BP_WORKING_MEM, input.castTo(DataType.FLOAT), 'c');
        float[][] slopes = sampled.slopes(
                x,
                getParam(DefaultParamInitializer.WEIGHT_KEY),
                labels,
                layerConf().getLossFn());
        INDArray weightGradient = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
        INDArray dx = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, DataType.FLOAT, input.shape(), 'c');
        sampled.backward(slopes, weightGradient, dx);
        Gradient gradient = new DefaultGradient();
        gradient.gradientForVariable().put(DefaultParamInitializer.WEIGHT_KEY, weightGradient);
        return new Pair<>(gradient, backpropDropOutIfPresent(dx));
    }

    /** Of the last gradient, where some outputs are learnt from: no others are computed. */
    @Override
    public double computeScore(double regularisation, boolean training, LayerWorkspaceMgr workspaces) {
        return sampled == null
                ? super.computeScore(regularisation, training, workspaces)
                : sampled.loss(layerConf().getLossFn()) / getInputMiniBatchSize() + regularisation;
    }

    @Override
    public String technique() {
        if (sampled != null) {
            return "the sums of each example's class and of some that are drawn";
        }
        return "product" + (hasBias() ? " + bias" : "") + ", then DL4J's loss";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
