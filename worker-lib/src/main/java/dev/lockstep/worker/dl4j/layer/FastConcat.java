package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import java.util.Arrays;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.impl.MergeVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A graph's vertices side by side along their channels, in the memory order of the first of them; DL4J's would give them in the order
 * of the shape.
 */
final class FastConcat extends MergeVertex implements FastLayer {
    private static final long serialVersionUID = 1L;

    /** Of what is joined: [examples, channels, ...]. */
    static final int CHANNELS = 1;

    private final transient PassCounter passes = new PassCounter(() -> "the concatenation " + getVertexName());

    private transient MemoryOrder order; // of the last forward pass
    private transient long[][] shapes;

    /** @param stock not yet connected to arrays; joins channels */
    FastConcat(MergeVertex stock) {
        super(
                stock.getGraph(),
                stock.getVertexName(),
                stock.getVertexIndex(),
                stock.getInputVertices(),
                stock.getOutputVertices(),
                stock.getDataType(),
                CHANNELS);
        setOutputVertex(stock.isOutputVertex());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        if (!canDoForward()) {
            throw new IllegalStateException("not all inputs are set of the concatenation " + getVertexName());
        }
        passes.countForward();
        order = MemoryOrder.of(inputs[0]);
        shapes = Arrays.stream(inputs).map(INDArray::shape).toArray(long[][]::new);
        long[] whole = shapes[0].clone();
        whole[CHANNELS] =
                Arrays.stream(shapes).mapToLong(shape -> shape[CHANNELS]).sum();
        INDArray joined = order.create(whole, workspaces, ArrayType.ACTIVATIONS);
        int from = 0;
        for (INDArray input : inputs) {
            INDArray part = order.ensure(input, workspaces, ArrayType.FF_WORKING_MEM);
            move(ArrayMemory.of(part), run(part), ArrayMemory.of(joined), run(joined), from, true);
            from += run(part);
        }
        return joined;
    }

    /** The gradient of each input is its part. */
    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean truncated, LayerWorkspaceMgr workspaces) {
        passes.countBackward();
        INDArray joined = order.ensure(epsilon, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray[] gradients = new INDArray[shapes.length];
        int from = 0;
        for (int i = 0; i < gradients.length; i++) {
            gradients[i] = order.create(shapes[i], workspaces, ArrayType.ACTIVATION_GRAD);
            move(ArrayMemory.of(gradients[i]), run(gradients[i]), ArrayMemory.of(joined), run(joined), from, false);
            from += run(gradients[i]);
        }
        return new Pair<>(null, gradients);
    }

    /** The values that lie in one piece from an array's first channel to its last. */
    private int run(INDArray array) {
        return Math.toIntExact(order.within(array, CHANNELS) * array.size(CHANNELS));
    }

    private static void move(NativeFloats part, int run, NativeFloats whole, int stride, int from, boolean in) {
        for (int at = 0, to = from; at < part.length(); at += run, to += stride) {
            if (in) {
                whole.copy(to, part, at, run);
            } else {
                part.copy(at, whole, to, run);
            }
        }
    }

    /** Why we have none for DL4J's; empty when we have. */
    static String obstacle(MergeVertex stock, int axis) {
        return axis != CHANNELS
                ? "along dimension " + axis
                : stock.getDataType() == DataType.FLOAT ? "" : "not float32";
    }

    @Override
    public String technique() {
        return "copies";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
