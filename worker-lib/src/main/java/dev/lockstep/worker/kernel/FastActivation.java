package dev.lockstep.worker.kernel;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** ReLU as a layer of its own, in whatever memory order its input has. */
final class FastActivation extends ActivationLayer implements FastLayer {
    private static final long serialVersionUID = 1L;

    /** Values at a time: 16 KB, a third of a first cache. */
    private static final int TILE = 4096;

    private final transient Workbench bench;
    private final transient PassCounter passes = new PassCounter(this::layerId);
    private transient INDArray y; // kept for the backward pass

    FastActivation(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.bench = bench;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        passes.countForward();
        INDArray x = input;
        INDArray result = createLike(x, ArrayType.ACTIVATIONS, workspaces);
        if (!NativeFloats.isDense(x) || !sameOrder(x, result)) {
            x = result.assign(x);
        }
        NativeFloats in = NativeFloats.of(x);
        NativeFloats out = NativeFloats.of(result);
        float[] tile = bench.tile(0, TILE);
        for (int from = 0; from < in.length(); from += TILE) {
            int count = Math.min(TILE, in.length() - from);
            in.read(from, tile, 0, count);
            VectorLoops.relu(tile, count);
            out.write(from, tile, 0, count);
        }
        y = training ? result : null;
        return result;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (y == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        INDArray dx = createLike(y, ArrayType.ACTIVATION_GRAD, workspaces);
        INDArray delta = epsilon;
        if (!NativeFloats.isDense(delta) || !sameOrder(delta, dx)) {
            delta = dx.assign(delta);
        }
        NativeFloats gradient = NativeFloats.of(delta);
        NativeFloats output = NativeFloats.of(y);
        NativeFloats masked = NativeFloats.of(dx);
        int[] gradientBits = bench.bitTile(0, TILE);
        int[] outputBits = bench.bitTile(1, TILE);
        for (int from = 0; from < masked.length(); from += TILE) {
            int count = Math.min(TILE, masked.length() - from);
            gradient.read(from, gradientBits, 0, count);
            output.read(from, outputBits, 0, count);
            VectorLoops.maskByRelu(gradientBits, outputBits, count);
            masked.write(from, gradientBits, 0, count);
        }
        y = null;
        return new Pair<>(new DefaultGradient(), dx);
    }

    private static INDArray createLike(INDArray shape, ArrayType type, LayerWorkspaceMgr workspaces) {
        return BatchLast.is(shape)
                ? BatchLast.createLike(workspaces, type, shape)
                : workspaces.createUninitialized(type, DataType.FLOAT, shape.shape(), shape.ordering());
    }

    private static boolean sameOrder(INDArray a, INDArray b) {
        for (int dimension = 0; dimension < a.rank(); dimension++) {
            if (a.size(dimension) > 1 && a.stride(dimension) != b.stride(dimension)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void clear() {
        super.clear();
        y = null;
    }

    @Override
    public String technique() {
        return "relu";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
