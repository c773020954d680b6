package dev.lockstep.worker.kernel;

import dev.lockstep.worker.kernel.Matrices.Matrix;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolution as matrix products (Chellapilla, Puri, Simard 2006), on batch-last memory. With P output values a filter
 * (rows x columns x batch), N of them at a time, and K = channels x kernel height x kernel width:
 *
 * <pre>
 * columns [K, N] = what each weight meets            (copies of long runs of the input)
 * y [F, N]       = W [F, K] columns + b
 * dW [F, K]     += dy [F, N] columns^T
 * dx            += W^T [K, F] dy, run by run
 * </pre>
 *
 * N is what keeps the columns in the second cache. The products are cut further: OpenBLAS has kernels for small products
 * (on AVX-512) that take their factors as they lie, without packing them first. With few filters they are two to three
 * times as fast as the others.
 */
final class FastConvolution extends ConvolutionLayer {
    private static final long serialVersionUID = 1L;

    /** Floats of the columns at a time: 384 KB of a second cache of 512 KB or more. */
    private static final int COLUMNS = 96 * 1024;

    /** OpenBLAS's limit for a small product, in multiplications. */
    private static final int SMALL_PRODUCT = 1_000_000;

    /** Its limit for the result's values where the inner dimension is the contiguous one in both factors. */
    private static final int SMALL_RESULT = 1024;

    private final transient Workbench bench;
    private final transient Fusion fusion;
    private final boolean givesInputGradient;

    private transient INDArray x; // batch-last; kept for the backward pass, as the two below
    private transient INDArray y; // before the activation function if it is not fused, else after
    private transient Window window;

    FastConvolution(NeuralNetConfiguration conf, DataType type, Workbench bench, boolean givesInputGradient) {
        super(conf, type);
        this.bench = bench;
        this.fusion = Fusion.of(layerConf().getActivationFn());
        this.givesInputGradient = givesInputGradient;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        validateInputRank();
        INDArray weights = getParam(ConvolutionParamInitializer.WEIGHT_KEY);
        validateInputDepth(weights.size(1));
        var conf = layerConf();
        window = Window.of(
                input, conf.getKernelSize(), conf.getStride(), conf.getPadding(), conf.getDilation(), convolutionMode);
        x = BatchLast.of(input, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        y = BatchLast.create(
                workspaces,
                ArrayType.ACTIVATIONS,
                x.size(0),
                weights.size(0),
                window.rows().out(),
                window.columns().out());
        forward();
        INDArray result = y;
        if (fusion == Fusion.NONE) {
            INDArray z = y;
            if (training) {
                z = BatchLast.createLike(workspaces, ArrayType.ACTIVATIONS, y).assign(y);
            }
            result = conf.getActivationFn().getActivation(z, training);
        }
        if (!training) {
            forget();
        }
        return result;
    }

    private void forward() {
        Sizes sizes = new Sizes();
        NativeFloats in = NativeFloats.of(x);
        NativeFloats out = NativeFloats.of(y);
        Matrix weights = Matrix.of(weights(), 0, sizes.inner);
        NativeFloats columns = bench.block(0, sizes.inner * sizes.step);
        float[] bias = bias(sizes.filters);
        float[] tile = bench.tile(0, sizes.step);
        for (int from = 0; from < sizes.plane; from += sizes.step) {
            int count = Math.min(sizes.step, sizes.plane - from);
            unfold(in, sizes, from, count, columns);
            weigh(weights, columns, sizes, count, out, from);
            if (bias == null && fusion != Fusion.RELU) {
                continue;
            }
            for (int filter = 0; filter < sizes.filters; filter++) {
                int at = filter * sizes.plane + from;
                out.read(at, tile, 0, count);
                float b = bias == null ? 0f : bias[filter];
                if (fusion == Fusion.RELU) {
                    VectorLoops.addRelu(tile, b, count);
                } else {
                    VectorLoops.add(tile, b, count);
                }
                out.write(at, tile, 0, count);
            }
        }
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        INDArray delta = epsilon;
        if (fusion == Fusion.NONE) {
            delta = layerConf().getActivationFn().backprop(y, epsilon).getFirst();
        }
        delta = BatchLast.of(delta, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray dx = givesInputGradient ? BatchLast.createLike(workspaces, ArrayType.ACTIVATION_GRAD, x) : null;
        backward(NativeFloats.of(delta), dx);

        Gradient gradient = new DefaultGradient();
        if (hasBias()) {
            gradient.setGradientFor(
                    ConvolutionParamInitializer.BIAS_KEY, gradientViews.get(ConvolutionParamInitializer.BIAS_KEY));
        }
        gradient.setGradientFor(
                ConvolutionParamInitializer.WEIGHT_KEY, gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY), 'c');
        weightNoiseParams.clear();
        forget();
        return new Pair<>(gradient, dx == null ? null : backpropDropOutIfPresent(dx));
    }

    private void backward(NativeFloats epsilon, INDArray inputGradient) {
        Sizes sizes = new Sizes();
        NativeFloats in = NativeFloats.of(x);
        NativeFloats out = NativeFloats.of(y);
        NativeFloats weightGradient = NativeFloats.of(gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY));
        NativeFloats biasGradient =
                hasBias() ? NativeFloats.of(gradientViews.get(ConvolutionParamInitializer.BIAS_KEY)) : null;
        Matrix weights = Matrix.of(weights(), 0, sizes.inner);
        NativeFloats columns = bench.block(0, sizes.inner * sizes.step);
        NativeFloats masked = bench.block(1, sizes.filters * sizes.step);
        NativeFloats ones = bench.ones(sizes.step);
        NativeFloats dx = null;
        if (inputGradient != null) {
            dx = NativeFloats.of(inputGradient);
            dx.zero(0, dx.length());
        }
        for (int from = 0; from < sizes.plane; from += sizes.step) {
            int count = Math.min(sizes.step, sizes.plane - from);
            Matrix delta = Matrix.of(epsilon, from, sizes.plane);
            if (fusion == Fusion.RELU) {
                mask(epsilon, out, sizes, from, count, masked);
                delta = Matrix.of(masked, 0, count);
            }
            float before = from == 0 ? 0f : 1f;
            if (biasGradient != null) {
                bench.matrices.rowSums(sizes.filters, count, delta, ones, before, biasGradient);
            }
            unfold(in, sizes, from, count, columns);
            correlate(delta, columns, sizes, count, before, weightGradient);
            if (dx != null) {
                unweigh(weights, delta, sizes, count, columns);
                fold(columns, sizes, from, count, dx);
            }
        }
    }

    /** y = W columns, for the positions {@code [from, from + count)}. */
    private void weigh(Matrix weights, NativeFloats columns, Sizes sizes, int count, NativeFloats out, int from) {
        for (int at = 0; at < count; at += sizes.productStep) {
            int width = Math.min(sizes.productStep, count - at);
            for (int k = 0; k < sizes.inner; k += sizes.productInner) {
                bench.matrices.product(
                        sizes.filters,
                        width,
                        Math.min(sizes.productInner, sizes.inner - k),
                        Matrix.of(weights.values(), k, sizes.inner),
                        Matrix.of(columns, k * count + at, count),
                        k == 0 ? 0f : 1f,
                        Matrix.of(out, from + at, sizes.plane));
            }
        }
    }

    /** dW = dy columns^T + beta dW. */
    private void correlate(
            Matrix delta, NativeFloats columns, Sizes sizes, int count, float beta, NativeFloats gradient) {
        for (int k = 0; k < sizes.inner; k += sizes.gradientInner) {
            int height = Math.min(sizes.gradientInner, sizes.inner - k);
            for (int at = 0; at < count; at += sizes.gradientStep) {
                bench.matrices.product(
                        sizes.filters,
                        height,
                        Math.min(sizes.gradientStep, count - at),
                        Matrix.of(delta.values(), delta.at() + at, delta.stride()),
                        Matrix.of(columns, k * count + at, count).transpose(),
                        at == 0 ? beta : 1f,
                        Matrix.of(gradient, k, sizes.inner));
            }
        }
    }

    /** columns = W^T dy, for as many positions. */
    private void unweigh(Matrix weights, Matrix delta, Sizes sizes, int count, NativeFloats columns) {
        for (int at = 0; at < count; at += sizes.productStep) {
            int width = Math.min(sizes.productStep, count - at);
            for (int k = 0; k < sizes.inner; k += sizes.productInner) {
                bench.matrices.product(
                        Math.min(sizes.productInner, sizes.inner - k),
                        width,
                        sizes.filters,
                        Matrix.of(weights.values(), k, sizes.inner).transpose(),
                        Matrix.of(delta.values(), delta.at() + at, delta.stride()),
                        0f,
                        Matrix.of(columns, k * count + at, count));
            }
        }
    }

    /** The part of the gradient that gets through ReLU, densely: {@code [filters, count]}. */
    private void mask(NativeFloats epsilon, NativeFloats out, Sizes sizes, int from, int count, NativeFloats masked) {
        int[] gradient = bench.bitTile(0, count);
        int[] output = bench.bitTile(1, count);
        for (int filter = 0; filter < sizes.filters; filter++) {
            int at = filter * sizes.plane + from;
            epsilon.read(at, gradient, 0, count);
            out.read(at, output, 0, count);
            VectorLoops.maskByRelu(gradient, output, count);
            masked.write(filter * count, gradient, 0, count);
        }
    }

    private void unfold(NativeFloats in, Sizes sizes, int from, int count, NativeFloats columns) {
        walk(sizes, from, count, (row, plane) -> new Window.Runs() {
            @Override
            public void run(int at, int source, int length) {
                columns.copy(row + at, in, plane + source, length);
            }

            @Override
            public void padding(int at, int length) {
                columns.zero(row + at, length);
            }
        });
    }

    private void fold(NativeFloats columns, Sizes sizes, int from, int count, NativeFloats dx) {
        walk(sizes, from, count, (row, plane) -> new Window.Runs() {
            @Override
            public void run(int at, int source, int length) {
                bench.matrices.add(length, columns, row + at, dx, plane + source);
            }

            @Override
            public void padding(int at, int length) {}
        });
    }

    private interface RowWalk {
        /** @param row where the row of the columns starts; @param plane where the input's channel starts */
        Window.Runs of(int row, int plane);
    }

    private void walk(Sizes sizes, int from, int count, RowWalk rowWalk) {
        int row = 0;
        for (int channel = 0; channel < sizes.channels; channel++) {
            int plane = channel * window.inputPlane(sizes.batch);
            for (int kh = 0; kh < window.rows().kernel(); kh++) {
                for (int kw = 0; kw < window.columns().kernel(); kw++, row += count) {
                    window.walk(kh, kw, sizes.batch, from, from + count, rowWalk.of(row, plane));
                }
            }
        }
    }

    /** The largest part when a whole is cut into equal parts no larger than a limit. */
    private static int evenPart(int whole, int limit) {
        int parts = (whole + limit - 1) / Math.max(1, limit);
        return (whole + parts - 1) / parts;
    }

    private NativeFloats weights() {
        return NativeFloats.of(getParam(ConvolutionParamInitializer.WEIGHT_KEY));
    }

    private float[] bias(int filters) {
        if (!hasBias()) {
            return null;
        }
        float[] values = new float[filters];
        NativeFloats.of(getParam(ConvolutionParamInitializer.BIAS_KEY)).read(0, values, 0, filters);
        return values;
    }

    private void forget() {
        x = null;
        y = null;
        window = null;
    }

    @Override
    public void clear() {
        super.clear();
        forget();
    }

    /** The sizes of the matrices, in the letters of the class comment: F, K, P, N. */
    private final class Sizes {
        final int batch = (int) x.size(0);
        final int channels = (int) x.size(1);
        final int filters = (int) y.size(1);
        final int inner = channels * window.taps();
        final int plane = window.outputPlane(batch);
        final int step = Math.min(plane, Math.max(256, COLUMNS / inner / 64 * 64));
        final int productStep = Math.max(64, SMALL_PRODUCT / (filters * inner) / 64 * 64);
        final int productInner = evenPart(inner, SMALL_PRODUCT / (filters * productStep));
        final int gradientInner = filters > SMALL_RESULT / 8 ? inner : evenPart(inner, SMALL_RESULT / filters);
        final int gradientStep = Math.max(64, SMALL_PRODUCT / (filters * gradientInner) / 64 * 64);
    }
}
