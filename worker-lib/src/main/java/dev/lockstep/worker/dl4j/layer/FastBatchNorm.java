package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch normalisation, a channel at a time: in batch-last memory a channel is one run. With m and v the mean
 * and the (biased) variance of the channel's n values, s = 1 / sqrt(v + epsilon), h = (x - m) s:
 *
 * <pre>
 * y      = gamma h + beta
 * dgamma = sum dy h,   dbeta = sum dy
 * dx     = gamma s (dy - dbeta / n - h dgamma / n)
 * </pre>
 *
 * Sums run in parallel lanes of float, a few dozen terms each, and the lanes are added in double. Vectors (rank 2)
 * are images of one pixel; sequences (rank 3) are left to DL4J.
 */
final class FastBatchNorm extends BatchNormalization implements FastLayer {
    private static final long serialVersionUID = 1L;

    /** Values at a time: 8 KB. */
    private static final int TILE = 2048;

    private final transient Workbench bench;
    private final transient PassCounter passes = new PassCounter(this::layerId);

    private transient INDArray x; // batch-last; kept for the backward pass, as the two below
    private transient float[] means;
    private transient float[] variances;
    private transient boolean frozen;

    FastBatchNorm(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.bench = bench;
    }

    /** From now on the running averages stand for the batch's. */
    void freeze() {
        frozen = true;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (!isKnown(input)) {
            passes.countStockForward("input of rank " + input.rank());
            return super.activate(training, workspaces);
        }
        passes.countForward();
        INDArray image = image(input);
        int channels = (int) image.size(1);
        if (channels != layerConf().getNOut()) {
            throw new IllegalArgumentException("batch norm expects "
                    + layerConf().getNOut() + " channels, its input has " + channels + " " + layerId());
        }
        INDArray in = BatchLast.of(image, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        INDArray out = BatchLast.createLike(workspaces, ArrayType.ACTIVATIONS, in);
        NativeFloats from = ArrayMemory.of(in);
        NativeFloats to = ArrayMemory.of(out);
        int plane = from.length() / channels;
        if (training) {
            x = in;
        }
        if (training && !frozen) {
            means = new float[channels];
            variances = new float[channels];
            for (int channel = 0; channel < channels; channel++) {
                measure(from, channel, plane);
            }
        } else {
            means = values(BatchNormalizationParamInitializer.GLOBAL_MEAN, 0);
            variances = runningVariances();
        }
        float[] gammas =
                values(BatchNormalizationParamInitializer.GAMMA, layerConf().getGamma());
        float[] betas =
                values(BatchNormalizationParamInitializer.BETA, layerConf().getBeta());
        float[] tile = bench.tile(0, TILE);
        for (int channel = 0; channel < channels; channel++) {
            float scale = (float) (gammas[channel] * inverseDeviation(channel));
            for (int at = channel * plane; at < (channel + 1) * plane; at += TILE) {
                int count = Math.min(TILE, (channel + 1) * plane - at);
                from.read(at, tile, 0, count);
                VectorLoops.normalise(tile, means[channel], scale, betas[channel], count);
                to.write(at, tile, 0, count);
            }
        }
        return likeInput(out);
    }

    private static boolean isKnown(INDArray array) {
        return array.rank() == 4 || array.rank() == 2;
    }

    /** [batch, channels, height, width]; vectors are images of one pixel. */
    private INDArray image(INDArray array) {
        return array.rank() == 2
                ? BatchLast.unflatten(array, array.size(1), 1, 1)
                : BatchLast.channelsFirst(array, layerConf().getCnn2DFormat());
    }

    private INDArray likeInput(INDArray image) {
        return input.rank() == 2
                ? BatchLast.flatten(image)
                : BatchLast.inFormat(image, layerConf().getCnn2DFormat());
    }

    /** Mean and variance of a channel, in two passes. */
    private void measure(NativeFloats from, int channel, int plane) {
        float[] lanes = bench.tile(0, TILE);
        float[] tile = bench.tile(1, TILE);
        java.util.Arrays.fill(lanes, 0, TILE, 0f);
        int end = (channel + 1) * plane;
        for (int at = channel * plane; at < end; at += TILE) {
            int count = Math.min(TILE, end - at);
            from.read(at, tile, 0, count);
            VectorLoops.add(lanes, tile, count);
        }
        float mean = (float) (VectorLoops.sum(lanes, TILE) / plane);
        java.util.Arrays.fill(lanes, 0, TILE, 0f);
        for (int at = channel * plane; at < end; at += TILE) {
            int count = Math.min(TILE, end - at);
            from.read(at, tile, 0, count);
            VectorLoops.addSquares(lanes, tile, mean, count);
        }
        means[channel] = mean;
        variances[channel] = (float) (VectorLoops.sum(lanes, TILE) / plane);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (!isKnown(input)) {
            passes.countStockBackward();
            return super.backpropGradient(epsilon, workspaces);
        }
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        INDArray delta = BatchLast.of(image(epsilon), workspaces, ArrayType.BP_WORKING_MEM);
        INDArray inputGradient = BatchLast.createLike(workspaces, ArrayType.ACTIVATION_GRAD, x);
        int channels = (int) x.size(1);
        float[] gammas =
                values(BatchNormalizationParamInitializer.GAMMA, layerConf().getGamma());
        float[] gammaGradients = new float[channels];
        float[] betaGradients = new float[channels];
        backward(ArrayMemory.of(delta), ArrayMemory.of(inputGradient), gammas, gammaGradients, betaGradients);

        Gradient gradient = new DefaultGradient();
        if (!layerConf().isLockGammaBeta()) {
            put(gradient, BatchNormalizationParamInitializer.GAMMA, gammaGradients);
            put(gradient, BatchNormalizationParamInitializer.BETA, betaGradients);
        }
        putRunningStatistics(gradient);
        x = null;
        means = null;
        variances = null;
        return new Pair<>(gradient, likeInput(inputGradient));
    }

    private void backward(
            NativeFloats dy, NativeFloats dx, float[] gammas, float[] gammaGradients, float[] betaGradients) {
        NativeFloats in = ArrayMemory.of(x);
        int plane = in.length() / gammas.length;
        float[] tile = bench.tile(0, TILE);
        float[] gradientTile = bench.tile(1, TILE);
        float[] sums = bench.tile(2, TILE);
        float[] products = bench.tile(3, TILE);
        for (int channel = 0; channel < gammas.length; channel++) {
            int end = (channel + 1) * plane;
            java.util.Arrays.fill(sums, 0, TILE, 0f);
            java.util.Arrays.fill(products, 0, TILE, 0f);
            for (int at = channel * plane; at < end; at += TILE) {
                int count = Math.min(TILE, end - at);
                in.read(at, tile, 0, count);
                dy.read(at, gradientTile, 0, count);
                VectorLoops.add(sums, gradientTile, count);
                VectorLoops.addProducts(products, tile, means[channel], gradientTile, count);
            }
            double s = inverseDeviation(channel);
            double betaGradient = VectorLoops.sum(sums, TILE);
            double gammaGradient = VectorLoops.sum(products, TILE) * s;
            float ofGradient = (float) (gammas[channel] * s);
            float ofInput = frozen ? 0 : (float) (-gammas[channel] * s * s * gammaGradient / plane);
            float constant = frozen ? 0 : (float) (-gammas[channel] * s * betaGradient / plane);
            for (int at = channel * plane; at < end; at += TILE) {
                int count = Math.min(TILE, end - at);
                in.read(at, tile, 0, count);
                dy.read(at, gradientTile, 0, count);
                VectorLoops.combine(gradientTile, ofGradient, tile, means[channel], ofInput, constant, count);
                dx.write(at, gradientTile, 0, count);
            }
            gammaGradients[channel] = (float) gammaGradient;
            betaGradients[channel] = (float) betaGradient;
        }
    }

    /**
     * DL4J carries the running statistics as parameters whose "gradient" is what the optimizer subtracts: r - r' with r' =
     * decay r + (1 - decay) batch.
     */
    private void putRunningStatistics(Gradient gradient) {
        double share = 1 - layerConf().getDecay();
        float[] change = values(BatchNormalizationParamInitializer.GLOBAL_MEAN, 0);
        for (int channel = 0; channel < change.length; channel++) {
            change[channel] = (float) ((change[channel] - means[channel]) * share);
        }
        put(gradient, BatchNormalizationParamInitializer.GLOBAL_MEAN, change);
        if (layerConf().isUseLogStd()) {
            for (int channel = 0; channel < change.length; channel++) {
                double before = runningVariances()[channel];
                double after = layerConf().getDecay() * before + share * variances[channel];
                change[channel] = (float) (ONE_ON_2LOGE_10 * Math.log(before / after));
            }
            put(gradient, BatchNormalizationParamInitializer.GLOBAL_LOG_STD, change);
            return;
        }
        float[] before = runningVariances();
        for (int channel = 0; channel < change.length; channel++) {
            change[channel] = (float) ((before[channel] - variances[channel]) * share);
        }
        put(gradient, BatchNormalizationParamInitializer.GLOBAL_VAR, change);
    }

    private void put(Gradient gradient, String name, float[] values) {
        INDArray view = gradientViews.get(name);
        ArrayMemory.of(view).write(0, values, 0, values.length);
        gradient.setGradientFor(name, view);
    }

    private double inverseDeviation(int channel) {
        return 1 / Math.sqrt(variances[channel] + layerConf().getEps());
    }

    private float[] runningVariances() {
        if (!layerConf().isUseLogStd()) {
            return values(BatchNormalizationParamInitializer.GLOBAL_VAR, 1);
        }
        float[] result = values(BatchNormalizationParamInitializer.GLOBAL_LOG_STD, 0);
        for (int channel = 0; channel < result.length; channel++) {
            double deviation = Math.pow(10, result[channel]);
            result[channel] = (float) (deviation * deviation);
        }
        return result;
    }

    /** A parameter's values, or the same value for all channels where the configuration fixes it. */
    private float[] values(String parameter, double fixed) {
        float[] result = new float[(int) layerConf().getNOut()];
        INDArray array = params.get(parameter);
        if (array == null) {
            java.util.Arrays.fill(result, (float) fixed);
        } else {
            ArrayMemory.of(array).read(0, result, 0, result.length);
        }
        return result;
    }

    @Override
    public void clear() {
        super.clear();
        x = null;
        means = null;
        variances = null;
    }

    @Override
    public String technique() {
        return "channel by channel";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
