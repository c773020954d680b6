package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.PoolingRows;
import dev.lockstep.worker.math.Window;
import dev.lockstep.worker.math.WindowAxis;
import dev.lockstep.worker.math.Workbench;
import java.util.Arrays;
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
 * Max and average pooling of whole images: pooling with one window as large as the image. What is no image (rank 3 and
 * 5), or has a mask, is left to DL4J.
 */
final class FastGlobalPooling extends GlobalPoolingLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient PassCounter passes = new PassCounter(this::layerId);

    private final transient Workbench bench;
    private final boolean max;
    private final CNN2DFormat format;

    private transient INDArray x; // batch-last; kept for the backward pass, as the one below
    private transient INDArray y;

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
        if (input.rank() != 4 || maskArray != null) {
            passes.countStockBackward();
            return super.backpropGradient(epsilon, workspaces);
        }
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
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

    private PoolingRows pooling() {
        Window whole = new Window(WindowAxis.whole((int) x.size(2)), WindowAxis.whole((int) x.size(3)));
        return new PoolingRows(whole, (int) x.size(0), bench, ArrayMemory.of(x), ArrayMemory.of(y));
    }

    private void forget() {
        x = null;
        y = null;
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
