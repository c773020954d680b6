package dev.lockstep.worker.math;

/**
 * One side of a sliding window: which input position (from 0) each output position reads.
 *
 * @param padding positions in front of the first one
 * @param dilation from one of the kernel's positions to the next
 */
public record WindowAxis(int in, int out, int kernel, int stride, int padding, int dilation) {

    /** One window over everything. */
    public static WindowAxis whole(int in) {
        return new WindowAxis(in, 1, in, in, 0, 1);
    }

    /** The input position that the kernel's position k reads for an output position; outside [0, in) in the padding. */
    public int source(int output, int k) {
        return output * stride + k * dilation - padding;
    }

    /** The first output position whose source is not in the padding in front. */
    public int first(int k) {
        int before = padding - k * dilation;
        return before <= 0 ? 0 : Math.min(out, (before + stride - 1) / stride);
    }

    /** The output position after the last one whose source is not in the padding behind. */
    public int end(int k) {
        int reach = in - 1 + padding - k * dilation;
        return reach < 0 ? 0 : Math.min(out, reach / stride + 1);
    }

    /** Whether windows lie side by side, none on another. */
    public boolean disjoint() {
        return stride > (kernel - 1) * dilation;
    }

    /** Whether every input position lies in exactly one window. */
    public boolean tiles() {
        return kernel == stride && dilation == 1 && padding == 0 && in == out * stride;
    }
}
