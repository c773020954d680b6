package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.VectorLoops;
import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The sum, or the mean, of a graph's vertices, as at the end of a residual block (He et al. 2016), to the bits of DL4J's and in the
 * memory order of an input that a layer of ours gave, of the first where none did; DL4J's would give it in the order of the shape.
 * Inputs of different shapes, which are broadcast, are left to DL4J.
 */
final class FastSum extends ElementWiseVertex implements FastLayer {
    private static final long serialVersionUID = 1L;

    /** Values at a time: two arrays of 16 KB. */
    private static final int TILE = 4096;

    private final boolean mean;
    private final transient Workbench bench;
    private final transient PassCounter passes = new PassCounter(() -> "the sum " + getVertexName());

    /**
     * @param stock not yet connected to arrays
     * @param op what it computes: a sum, or a mean
     */
    FastSum(ElementWiseVertex stock, Op op, Workbench bench) {
        super(
                stock.getGraph(),
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                op,
                stock.getDataType());
        setOutputVertex(stock.isOutputVertex());
        this.mean = op == Op.Average;
        this.bench = bench;
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        if (!isOurs()) {
            passes.countStockForward("inputs of several shapes, or not float32");
            return super.doForward(training, workspaces);
        }
        passes.countForward();
        MemoryOrder order = order();
        INDArray sum = order.createLike(inputs[0], workspaces, ArrayType.ACTIVATIONS);
        NativeFloats[] summands = new NativeFloats[inputs.length];
        for (int i = 0; i < summands.length; i++) {
            summands[i] = ArrayMemory.of(order.ensure(inputs[i], workspaces, ArrayType.FF_WORKING_MEM));
        }
        add(summands, ArrayMemory.of(sum));
        return sum;
    }

    /** A network's own input lies otherwise than what its layers give and read: all behind it would be copied, back and forth. */
    private MemoryOrder order() {
        for (INDArray input : inputs) {
            if (TimeFirst.is(input)) {
                return MemoryOrder.of(input);
            }
        }
        return MemoryOrder.of(inputs[0]);
    }

    private void add(NativeFloats[] summands, NativeFloats sum) {
        float[] sums = bench.tile(0, TILE);
        float[] values = bench.tile(1, TILE);
        for (int from = 0; from < sum.length(); from += TILE) {
            int count = Math.min(TILE, sum.length() - from);
            summands[0].read(from, sums, 0, count);
            for (int i = 1; i < summands.length; i++) {
                summands[i].read(from, values, 0, count);
                VectorLoops.add(sums, values, count);
            }
            if (mean) {
                divide(sums, summands.length, count);
            }
            sum.write(from, sums, 0, count);
        }
    }

    private static void divide(float[] values, float by, int count) {
        for (int i = 0; i < count; i++) {
            values[i] /= by;
        }
    }

    /**
     * The gradient of each input is that of the sum, of a mean its share. Each gets a copy of its own, for DL4J's graph adds to an input's
     * gradient, in place, what its other readers give.
     */
    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        if (!isOurs()) {
            passes.countStockBackward();
            return super.doBackward(truncated, workspaces);
        }
        passes.countBackward();
        MemoryOrder order = order();
        INDArray[] gradients = new INDArray[inputs.length];
        for (int i = 0; i < gradients.length; i++) {
            gradients[i] = new GradientInOrder(order.copy(epsilon, workspaces, ArrayType.ACTIVATION_GRAD));
            if (mean) {
                gradients[i].divi(inputs.length);
            }
        }
        return new Pair<>(null, gradients);
    }

    private boolean isOurs() {
        if (!canDoForward()) {
            throw new IllegalStateException("not all inputs are set of the sum " + getVertexName());
        }
        for (INDArray input : inputs) {
            if (input.dataType() != DataType.FLOAT || !input.equalShapes(inputs[0])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String technique() {
        return "one pass over all inputs";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
