package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.ArrayMemory;
import dev.lockstep.worker.dl4j.layer.AttentionWeights;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.dl4j.layer.HostedLayer;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Model;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.ParameterLayout;
import dev.lockstep.worker.model.layer.Embedding;
import dev.lockstep.worker.natives.Natives;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** A network of DL4J's with our layers in it, as far as it answers. Holds native memory. */
public class Dl4jModel implements Model, AutoCloseable {
    final Network network;
    final BatchArrays arrays = new BatchArrays();
    private final ILossFunction loss;
    private final ParameterLayout layout;

    /** A network of this definition, for answers alone. */
    public static Dl4jModel of(NetworkDefinition definition) {
        Network network = Networks.build(definition, 0);
        network.useFastLayers();
        return new Dl4jModel(network);
    }

    Dl4jModel(Network network) {
        this.network = network;
        var output = network.outputLayer().conf().getLayer();
        this.loss = output instanceof BaseOutputLayer layer ? layer.getLossFn() : ((LossLayer) output).getLossFn();
        this.layout = network.layout();
    }

    @Override
    public ParameterLayout layout() {
        return layout;
    }

    @Override
    public void setParameters(float[] values) {
        FlatValues.write(network.parameters(), values);
    }

    @Override
    public Prediction predict(Batch batch) {
        BatchArrays.Pair pair = arrays.of(batch);
        INDArray outputs = toCompute().output(pair.features(), pair.mask());
        // The outputs are activated already, hence the identity; the clip is what the loss itself does behind a
        // softmax.
        INDArray clipped = loss instanceof LossMCXENT ? Transforms.max(outputs, 1e-10, true) : outputs;
        if (batch.everyStep()) {
            return new Prediction(ofSteps(outputs, batch), lossesOfSteps(pair.labels(), clipped, batch));
        }
        double[] losses = loss.computeScoreArray(pair.labels(), clipped, new ActivationIdentity(), null)
                .reshape(batch.examples())
                .toDoubleVector();
        return new Prediction(rows(outputs), losses);
    }

    @Override
    public Map<String, float[]> activations(Batch batch) {
        Map<String, float[]> values = new LinkedHashMap<>();
        toCompute()
                .activations(arrays.of(batch).features())
                .forEach((name, array) -> values.put(name, array.dup('c').data().asFloat()));
        return values;
    }

    /**
     * The rows of an embedding.
     *
     * @param rows {@code [vocabulary][units]}
     */
    public record Embedded(int units, float[] rows) {}

    /** The first embedding of a model as DL4J configures it; empty where it has none. */
    public static Optional<Embedded> embedding(String configurationJson, float[] parameters) {
        Network network = Network.fromJson(configurationJson).init();
        try {
            ParameterLayout layout = network.layout();
            for (Map.Entry<String, Trainable> part : network.parts().entrySet()) {
                if (part.getValue().getConfig() instanceof HostedLayer hosted
                        && hosted.layer() instanceof Embedding embedding) {
                    ParameterLayout.Block block = layout.blocks().stream()
                            .filter(each -> each.node().equals(part.getKey()))
                            .findFirst()
                            .orElseThrow();
                    float[] rows = Arrays.copyOfRange(parameters, block.from(), block.to());
                    return Optional.of(new Embedded(embedding.units(), rows));
                }
            }
            return Optional.empty();
        } finally {
            network.close();
        }
    }

    /** What attention looks at, by layer, as {@link AttentionWeights} has it. */
    public Map<String, List<float[][][]>> attentionWeights(Batch batch) {
        predict(batch);
        int[] lengths = IntStream.range(0, batch.examples()).map(batch::length).toArray();
        return AttentionWeights.of(network.parts(), lengths);
    }

    /** Of each example {@code [steps][targets]}, of those to be told. */
    private static float[][] ofSteps(INDArray outputs, Batch batch) {
        float[][] all = rows(vectors(outputs)); // of an example all steps of the batch
        float[][] examples = new float[batch.examples()][];
        for (int n = 0; n < examples.length; n++) {
            int begin = batch.begin(n);
            int length = batch.length(n);
            examples[n] = new float[(length - begin) * batch.targets()];
            for (int t = begin; t < length; t++) {
                float[] step = all[n * batch.steps() + t];
                System.arraycopy(step, 0, examples[n], (t - begin) * step.length, step.length);
            }
        }
        return examples;
    }

    /** An example's loss is the sum over its steps. */
    private double[] lossesOfSteps(INDArray labels, INDArray outputs, Batch batch) {
        double[] all = loss.computeScoreArray(vectors(labels), vectors(outputs), new ActivationIdentity(), null)
                .reshape(batch.examples() * (long) batch.steps())
                .toDoubleVector();
        double[] losses = new double[batch.examples()];
        for (int n = 0; n < losses.length; n++) {
            for (int t = batch.begin(n); t < batch.length(n); t++) {
                losses[n] += all[n * batch.steps() + t];
            }
        }
        return losses;
    }

    /** {@code [n, values, steps]} as {@code [n * steps, values]}, example by example; a copy. */
    private static INDArray vectors(INDArray sequences) {
        return sequences
                .permute(0, 2, 1)
                .dup('c')
                .reshape('c', sequences.size(0) * sequences.size(2), sequences.size(1));
    }

    /** The network, for what the calling thread is about to compute. */
    final Network toCompute() {
        Natives.ready();
        return network;
    }

    /** ND4J's own way makes an array of each row, which takes longer than a small network's answers. */
    static float[][] rows(INDArray outputs) {
        float[] all = ArrayMemory.rowByRow(outputs);
        int length = Math.toIntExact(outputs.size(1));
        float[][] rows = new float[Math.toIntExact(outputs.size(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * length, (i + 1) * length);
        }
        return rows;
    }

    /** The network itself, for saving and for DL4J's tools; its layers are ours to change, not the caller's. */
    public Network network() {
        return network;
    }

    /** Gives its native memory back. */
    @Override
    public void close() {
        network.close();
    }

    /** What computes in this JVM, as far as it is part of the bits: the same text where the bits are the same. */
    public static String kernelsHere() {
        return FastLayers.kernels();
    }
}
