package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Images to vectors [batch, channels * height * width] and back, without moving a value where the image is batch-last; in
 * the format NHWC the vectors are [batch, height * width * channels], and the runs of a batch change places. Takes the
 * place of DL4J's while a network runs; a saved configuration has DL4J's.
 */
final class BatchLastFlattening extends CnnToFeedForwardPreProcessor implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient PassCounter passes = new PassCounter(() -> "the flattening of images");

    BatchLastFlattening(CnnToFeedForwardPreProcessor of) {
        super(of.getInputHeight(), of.getInputWidth(), of.getNumChannels(), of.getFormat());
    }

    @Override
    public INDArray preProcess(INDArray input, int batch, LayerWorkspaceMgr workspaces) {
        INDArray image = input.rank() == 4 ? BatchLast.channelsFirst(input, format) : input;
        boolean ours = BatchLast.is(image)
                && image.size(1) == numChannels
                && image.size(2) == inputHeight
                && image.size(3) == inputWidth;
        boolean asTheyCome = image.rank() == 4 && Arrays.equals(image.stride(), ArrayUtil.calcStrides(image.shape()));
        if (format == CNN2DFormat.NCHW && asTheyCome && !ours) {
            passes.countForward(); // of examples DL4J's is a view, too
            return super.preProcess(input, batch, workspaces);
        }
        if (!ours) {
            passes.countStockForward("memory is not batch-last, or another shape: " + input.shapeInfoToString());
            return super.preProcess(input, batch, workspaces);
        }
        passes.countForward();
        if (format == CNN2DFormat.NCHW) {
            return workspaces.leverageTo(ArrayType.ACTIVATIONS, BatchLast.flatten(image));
        }
        long[] byColumn = {image.size(0), image.length() / image.size(0)};
        INDArray flat = workspaces.createUninitialized(ArrayType.ACTIVATIONS, DataType.FLOAT, byColumn, 'f');
        transposeRuns(image, (int) numChannels, flat);
        return flat;
    }

    @Override
    public INDArray backprop(INDArray gradient, int batch, LayerWorkspaceMgr workspaces) {
        if (!BatchLast.isByColumn(gradient) || gradient.size(1) != numChannels * inputHeight * inputWidth) {
            passes.countStockBackward();
            return super.backprop(gradient, batch, workspaces);
        }
        passes.countBackward();
        if (format == CNN2DFormat.NCHW) {
            INDArray image = BatchLast.unflatten(gradient, numChannels, inputHeight, inputWidth);
            return workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, image);
        }
        INDArray image = BatchLast.create(
                workspaces, ArrayType.ACTIVATION_GRAD, gradient.size(0), numChannels, inputHeight, inputWidth);
        transposeRuns(gradient, (int) (inputHeight * inputWidth), image);
        return BatchLast.inFormat(image, format);
    }

    /** Transposes a row-major matrix with this number of rows, whose elements are a batch's values side by side. */
    private static void transposeRuns(INDArray from, int rows, INDArray to) {
        NativeFloats in = ArrayMemory.of(from);
        NativeFloats out = ArrayMemory.of(to);
        int run = (int) from.size(0);
        int columns = in.length() / run / rows;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                out.copy((column * rows + row) * run, in, (row * columns + column) * run, run);
            }
        }
    }

    @Override
    public String technique() {
        return format == CNN2DFormat.NCHW ? "a view, nothing moves" : "channels moved behind the pixels";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
