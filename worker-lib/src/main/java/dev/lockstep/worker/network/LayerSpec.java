package dev.lockstep.worker.network;

import dev.lockstep.worker.layer.GroupNormalization;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * The layers a configuration can name. To add one: a record here with its shape rule and its DL4J layer, and a line in
 * the driver's layer parser.
 *
 * <p>Letters: C channels, H rows, W columns, F filters, K kernel, S stride, P padding.
 */
public sealed interface LayerSpec extends Serializable {

    /** The name a configuration uses. */
    String type();

    /**
     * The shape of one example after this layer.
     *
     * @throws IllegalArgumentException when the layer does not fit the input; the message gives both
     */
    Shape output(Shape input);

    /** DL4J's layer; input sizes are left to DL4J, which derives them from the network's input type. */
    Layer dl4j(Shape input);

    /** Whether this layer computes the loss; the last layer must, and no other may. */
    default boolean isOutput() {
        return false;
    }

    /**
     * y = f(x W + b); an image is flattened first. Parameters: W [in, units], b [units].
     *
     * @param init how the weights start; null as the network's do
     */
    record Dense(int units, ActivationFunction activation, WeightInit init) implements LayerSpec {
        public Dense(int units, ActivationFunction activation) {
            this(units, activation, null);
        }

        @Override
        public String type() {
            return "dense";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.vector(units);
        }

        @Override
        public Layer dl4j(Shape input) {
            return started(
                    init,
                    new DenseLayer.Builder()
                            .nOut(units)
                            .activation(activation.dl4j())
                            .build());
        }
    }

    /**
     * Cross-correlation over [C, H, W] with F kernels. Output [F, (H + 2P - R) / S + 1, (W + 2P - R) / S + 1], rounded
     * down, with R = (K - 1) dilation + 1. Parameters: W [F, C, K, K], b [F].
     *
     * @param dilation from one of the kernel's positions to the next, from 1
     * @param padding from 0, or {@link #SAME}
     * @param init how the weights start; null as the network's do
     */
    record Convolution(
            int filters,
            int kernel,
            int stride,
            int padding,
            int dilation,
            ActivationFunction activation,
            WeightInit init)
            implements LayerSpec {
        /** Padding that keeps the size, divided by the stride and rounded up; where it is odd, the more behind. */
        public static final int SAME = -1;

        public Convolution(int filters, int kernel, int stride, int padding, ActivationFunction activation) {
            this(filters, kernel, stride, padding, 1, activation, null);
        }

        @Override
        public String type() {
            return "convolution";
        }

        @Override
        public Shape output(Shape input) {
            return activated(activation, window(input, filters, kernel, stride, padding, dilation));
        }

        @Override
        public Layer dl4j(Shape input) {
            var builder = new ConvolutionLayer.Builder(kernel, kernel)
                    .stride(stride, stride)
                    .dilation(dilation, dilation)
                    .convolutionMode(padding == SAME ? ConvolutionMode.Same : ConvolutionMode.Truncate)
                    .cudnnAllowFallback(false)
                    .nOut(filters)
                    .activation(activation.dl4j());
            if (padding != SAME) {
                builder.padding(padding, padding);
            }
            return started(init, builder.build());
        }
    }

    /** What a pooling window keeps. */
    enum PoolKind {
        MAX(PoolingType.MAX),
        AVERAGE(PoolingType.AVG);

        private final PoolingType dl4j;

        PoolKind(PoolingType dl4j) {
            this.dl4j = dl4j;
        }
    }

    /** The largest or the mean value of each K x K window of each channel; output size as for {@link Convolution}. */
    record Pooling(PoolKind kind, int kernel, int stride, int padding) implements LayerSpec {
        @Override
        public String type() {
            return kind == PoolKind.MAX ? "max-pool" : "average-pool";
        }

        @Override
        public Shape output(Shape input) {
            return window(input, input.channels(), kernel, stride, padding, 1);
        }

        @Override
        public Layer dl4j(Shape input) {
            return new SubsamplingLayer.Builder(kind.dl4j)
                    .kernelSize(kernel, kernel)
                    .stride(stride, stride)
                    .padding(padding, padding)
                    .convolutionMode(ConvolutionMode.Truncate)
                    .build();
        }
    }

    /**
     * Ioffe, Szegedy 2015: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, by unit or by channel, over the
     * examples of one shard, with the biased variance. Running averages (for evaluation): r = decay r + (1 - decay)
     * batch, averaged over the shards weighted by their examples. Parameters: gamma, beta, running mean, running variance.
     *
     * @param decay in [0, 1)
     * @param epsilon above 0
     */
    record BatchNorm(double decay, double epsilon) implements LayerSpec {
        @Override
        public String type() {
            return "batch-norm";
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public Layer dl4j(Shape input) {
            // The variance itself is carried, not the logarithm of its root (DL4J's default): only then is the weighted
            // average over shards an average of variances.
            return new BatchNormalization.Builder()
                    .decay(decay)
                    .eps(epsilon)
                    .useLogStd(false)
                    .cudnnAllowFallback(false)
                    .build();
        }
    }

    /** The mean of each channel: an image becomes a vector of its channels. */
    record GlobalAveragePool() implements LayerSpec {
        @Override
        public String type() {
            return "global-average-pool";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.vector(image(input).channels());
        }

        @Override
        public Layer dl4j(Shape input) {
            return new GlobalPoolingLayer.Builder(PoolingType.AVG).build();
        }
    }

    /**
     * Krizhevsky, Sutskever, Hinton 2012: y = x / (k + alpha sum of x^2)^beta, the sum over the n channels around, at the
     * same pixel.
     *
     * @param n odd, at least 1
     * @param k above 0
     * @param alpha above 0
     * @param beta above 0
     */
    record LocalResponseNorm(int n, double k, double alpha, double beta) implements LayerSpec {
        @Override
        public String type() {
            return "local-response-norm";
        }

        @Override
        public Shape output(Shape input) {
            return image(input);
        }

        @Override
        public Layer dl4j(Shape input) {
            return new LocalResponseNormalization.Builder(k, n, alpha, beta)
                    .cudnnAllowFallback(false)
                    .build();
        }
    }

    /**
     * Ba, Kiros, Hinton 2016: y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with the mean and the biased variance of
     * all values of one example; gamma and beta by unit or by channel. Parameters: gamma, beta.
     *
     * @param epsilon above 0
     */
    record LayerNorm(double epsilon) implements LayerSpec {
        @Override
        public String type() {
            return "layer-norm";
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public Layer dl4j(Shape input) {
            return new GroupNormalization(false, epsilon, input.channels());
        }
    }

    /**
     * Ulyanov, Vedaldi, Lempitsky 2016: as {@link LayerNorm}, but of the values of one channel of one example.
     *
     * @param epsilon above 0
     */
    record InstanceNorm(double epsilon) implements LayerSpec {
        @Override
        public String type() {
            return "instance-norm";
        }

        @Override
        public Shape output(Shape input) {
            return image(input);
        }

        @Override
        public Layer dl4j(Shape input) {
            return new GroupNormalization(true, epsilon, input.channels());
        }
    }

    /** An image becomes a vector: channel after channel, row after row. */
    record Flatten() implements LayerSpec {
        @Override
        public String type() {
            return "flatten";
        }

        @Override
        public Shape output(Shape input) {
            return Shape.vector(input.size());
        }

        @Override
        public Layer dl4j(Shape input) {
            return new ActivationLayer(ActivationFunction.IDENTITY.dl4j()); // behind a preprocessor that flattens
        }
    }

    /** What is added to a residual block's layers. */
    enum Shortcut {
        /** the block's input */
        IDENTITY,
        /** a convolution of 1 x 1 of the block's input, for blocks that change its shape */
        PROJECTION
    }

    /**
     * He, Zhang, Ren, Sun 2015: y = f(F(x) + x), F being some layers. Parameters: those of F, and of a projection.
     *
     * @param layers at least one, none of them an output
     */
    record Residual(List<LayerSpec> layers, Shortcut shortcut, ActivationFunction activation) implements LayerSpec {
        public Residual {
            layers = List.copyOf(layers);
        }

        @Override
        public String type() {
            return "residual";
        }

        @Override
        public Shape output(Shape input) {
            Shape inside = input;
            for (LayerSpec layer : layers) {
                if (layer.isOutput()) {
                    throw new IllegalArgumentException("a block cannot hold an " + layer.type());
                }
                inside = layer.output(inside);
            }
            if (layers.isEmpty()) {
                throw new IllegalArgumentException("has no layers");
            }
            Shape beside = shortcut == Shortcut.IDENTITY
                    ? input
                    : projection(input, inside).output(image(input));
            if (!beside.equals(inside)) {
                throw new IllegalArgumentException("its layers give " + inside + ", its " + name(shortcut)
                        + " shortcut " + beside
                        + (shortcut == Shortcut.IDENTITY ? "; use shortcut = projection" : ""));
            }
            return activated(activation, inside);
        }

        /** The convolution beside the layers, when the shortcut is a projection. */
        LayerSpec projection(Shape input, Shape output) {
            int stride = (image(input).height() - 1) / image(output).height() + 1;
            return new Convolution(
                    output.channels(), 1, stride, Convolution.SAME, 1, ActivationFunction.IDENTITY, null);
        }

        @Override
        public Layer dl4j(Shape input) {
            throw new UnsupportedOperationException("a block is several layers");
        }
    }

    /** y = f(x), element by element (softmax: over the units of an example). */
    record Activation(ActivationFunction function) implements LayerSpec {
        @Override
        public String type() {
            return "activation";
        }

        @Override
        public Shape output(Shape input) {
            return activated(function, input);
        }

        @Override
        public Layer dl4j(Shape input) {
            return new ActivationLayer(function.dl4j());
        }
    }

    /**
     * Srivastava et al. 2014, inverted: in training each value becomes 0 with probability ratio and is divided by
     * (1 - ratio) otherwise; nothing happens in evaluation.
     *
     * @param ratio the share that is dropped, in [0, 1) (DL4J's argument is the share that is kept)
     */
    record Dropout(double ratio) implements LayerSpec {
        @Override
        public String type() {
            return "dropout";
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }

        @Override
        public Layer dl4j(Shape input) {
            return new DropoutLayer.Builder(1 - ratio).build();
        }
    }

    /**
     * A dense layer that ends the network with a loss. Parameters: W [in, units], b [units].
     *
     * @param init how the weights start; null as the network's do
     */
    record Output(int units, ActivationFunction activation, LossFunction loss, WeightInit init) implements LayerSpec {
        public Output(int units, ActivationFunction activation, LossFunction loss) {
            this(units, activation, loss, null);
        }

        @Override
        public String type() {
            return "output";
        }

        @Override
        public Shape output(Shape input) {
            return scored(activation, loss, Shape.vector(units));
        }

        @Override
        public Layer dl4j(Shape input) {
            return started(
                    init,
                    new OutputLayer.Builder(loss.dl4j(units))
                            .nOut(units)
                            .activation(activation.dl4j())
                            .build());
        }

        @Override
        public boolean isOutput() {
            return true;
        }
    }

    /** A loss on what the layer below gives (an image is flattened first), without weights of its own (for example behind a dropout on the logits). */
    record Loss(ActivationFunction activation, LossFunction loss) implements LayerSpec {
        @Override
        public String type() {
            return "loss";
        }

        @Override
        public Shape output(Shape input) {
            return scored(activation, loss, Shape.vector(input.size()));
        }

        @Override
        public Layer dl4j(Shape input) {
            return new LossLayer.Builder(loss.dl4j(input.size()))
                    .activation(activation.dl4j())
                    .build();
        }

        @Override
        public boolean isOutput() {
            return true;
        }
    }

    private static Layer started(WeightInit init, BaseLayer layer) {
        if (init != null) {
            layer.setWeightInitFn(init.dl4j());
        }
        return layer;
    }

    private static Shape activated(ActivationFunction function, Shape input) {
        if (function == ActivationFunction.SOFTMAX && input.isImage()) {
            // DL4J would run it over each row of pixels.
            throw new IllegalArgumentException(
                    "softmax is over the units of a vector, its input is an image of " + input);
        }
        return input;
    }

    private static Shape scored(ActivationFunction activation, LossFunction loss, Shape output) {
        ActivationFunction needed = loss.activation();
        if (needed != null && activation != needed) {
            throw new IllegalArgumentException(
                    name(loss) + " needs the activation " + name(needed) + ", found " + name(activation));
        }
        if (activation == ActivationFunction.SOFTMAX && output.size() == 1) {
            throw new IllegalArgumentException("softmax needs at least 2 units: over 1 it is always 1");
        }
        return output;
    }

    private static Shape image(Shape input) {
        if (!input.isImage()) {
            throw new IllegalArgumentException(
                    "needs an image (channels x height x width), its input is a vector of " + input.channels());
        }
        return input;
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Shape window(Shape input, int channels, int kernel, int stride, int padding, int dilation) {
        image(input);
        if (padding == Convolution.SAME) {
            return new Shape(channels, (input.height() - 1) / stride + 1, (input.width() - 1) / stride + 1);
        }
        long reach = (kernel - 1L) * dilation + 1;
        if (padding >= reach) {
            throw new IllegalArgumentException(
                    "padding " + padding + " must be smaller than its " + kernel(kernel, dilation));
        }
        long height = input.height() + 2L * padding - reach;
        long width = input.width() + 2L * padding - reach;
        if (height < 0 || width < 0) {
            throw new IllegalArgumentException(kernel(kernel, dilation) + " is larger than its input " + input
                    + (padding > 0 ? " with padding " + padding : ""));
        }
        return new Shape(channels, (int) (height / stride) + 1, (int) (width / stride) + 1);
    }

    private static String kernel(int size, int dilation) {
        return "kernel " + size + "x" + size + (dilation > 1 ? " with dilation " + dilation : "");
    }
}
