package dev.lockstep.worker.kernel;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.layers.OutputLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer with a loss: the sums by our products, the loss and its gradient by DL4J's own objects. */
final class FastOutput extends OutputLayer {
    private static final long serialVersionUID = 1L;

    private final transient DenseProducts products;

    FastOutput(NeuralNetConfiguration conf, DataType type, Workbench bench) {
        super(conf, type);
        this.products = new DenseProducts(bench);
    }

    @Override
    protected Pair<INDArray, INDArray> preOutputWithPreNorm(
            boolean training, boolean forBackprop, LayerWorkspaceMgr workspaces) {
        assertInputSet(forBackprop);
        applyDropOutIfNecessary(training, workspaces);
        INDArray weights = getParam(DefaultParamInitializer.WEIGHT_KEY);
        products.checkInput(input, weights, layerId());
        INDArray x = products.dense(input, workspaces, ArrayType.FF_WORKING_MEM);
        INDArray bias = hasBias() ? getParam(DefaultParamInitializer.BIAS_KEY) : null;
        INDArray z = workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, DataType.FLOAT, new long[] {input.size(0), weights.size(1)}, 'c');
        products.forward(x, weights, bias, false, z);
        if (maskArray != null) {
            applyMask(z);
        }
        return new Pair<>(z, z);
    }
}
