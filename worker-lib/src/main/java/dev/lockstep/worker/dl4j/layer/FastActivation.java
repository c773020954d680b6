package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An activation function as a layer of its own, in whatever memory order its input has. ReLU is computed here, the
 * others by DL4J's objects. Unlike DL4J's, it never writes over its input, which another vertex of a graph may read.
 */
final class FastActivation extends ActivationLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    /** Values at a time: 16 KB, a third of a first cache. */
    private static final int TILE = 4096;

    private final transient Workbench bench;
    private final transient Fusion fusion;
    private final transient PassCounter passes = new PassCounter(this::layerId);

    /** For the backward pass: what ReLU gave, or what went into another function. */
    private transient INDArray kept;

    FastActivation(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.bench = bench;
        this.fusion = Fusion.of(layerConf().getActivationFn());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        passes.countForward();
        MemoryOrder order = MemoryOrder.of(input);
        INDArray x = order.ensure(input, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        INDArray y = order.createLike(x, workspaces, ArrayType.ACTIVATIONS);
        if (fusion == Fusion.RELU) {
            relu(ArrayMemory.of(x), ArrayMemory.of(y));
            kept = training ? y : null;
            return y;
        }
        order.lying(y).assign(order.lying(x));
        kept = training ? x : null;
        return Elementwise.apply(layerConf().getActivationFn(), y, training);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (kept == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        MemoryOrder order = MemoryOrder.of(kept);
        INDArray dx;
        if (fusion == Fusion.RELU) {
            INDArray delta = order.ensure(epsilon, workspaces, ArrayType.BP_WORKING_MEM);
            dx = order.createLike(kept, workspaces, ArrayType.ACTIVATION_GRAD);
            mask(ArrayMemory.of(delta), ArrayMemory.of(kept), ArrayMemory.of(dx));
        } else {
            INDArray z = order.copy(kept, workspaces, ArrayType.BP_WORKING_MEM);
            INDArray delta = Elementwise.backprop(layerConf().getActivationFn(), z, epsilon, workspaces);
            dx = order.copy(delta, workspaces, ArrayType.ACTIVATION_GRAD);
        }
        kept = null;
        return new Pair<>(new DefaultGradient(), dx);
    }

    private void relu(NativeFloats x, NativeFloats y) {
        float[] tile = bench.tile(0, TILE);
        for (int from = 0; from < x.length(); from += TILE) {
            int count = Math.min(TILE, x.length() - from);
            x.read(from, tile, 0, count);
            VectorLoops.relu(tile, count);
            y.write(from, tile, 0, count);
        }
    }

    private void mask(NativeFloats gradient, NativeFloats output, NativeFloats masked) {
        int[] gradientBits = bench.bitTile(0, TILE);
        int[] outputBits = bench.bitTile(1, TILE);
        for (int from = 0; from < masked.length(); from += TILE) {
            int count = Math.min(TILE, masked.length() - from);
            gradient.read(from, gradientBits, 0, count);
            output.read(from, outputBits, 0, count);
            VectorLoops.maskByRelu(gradientBits, outputBits, count);
            masked.write(from, gradientBits, 0, count);
        }
    }

    @Override
    public void clear() {
        super.clear();
        kept = null;
    }

    @Override
    public String technique() {
        return fusion == Fusion.RELU ? "relu" : "DL4J's " + layerConf().getActivationFn();
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
