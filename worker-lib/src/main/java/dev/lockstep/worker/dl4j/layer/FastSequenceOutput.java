package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.recurrent.RnnOutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A dense layer with a loss at every step: all steps in one product, in the order of {@link TimeFirst}, in which DL4J has the
 * rows of labels and mask, too; the loss and its gradient are DL4J's own objects'.
 */
class FastSequenceOutput extends RnnOutputLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient DenseProducts products;
    private final transient PassCounter passes = new PassCounter(this::layerId);

    FastSequenceOutput(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.products = new DenseProducts(bench);
    }

    /** {@code [in, units]}, column by column. */
    INDArray weights() {
        return getParam(DefaultParamInitializer.WEIGHT_KEY);
    }

    /** Computes those of the parameters, to where they are kept. */
    Gradient gradient(DenseProducts by, INDArray x, INDArray delta) {
        return by.gradient(x, delta, gradientViews, hasBias());
    }

    @Override
    protected INDArray preOutput2d(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        passes.countForward();
        applyDropOutIfNecessary(training, workspaces);
        INDArray weights = weights();
        INDArray x = rows(workspaces, ArrayType.FF_WORKING_MEM);
        products.checkInput(x, weights, layerId());
        INDArray bias = hasBias() ? getParam(DefaultParamInitializer.BIAS_KEY) : null;
        INDArray z = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, DataType.FLOAT, new long[] {x.size(0), weights.size(1)}, 'c');
        products.forward(x, weights, bias, false, z);
        return z;
    }

    private INDArray rows(LayerWorkspaceMgr workspaces, ArrayType type) {
        return TimeFirst.rows(TimeFirst.of(input, workspaces, type));
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray y = layerConf().getActivationFn().getActivation(preOutput2d(training, workspaces), training);
        if (maskArray != null) {
            y.muliColumnVector(maskArray);
        }
        return TimeFirst.standing(y, input.size(0));
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        passes.countBackward();
        INDArray x = rows(workspaces, ArrayType.BP_WORKING_MEM);
        INDArray z = preOutput2d(true, workspaces);
        INDArray delta = layerConf()
                .getLossFn()
                .computeGradient(
                        getLabels2d(workspaces, ArrayType.BP_WORKING_MEM),
                        z,
                        layerConf().getActivationFn(),
                        lossMask());
        delta = workspaces.dup(ArrayType.BP_WORKING_MEM, delta, 'c');
        Gradient gradient = gradient(products, x, delta);
        INDArray dx = products.inputGradient(x, weights(), delta, workspaces);
        return new Pair<>(gradient, backpropDropOutIfPresent(TimeFirst.standing(dx, input.size(0))));
    }

    /** DL4J's losses take the mask of a single step, which is 1, for one of single outputs. */
    private INDArray lossMask() {
        return maskArray != null && maskArray.length() == 1 ? null : maskArray;
    }

    @Override
    public String technique() {
        return "all steps in one product" + (hasBias() ? " + bias" : "") + ", then DL4J's loss";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
