package dev.lockstep.worker.dl4j.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Computes a {@link GroupNormalization}. With n examples, C channels and m values a group, x as {@code [groups, m]} and
 * each group's mean and biased variance: h = (x - mean) / sqrt(variance + epsilon), y = gamma h + beta by channel.
 */
public final class GroupNormalizationLayer extends BaseLayer<GroupNormalization> {
    private static final long serialVersionUID = 1L;

    GroupNormalizationLayer(NeuralNetConfiguration conf, DataType type) {
        super(conf, type);
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaces);
        INDArray x = groups(input);
        INDArray y = byChannel(normalised(x, inverseDeviation(x)));
        y = y.mul(column(ScaleAndShift.GAMMA)).addi(column(ScaleAndShift.BETA));
        return workspaces.leverageTo(ArrayType.ACTIVATIONS, y.reshape('c', input.shape()));
    }

    /** With g the gradient of h: dx = (g - mean(g) - h mean(g h)) / sqrt(variance + epsilon), means over the group. */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray x = groups(input);
        INDArray inverse = inverseDeviation(x);
        INDArray h = normalised(x, inverse);
        INDArray dy = byChannel(epsilon.dup('c'));
        Gradient gradient = new DefaultGradient();
        put(gradient, ScaleAndShift.GAMMA, dy.mul(byChannel(h)));
        put(gradient, ScaleAndShift.BETA, dy);
        INDArray g = dy.mul(column(ScaleAndShift.GAMMA)).reshape('c', x.shape());
        INDArray along = g.mul(h).mean(true, 1);
        INDArray dx = g.sub(g.mean(true, 1)).subi(h.mul(along)).muli(inverse);
        INDArray next = workspaces.leverageTo(ArrayType.ACTIVATION_GRAD, dx.reshape('c', input.shape()));
        return new Pair<>(gradient, backpropDropOutIfPresent(next));
    }

    private void put(Gradient gradient, String name, INDArray byChannel) {
        INDArray view = gradientViews.get(name);
        view.assign(byChannel.sum(0, 2).reshape(view.shape()));
        gradient.gradientForVariable().put(name, view);
    }

    /** {@code [groups, m]} */
    private INDArray groups(INDArray array) {
        long groups = layerConf().byChannel() ? array.size(0) * layerConf().channels() : array.size(0);
        return array.dup('c').reshape('c', groups, array.length() / groups);
    }

    /** {@code [n, C, values of a channel]} */
    private INDArray byChannel(INDArray array) {
        long examples = input.size(0);
        long channels = layerConf().channels();
        return array.reshape('c', examples, channels, array.length() / (examples * channels));
    }

    /** {@code [1, C, 1]} */
    private INDArray column(String parameter) {
        return getParam(parameter).reshape(1, layerConf().channels(), 1);
    }

    private static INDArray normalised(INDArray x, INDArray inverseDeviation) {
        return x.sub(x.mean(true, 1)).muli(inverseDeviation);
    }

    /** {@code [groups, 1]} */
    private INDArray inverseDeviation(INDArray x) {
        INDArray centred = x.sub(x.mean(true, 1));
        INDArray variance = centred.muli(centred).mean(true, 1);
        return Transforms.sqrt(variance.addi(layerConf().epsilon()), false).rdivi(1);
    }
}
