package dev.lockstep.worker.step;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.kernel.NativeThreads;
import dev.lockstep.worker.network.Dl4jDefinition;
import dev.lockstep.worker.network.FlatValues;
import dev.lockstep.worker.network.Network;
import dev.lockstep.worker.network.NetworkDefinition;
import dev.lockstep.worker.network.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A network that only looks: outputs and losses in evaluation mode, for any DL4J model with an output layer. */
public final class Predictor {

    private static final Pool<NetworkDefinition, Predictor> IDLE = new Pool<>(Predictor::new);

    /**
     * @param outputs {@code [n][classes]}
     * @param losses {@code [n]}, each example's own, without regularisation
     */
    public record Prediction(float[][] outputs, double[] losses) {}

    private final Network network;
    private final BatchReader reader;
    private final ILossFunction loss;

    /**
     * Runs work with an idle predictor of this JVM, or a new one, with these parameters.
     *
     * @param configurationJson DL4J's configuration of the network
     * @param parameters float32 in DL4J's flat order
     */
    public static <R> R with(
            String configurationJson, Shape input, int classes, float[] parameters, Function<Predictor, R> work) {
        return IDLE.with(new Dl4jDefinition(configurationJson, input, classes), predictor -> {
            NativeThreads.holdToOne();
            FlatValues.write(predictor.network.parameters(), parameters);
            return work.apply(predictor);
        });
    }

    private Predictor(NetworkDefinition definition) {
        NativeThreads.holdToOne();
        network = definition.build(0);
        network.useFastLayers();
        reader = new BatchReader(definition);
        var output = network.outputLayer().conf().getLayer();
        loss = output instanceof BaseOutputLayer layer ? layer.getLossFn() : ((LossLayer) output).getLossFn();
    }

    /** @param examples packed, at least one; bits depend on how examples are grouped, so group them by a fixed rule */
    public Prediction predict(List<byte[]> examples) {
        BatchReader.Batch batch = reader.read(examples);
        INDArray outputs = network.output(batch.features());
        // The outputs are activated already, hence the identity; the clip is what the loss itself does behind a
        // softmax.
        INDArray clipped = loss instanceof LossMCXENT ? Transforms.max(outputs, 1e-10, true) : outputs;
        double[] losses = loss.computeScoreArray(batch.labels(), clipped, new ActivationIdentity(), null)
                .reshape(examples.size())
                .toDoubleVector();
        return new Prediction(rows(outputs), losses);
    }

    /** ND4J's own way makes an array of each row, which takes longer than a small network's answers. */
    private static float[][] rows(INDArray outputs) {
        float[] all = outputs.dup('c').data().asFloat();
        int length = Math.toIntExact(outputs.size(1));
        float[][] rows = new float[Math.toIntExact(outputs.size(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * length, (i + 1) * length);
        }
        return rows;
    }
}
