package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.PoolingRows;
import dev.lockstep.worker.math.Window;
import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Max and average pooling on batch-last memory: one output row (columns x batch) of one channel at a time, tap by tap.
 * As DL4J does, the gradient of a maximum goes to the first tap that has it, and the average is over the taps inside
 * the image unless the configuration counts padding. Unlike DL4J, a NaN in a window is its maximum.
 */
final class FastPooling extends SubsamplingLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient Workbench bench;
    private final boolean max;
    private final transient PassCounter passes = new PassCounter(this::layerId);

    private transient INDArray x; // batch-last; kept for the backward pass, as the two below
    private transient INDArray y;
    private transient Window window;

    FastPooling(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.bench = bench;
        this.max = layerConf().getPoolingType() == PoolingType.MAX;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        if (input.rank() != 4) {
            throw new DL4JInvalidInputException(
                    "pooling needs input of rank 4, has " + input.shapeInfoToString() + " " + layerId());
        }
        passes.countForward();
        var conf = layerConf();
        INDArray image = BatchLast.channelsFirst(input, conf.getCnn2dDataFormat());
        window = Windows.of(
                image, conf.getKernelSize(), conf.getStride(), conf.getPadding(), conf.getDilation(), convolutionMode);
        x = BatchLast.of(image, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        y = BatchLast.create(
                workspaces,
                ArrayType.ACTIVATIONS,
                x.size(0),
                x.size(1),
                window.rows().out(),
                window.columns().out());
        int batch = (int) x.size(0);
        var pooling = new PoolingRows(window, batch, bench, ArrayMemory.of(x), ArrayMemory.of(y));
        pooling.pool(max, conf.isAvgPoolIncludePadInDivisor());
        INDArray result = BatchLast.inFormat(y, conf.getCnn2dDataFormat());
        if (!training) {
            forget();
        }
        return result;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        INDArray image = BatchLast.channelsFirst(epsilon, layerConf().getCnn2dDataFormat());
        INDArray delta = BatchLast.of(image, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray dx = BatchLast.createLike(workspaces, ArrayType.ACTIVATION_GRAD, x);
        int batch = (int) x.size(0);
        var pooling = new PoolingRows(window, batch, bench, ArrayMemory.of(x), ArrayMemory.of(y));
        pooling.backpropagate(
                max, layerConf().isAvgPoolIncludePadInDivisor(), ArrayMemory.of(delta), ArrayMemory.of(dx));
        forget();
        return new Pair<>(
                new DefaultGradient(), BatchLast.inFormat(dx, layerConf().getCnn2dDataFormat()));
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

    @Override
    public String technique() {
        return (max ? "maximum" : "average") + ", row by row";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
