package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.math.Workbench;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Press, Wolf 2017 ("Using the output embedding to improve language models"): y = f(x E'), E being an embedding's rows; there is one
 * array, whose gradient is the sum of both layers'. This one's is added to the embedding's when that computes its own, which comes
 * later: it is below.
 */
public final class TiedOutput extends FastSequenceOutput {
    private static final long serialVersionUID = 1L;

    private transient SequenceHost<?> embedding; // null before the network is put together
    private transient INDArray gradient; // of E, {@code [in, units]}, column by column

    TiedOutput(NeuralNetConfiguration conf, DataType type) {
        super(conf, type, new Workbench());
    }

    /** Ties those of an initialised network to what they name. */
    public static void tie(ComputationGraph network) {
        for (GraphVertex vertex : network.getVertices()) {
            if (vertex.hasLayer() && vertex.getLayer() instanceof TiedOutput tied) {
                String name = ((TiedOutputLayer) tied.layerConf()).getEmbedding();
                GraphVertex named = network.getVertex(name);
                Layer layer = named == null ? null : named.getLayer();
                if (!(layer instanceof SequenceHost<?> host)) {
                    throw new IllegalStateException("there is no embedding '" + name + "'");
                }
                tied.embedding = host;
            }
        }
    }

    @Override
    INDArray weights() {
        if (embedding == null) {
            throw new IllegalStateException("has the rows of the embedding '"
                    + ((TiedOutputLayer) layerConf()).getEmbedding()
                    + "' once TiedOutput.tie was called with its network");
        }
        return shaped(embedding.first());
    }

    /** The rows lie one behind the other, {@code [units][in]}: column by column. */
    private INDArray shaped(INDArray rows) {
        return rows.reshape('f', layerConf().getNIn(), layerConf().getNOut());
    }

    /** What ONNX is to be told: its weights are no parameters of its own. */
    public INDArray shared() {
        return weights();
    }

    @Override
    Gradient gradient(DenseProducts products, INDArray x, INDArray delta) {
        if (gradient == null) {
            gradient = Nd4j.createUninitializedDetached(
                            DataType.FLOAT, layerConf().getNIn() * layerConf().getNOut())
                    .reshape('f', layerConf().getNIn(), layerConf().getNOut());
        }
        products.weightGradients(x, delta, gradient, null);
        embedding.addToFirst(ArrayMemory.of(gradient));
        return new DefaultGradient();
    }
}
