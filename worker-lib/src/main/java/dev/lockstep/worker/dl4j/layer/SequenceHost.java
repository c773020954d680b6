package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.math.ValueException;
import dev.lockstep.worker.math.VectorLoops;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Lets a kernel of ours compute sequences between DL4J's layers: in the place of one of DL4J's, or as a layer that DL4J lacks.
 * Brings memory into the order of {@link TimeFirst}. Float32 alone.
 */
final class SequenceHost<C extends org.deeplearning4j.nn.conf.layers.BaseLayer> extends BaseLayer<C>
        implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient SequenceKernel kernel;
    private final transient List<String> parameters;
    private final boolean givesSequences;
    private final long outputs;
    private boolean givesInputGradient;
    private final transient PassCounter passes = new PassCounter(this::layerId);

    private transient NativeFloats more; // of the first parameter's gradient, from another layer that shares it
    private transient Sequences x; // of a forward pass in training mode

    /**
     * @param parameters their names, in the kernel's order
     * @param givesSequences whether a vector comes out for each step, or one for each example
     * @param outputs the values of such a vector
     * @param givesInputGradient whether anybody reads the gradient of the input
     */
    SequenceHost(
            NeuralNetConfiguration conf,
            DataType type,
            SequenceKernel kernel,
            List<String> parameters,
            boolean givesSequences,
            long outputs,
            boolean givesInputGradient) {
        super(conf, type);
        if (type != DataType.FLOAT) {
            throw new IllegalArgumentException("sequences are computed with float32, not with " + type);
        }
        this.kernel = kernel;
        this.parameters = List.copyOf(parameters);
        this.givesSequences = givesSequences;
        this.outputs = outputs;
        this.givesInputGradient = givesInputGradient;
    }

    /** Says that nobody reads the gradient of the input. */
    void leaveOutInputGradient() {
        givesInputGradient = false;
    }

    SequenceKernel kernel() {
        return kernel;
    }

    /** The first parameter, in memory order. */
    INDArray first() {
        return getParam(parameters.get(0));
    }

    /** Adds to the gradient of the first parameter that the next backward pass computes. */
    void addToFirst(NativeFloats gradient) {
        more = gradient;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        passes.countForward();
        applyDropOutIfNecessary(training, workspaces);
        INDArray timeFirst = TimeFirst.of(input, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        Sequences in = TimeFirst.sequences(timeFirst, maskArray);
        INDArray y = output(workspaces, ArrayType.ACTIVATIONS);
        List<NativeFloats> weights = memory(paramTable(false));
        Sequences out = values(y, in);
        try {
            kernel.forward(in, weights, out, training);
        } catch (ValueException e) {
            throw new DataException(e.getMessage(), e);
        }
        x = training ? in : null;
        return y;
    }

    private INDArray output(LayerWorkspaceMgr workspaces, ArrayType type) {
        return givesSequences
                ? TimeFirst.create(workspaces, type, input.size(0), outputs, input.size(2))
                : workspaces.createUninitialized(type, DataType.FLOAT, new long[] {input.size(0), outputs}, 'c');
    }

    /** What comes out, of the same examples as goes in. */
    private Sequences values(INDArray y, Sequences in) {
        return givesSequences
                ? new Sequences(ArrayMemory.of(y), in.steps(), (int) outputs, in.lengths())
                : new Sequences(ArrayMemory.of(y), 1, (int) outputs, Sequences.full(1, in.examples()));
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        INDArray dy = givesSequences
                ? TimeFirst.of(epsilon, workspaces, ArrayType.BP_WORKING_MEM)
                : workspaces.dup(ArrayType.BP_WORKING_MEM, epsilon, 'c');
        INDArray dx = givesInputGradient
                ? TimeFirst.create(workspaces, ArrayType.ACTIVATION_GRAD, input.size(0), input.size(1), input.size(2))
                : null;
        kernel.backward(
                x,
                memory(paramTable(false)),
                values(dy, x),
                memory(gradientViews),
                dx == null ? null : new Sequences(ArrayMemory.of(dx), x.steps(), x.channels(), x.lengths()));
        if (more != null) {
            add(more, ArrayMemory.of(gradientViews.get(parameters.get(0))));
            more = null;
        }
        Gradient gradient = new DefaultGradient();
        for (String name : parameters) {
            gradient.gradientForVariable().put(name, gradientViews.get(name));
        }
        x = null;
        return new Pair<>(gradient, dx == null ? null : backpropDropOutIfPresent(dx));
    }

    private static void add(NativeFloats from, NativeFloats to) {
        float[] sum = new float[to.length()];
        float[] other = new float[sum.length];
        to.read(0, sum, 0, sum.length);
        from.read(0, other, 0, sum.length);
        VectorLoops.add(sum, other, sum.length);
        to.write(0, sum, 0, sum.length);
    }

    private List<NativeFloats> memory(Map<String, INDArray> of) {
        return parameters.stream().map(name -> ArrayMemory.of(of.get(name))).toList();
    }

    /** Behind a layer that gives one vector for each example nothing is masked. */
    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(INDArray mask, MaskState state, int examples) {
        maskArray = mask;
        maskState = state;
        return givesSequences ? new Pair<>(mask, state) : new Pair<>(null, null);
    }

    @Override
    public void clear() {
        super.clear();
        x = null;
    }

    @Override
    public String technique() {
        return "all steps' inputs in one product" + (givesInputGradient ? "" : ", no input gradient");
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
