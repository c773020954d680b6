package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.PoolingRows;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.math.StepMean;
import dev.lockstep.worker.math.Window;
import dev.lockstep.worker.math.WindowAxis;
import dev.lockstep.worker.math.Workbench;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Max and average pooling of whole images, pooling with one window as large as the image, and the mean over the steps of sequences
 * that a mask tells the lengths of. Anything else (other ranks, images with a mask) is left to DL4J.
 */
final class FastGlobalPooling extends GlobalPoolingLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient PassCounter passes = new PassCounter(this::layerId);

    private final transient Workbench bench;
    private final boolean max;
    private final CNN2DFormat format;

    private transient INDArray x; // batch-last; kept for the backward pass, as the one below
    private transient INDArray y;
    private transient Sequences sequences; // the same of sequences

    FastGlobalPooling(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.bench = bench;
        this.max = layerConf().getPoolingType() == PoolingType.MAX;
        int[] pooled = layerConf().getPoolingDimensions();
        this.format = pooled != null && pooled[0] == 1 ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
    }

    /** Whether the dimensions to pool over are the height and the width. */
    static boolean poolsImages(int[] dimensions) {
        return dimensions == null
                || Arrays.equals(dimensions, new int[] {2, 3})
                || Arrays.equals(dimensions, new int[] {1, 2});
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (isMeanOfSteps()) {
            return meanOfSteps(training, workspaces);
        }
        if (input.rank() != 4 || maskArray != null) {
            passes.countStockForward(maskArray == null ? "input of rank " + input.rank() : "a mask");
            return super.activate(training, workspaces);
        }
        passes.countForward();
        x = BatchLast.of(
                BatchLast.channelsFirst(input, format),
                workspaces,
                training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        y = BatchLast.create(workspaces, ArrayType.ACTIVATIONS, x.size(0), x.size(1), 1, 1);
        pooling().pool(max, false);
        INDArray result = layerConf().isCollapseDimensions() ? BatchLast.flatten(y) : BatchLast.inFormat(y, format);
        if (!training) {
            forget();
        }
        return result;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (isMeanOfSteps()) {
            return shareOfSteps(epsilon, workspaces);
        }
        if (input.rank() != 4 || maskArray != null) {
            passes.countStockBackward();
            return super.backpropGradient(epsilon, workspaces);
        }
        requireForward(x);
        passes.countBackward();
        INDArray image = epsilon.rank() == 4
                ? BatchLast.channelsFirst(epsilon, format)
                : BatchLast.unflatten(epsilon, x.size(1), 1, 1);
        INDArray delta = BatchLast.of(image, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray dx = BatchLast.createLike(workspaces, ArrayType.ACTIVATION_GRAD, x);
        pooling().backpropagate(max, false, ArrayMemory.of(delta), ArrayMemory.of(dx));
        forget();
        return new Pair<>(new DefaultGradient(), BatchLast.inFormat(dx, format));
    }

    private boolean isMeanOfSteps() {
        return input.rank() == 3
                && maskArray != null
                && maskArray.rank() == 2
                && !max
                && format == CNN2DFormat.NCHW
                && layerConf().isCollapseDimensions();
    }

    private INDArray meanOfSteps(boolean training, LayerWorkspaceMgr workspaces) {
        passes.countForward();
        INDArray steps = TimeFirst.of(input, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        Sequences in = TimeFirst.sequences(steps, maskArray);
        INDArray mean = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, DataType.FLOAT, new long[] {input.size(0), input.size(1)}, 'c');
        new StepMean().forward(in, List.of(), vectors(mean, in), training);
        sequences = training ? in : null;
        return mean;
    }

    private Pair<Gradient, INDArray> shareOfSteps(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(sequences);
        passes.countBackward();
        Sequences in = sequences;
        INDArray dy = workspaces.dup(ArrayType.BP_WORKING_MEM, epsilon, 'c');
        INDArray dx = TimeFirst.create(workspaces, ArrayType.ACTIVATION_GRAD, input.size(0), input.size(1), in.steps());
        Sequences slopes = new Sequences(ArrayMemory.of(dx), in.steps(), in.channels(), in.lengths());
        new StepMean().backward(in, List.of(), vectors(dy, in), List.of(), slopes);
        forget();
        return new Pair<>(new DefaultGradient(), dx);
    }

    /** One vector for each sequence. */
    private static Sequences vectors(INDArray rows, Sequences of) {
        return new Sequences(ArrayMemory.of(rows), 1, of.channels(), Sequences.full(1, of.examples()));
    }

    private void requireForward(Object kept) {
        if (kept == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
    }

    private PoolingRows pooling() {
        Window whole = new Window(WindowAxis.whole((int) x.size(2)), WindowAxis.whole((int) x.size(3)));
        return new PoolingRows(whole, (int) x.size(0), bench, ArrayMemory.of(x), ArrayMemory.of(y));
    }

    private void forget() {
        x = null;
        y = null;
        sequences = null;
    }

    @Override
    public void clear() {
        super.clear();
        forget();
    }

    @Override
    public String technique() {
        return (max ? "maximum" : "average") + ", row by row";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
