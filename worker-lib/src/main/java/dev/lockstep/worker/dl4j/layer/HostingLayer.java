package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Kernel;
import dev.lockstep.worker.model.layer.Kernel.Values;
import dev.lockstep.worker.model.layer.OwnLayer.Parameter;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Lets a layer of ours compute between DL4J's: brings its memory into the order that kernels know. Float32 alone. */
final class HostingLayer extends BaseLayer<HostedLayer> implements FastLayer {
    private static final long serialVersionUID = 1L;

    private final transient Kernel kernel;
    private final transient PassCounter passes = new PassCounter(this::layerId);

    private transient INDArray x; // batch-last; kept for the backward pass

    HostingLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
        if (type != DataType.FLOAT) {
            throw new IllegalArgumentException(layerConf().layer().type() + " computes with float32, not with " + type);
        }
        this.kernel = layerConf().layer().kernel(layerConf().input());
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
        Shape in = layerConf().input();
        Shape out = layerConf().layer().output(in);
        x = batchLast(input, in, workspaces, training ? ArrayType.INPUT : ArrayType.FF_WORKING_MEM);
        INDArray y = create(workspaces, ArrayType.ACTIVATIONS, input.size(0), out);
        kernel.forward(values(x), memory(this::getParam), values(y), training);
        if (!training) {
            x = null;
        }
        return standing(y, out);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        if (x == null) {
            throw new IllegalStateException("no forward pass in training mode before the backward pass " + layerId());
        }
        passes.countBackward();
        Shape in = layerConf().input();
        Shape out = layerConf().layer().output(in);
        INDArray dy = batchLast(epsilon, out, workspaces, ArrayType.BP_WORKING_MEM);
        INDArray dx = create(workspaces, ArrayType.ACTIVATION_GRAD, input.size(0), in);
        kernel.backward(values(x), memory(this::getParam), values(dy), memory(this::gradient), values(dx));
        Gradient gradient = new DefaultGradient();
        for (Parameter parameter : layerConf().layer().parameters(in)) {
            gradient.gradientForVariable().put(parameter.name(), gradient(parameter.name()));
        }
        x = null;
        return new Pair<>(gradient, backpropDropOutIfPresent(standing(dx, in)));
    }

    /** Of a layer with parameters; one without has no views. */
    private INDArray gradient(String parameter) {
        return gradientViews.get(parameter);
    }

    private List<NativeFloats> memory(Function<String, INDArray> of) {
        return layerConf().layer().parameters(layerConf().input()).stream()
                .map(parameter -> ArrayMemory.of(of.apply(parameter.name())))
                .toList();
    }

    /** {@code [n, channels, height, width]} in batch-last memory; a vector is an image of one pixel. */
    private static INDArray batchLast(INDArray array, Shape shape, LayerWorkspaceMgr workspaces, ArrayType type) {
        INDArray image = shape.isImage() ? array : array.reshape('c', array.size(0), array.size(1), 1, 1);
        return BatchLast.of(image, workspaces, type);
    }

    private static INDArray create(LayerWorkspaceMgr workspaces, ArrayType type, long examples, Shape shape) {
        return BatchLast.create(
                workspaces, type, examples, shape.channels(), Math.max(1, shape.height()), Math.max(1, shape.width()));
    }

    private static INDArray standing(INDArray image, Shape shape) {
        return shape.isImage() ? image : BatchLast.flatten(image);
    }

    private static Values values(INDArray image) {
        return new Values(
                ArrayMemory.of(image), (int) image.size(1), (int) (image.size(2) * image.size(3)), (int) image.size(0));
    }

    @Override
    public void clear() {
        super.clear();
        x = null;
    }

    @Override
    public String technique() {
        return "its own kernel";
    }

    @Override
    public PassCounter passes() {
        return passes;
    }
}
