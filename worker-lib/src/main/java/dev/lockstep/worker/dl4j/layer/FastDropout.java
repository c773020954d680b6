package dev.lockstep.worker.dl4j.layer;

import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.DropoutLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Dropout of images, by DL4J's own objects on a copy in the order of the shape, because in that order they draw their
 * random numbers; so the same values are dropped as by DL4J's layer. Gives batch-last images. Vectors are left to DL4J.
 */
final class FastDropout extends DropoutLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient PassCounter passes = new PassCounter(this::layerId);

    FastDropout(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        passes.countForward();
        var dropout = layerConf().getIDropout();
        if (!training || dropout == null || !isImage(input)) {
            return super.activate(training, workspaces);
        }
        INDArray x = BatchLast.batchFirst(input, workspaces, ArrayType.INPUT);
        INDArray y = dropout.applyDropout(x, x, getIterationCount(), getEpochCount(), workspaces);
        return batchLast(y, workspaces, ArrayType.ACTIVATIONS);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        passes.countBackward();
        var dropout = layerConf().getIDropout();
        if (dropout == null || !isImage(input)) {
            return super.backpropGradient(epsilon, workspaces);
        }
        INDArray dy = BatchLast.batchFirst(epsilon, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray dx = dropout.backprop(dy, dy, getIterationCount(), getEpochCount());
        return new Pair<>(new DefaultGradient(), batchLast(dx, workspaces, ArrayType.ACTIVATION_GRAD));
    }

    /** One example has both orders, so the array itself comes back, from the wrong workspace. */
    private static INDArray batchLast(INDArray images, LayerWorkspaceMgr workspaces, ArrayType type) {
        return workspaces.leverageTo(type, BatchLast.of(images, workspaces, type));
    }

    /** What is masked stays so; DL4J's would multiply a sequence by its mask as if that were one value for each example. */
    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray mask, MaskState state, int examples) {
        return new Pair<>(mask, state);
    }

    private boolean isImage(INDArray array) {
        return array.rank() == 4 && maskArray == null;
    }

    @Override
    public String technique() {
        return "DL4J's dropout, in our memory order";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
