package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.math.Workbench;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Local response normalisation across channels (Krizhevsky et al. 2012, 3.3). Over the channels j from i - n/2 to
 * i + n/2:
 *
 * <pre>
 * u_i  = k + alpha sum x_j^2
 * y_i  = x_i u_i^-beta
 * dx_i = dy_i u_i^-beta - 2 alpha beta x_i sum (dy_j y_j / u_j)
 * </pre>
 *
 * DL4J's layer divides the whole sum by u_i, which is not the derivative, though close to it where alpha is small. Ours
 * is exact, so the two train differently.
 */
final class FastResponseNorm extends LocalResponseNormalization implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient PassCounter passes = new PassCounter(this::layerId);

    /** Values at a time: 4 KB. */
    private static final int TILE = 1024;

    private final transient Workbench bench;
    private final CNN2DFormat format;
    private final int reach; // channels to each side
    private final float k;
    private final float alpha;
    private final double beta;

    private transient INDArray x; // batch-last; kept for the backward pass

    FastResponseNorm(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.bench = bench;
        this.format = layerConf().getDataFormat();
        this.reach = (int) layerConf().getN() / 2;
        this.k = (float) layerConf().getK();
        this.alpha = (float) layerConf().getAlpha();
        this.beta = layerConf().getBeta();
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        passes.countForward();
        x = BatchLast.of(
                BatchLast.channelsFirst(input, format),
                workspaces,
                training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        INDArray y = BatchLast.createLike(workspaces, ArrayType.ACTIVATIONS, x);
        NativeFloats in = ArrayMemory.of(x);
        NativeFloats out = ArrayMemory.of(y);
        float[] u = bench.tile(0, TILE);
        float[] tile = bench.tile(1, TILE);
        int channels = (int) x.size(1);
        int plane = in.length() / channels;
        for (int at = 0; at < plane; at += TILE) {
            int count = Math.min(TILE, plane - at);
            for (int channel = 0; channel < channels; channel++) {
                sumSquares(in, channel, channels, at, count, u, tile);
                VectorLoops.power(u, -beta, count);
                in.read(channel * plane + at, tile, 0, count);
                VectorLoops.multiply(tile, u, count);
                out.write(channel * plane + at, tile, 0, count);
            }
        }
        if (!training) {
            x = null;
        }
        return BatchLast.inFormat(y, format);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        INDArray delta = BatchLast.of(BatchLast.channelsFirst(epsilon, format), workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = BatchLast.createLike(workspaces, ArrayType.ACTIVATION_GRAD, x);
        NativeFloats in = ArrayMemory.of(x);
        NativeFloats dy = ArrayMemory.of(delta);
        NativeFloats dx = ArrayMemory.of(inputGradient);
        int channels = (int) x.size(1);
        int plane = in.length() / channels;
        NativeFloats shares = bench.block(0, channels * Math.min(TILE, plane));
        for (int at = 0; at < plane; at += TILE) {
            int count = Math.min(TILE, plane - at);
            for (int channel = 0; channel < channels; channel++) {
                ownGradient(in, dy, channel, channels, at, count, dx, shares);
            }
            for (int channel = 0; channel < channels; channel++) {
                subtractShares(in, shares, channel, channels, at, count, dx);
            }
        }
        x = null;
        return new Pair<>(new DefaultGradient(), BatchLast.inFormat(inputGradient, format));
    }

    /** dx = dy u^-beta, and the channel's term of the sums, dy y / u. */
    private void ownGradient(
            NativeFloats in,
            NativeFloats dy,
            int channel,
            int channels,
            int at,
            int count,
            NativeFloats dx,
            NativeFloats shares) {
        float[] u = bench.tile(0, TILE);
        float[] tile = bench.tile(1, TILE);
        float[] gradient = bench.tile(2, TILE);
        float[] scale = bench.tile(3, TILE);
        int here = channel * (in.length() / channels) + at;
        sumSquares(in, channel, channels, at, count, u, tile);
        System.arraycopy(u, 0, scale, 0, count);
        VectorLoops.power(scale, -beta, count);
        dy.read(here, gradient, 0, count);
        VectorLoops.multiply(gradient, scale, count);
        dx.write(here, gradient, 0, count);
        in.read(here, tile, 0, count);
        VectorLoops.multiply(tile, gradient, count);
        VectorLoops.divide(tile, u, count);
        shares.write(channel * count, tile, 0, count);
    }

    /** dx -= 2 alpha beta x times the sum of the terms around a channel. */
    private void subtractShares(
            NativeFloats in, NativeFloats shares, int channel, int channels, int at, int count, NativeFloats dx) {
        float[] sums = bench.tile(0, TILE);
        float[] tile = bench.tile(1, TILE);
        int here = channel * (in.length() / channels) + at;
        Arrays.fill(sums, 0, count, 0f);
        for (int j = Math.max(0, channel - reach); j <= Math.min(channels - 1, channel + reach); j++) {
            shares.read(j * count, tile, 0, count);
            VectorLoops.add(sums, tile, count);
        }
        VectorLoops.scale(sums, (float) (-2 * alpha * beta), count);
        in.read(here, tile, 0, count);
        VectorLoops.multiply(sums, tile, count);
        dx.read(here, tile, 0, count);
        VectorLoops.add(tile, sums, count);
        dx.write(here, tile, 0, count);
    }

    /** u, of {@code count} values of a channel. */
    private void sumSquares(NativeFloats in, int channel, int channels, int at, int count, float[] u, float[] tile) {
        int plane = in.length() / channels;
        Arrays.fill(u, 0, count, 0f);
        for (int j = Math.max(0, channel - reach); j <= Math.min(channels - 1, channel + reach); j++) {
            in.read(j * plane + at, tile, 0, count);
            VectorLoops.addSquares(u, tile, 0f, count);
        }
        VectorLoops.scale(u, alpha, count);
        VectorLoops.add(u, k, count);
    }

    @Override
    public void clear() {
        super.clear();
        x = null;
    }

    @Override
    public String technique() {
        return "sums over neighbouring channels";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
