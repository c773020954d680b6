package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.Window;
import dev.lockstep.worker.math.WindowAxis;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.util.ConvolutionUtils;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sliding windows as DL4J's configurations describe them. */
final class Windows {
    private Windows() {}

    /** @param input {@code [batch, channels, height, width]}; DL4J's own checks of sizes are made here */
    static Window of(INDArray input, int[] kernel, int[] stride, int[] padding, int[] dilation, ConvolutionMode mode) {
        int[] in = {(int) input.size(2), (int) input.size(3)};
        boolean same = mode == ConvolutionMode.Same;
        int[] out = ConvolutionUtils.getOutputSize(
                input, kernel, stride, same ? null : padding, mode, dilation, CNN2DFormat.NCHW);
        int[] before = same ? ConvolutionUtils.getSameModeTopLeftPadding(out, in, kernel, stride, dilation) : padding;
        return new Window(
                new WindowAxis(in[0], out[0], kernel[0], stride[0], before[0], dilation[0]),
                new WindowAxis(in[1], out[1], kernel[1], stride[1], before[1], dilation[1]));
    }
}
