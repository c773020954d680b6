package dev.lockstep.worker.dl4j.layer;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/** An output layer of every step that has an embedding's rows for its weights, as DL4J configures one: without parameters. */
public final class TiedOutputLayer extends RnnOutputLayer {
    private static final long serialVersionUID = 1L;

    private String embedding;

    /** For DL4J's JSON. */
    public TiedOutputLayer() {}

    /** @param embedding the vertex whose rows they are */
    public static TiedOutputLayer of(String embedding, int units, ILossFunction loss, IActivation activation) {
        TiedOutputLayer layer = new TiedOutputLayer();
        layer.setEmbedding(embedding);
        layer.setNOut(units);
        layer.setLossFn(loss);
        layer.setActivationFn(activation);
        layer.setHasBias(false);
        layer.setRnnDataFormat(RNNFormat.NCW);
        return layer;
    }

    public String getEmbedding() {
        return embedding;
    }

    public void setEmbedding(String embedding) {
        this.embedding = embedding;
    }

    @Override
    public ParamInitializer initializer() {
        return EmptyParamInitializer.getInstance();
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        return HostedLayer.placed(new TiedOutput(conf, type), conf, listeners, index, parameters, initialize);
    }
}
