package dev.lockstep.worker.kernel;

import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * [batch, channels, height, width] to [batch, channels * height * width] and back, without moving a value where the
 * image is batch-last. Takes the place of DL4J's while a network runs; a saved configuration has DL4J's.
 */
final class BatchLastFlattening extends CnnToFeedForwardPreProcessor implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient PassCounter passes = new PassCounter(() -> "the flattening of images");

    BatchLastFlattening(CnnToFeedForwardPreProcessor of) {
        super(of.getInputHeight(), of.getInputWidth(), of.getNumChannels(), of.getFormat());
    }

    @Override
    public INDArray preProcess(INDArray image, int batch, LayerWorkspaceMgr workspaces) {
        boolean ours = image.rank() == 4
                && BatchLast.is(image)
                && image.size(1) == numChannels
                && image.size(2) == inputHeight
                && image.size(3) == inputWidth;
        if (!ours) {
            passes.countStockForward("memory is not batch-last, or another shape: " + image.shapeInfoToString());
            return super.preProcess(image, batch, workspaces);
        }
        passes.countForward();
        return workspaces.leverageTo(ArrayType.ACTIVATIONS, BatchLast.flatten(image));
    }

    @Override
    public INDArray backprop(INDArray gradient, int batch, LayerWorkspaceMgr workspaces) {
        if (!BatchLast.isByColumn(gradient) || gradient.size(1) != numChannels * inputHeight * inputWidth) {
            passes.countStockBackward();
            return super.backprop(gradient, batch, workspaces);
        }
        passes.countBackward();
        INDArray image = BatchLast.unflatten(gradient, numChannels, inputHeight, inputWidth);
        return workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, image);
    }

    @Override
    public String technique() {
        return "a view, nothing moves";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
