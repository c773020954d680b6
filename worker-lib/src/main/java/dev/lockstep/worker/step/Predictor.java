package dev.lockstep.worker.step;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Dl4jDefinition;
import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Model;
import dev.lockstep.worker.model.Model.Prediction;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.objective.Objective;
import java.util.List;
import java.util.function.Function;

/** A network that only looks: outputs and losses in evaluation mode, for any DL4J model with an output layer. */
public final class Predictor {

    private static final Pool<NetworkDefinition, Predictor> IDLE = new Pool<>(Predictor::new);

    private final Model model;
    private final BatchReader reader;
    private final ExampleFormat format;

    /**
     * Runs work with an idle predictor of this JVM, or a new one, with these parameters.
     *
     * @param configurationJson DL4J's configuration of the network
     * @param parameters float32 in DL4J's flat order
     */
    public static <R> R with(
            String configurationJson, ExampleFormat format, float[] parameters, Function<Predictor, R> work) {
        return IDLE.with(
                new Dl4jDefinition(
                        configurationJson,
                        format.features(),
                        format.target().values(),
                        format,
                        Objective.CLASSIFICATION),
                predictor -> {
                    predictor.model.setParameters(parameters);
                    return work.apply(predictor);
                });
    }

    private Predictor(NetworkDefinition definition) {
        model = Dl4jModel.of(definition);
        format = definition.format();
        reader = new BatchReader(definition.format(), definition.input());
    }

    /** @param examples packed, at least one; bits depend on how examples are grouped, so group them by a fixed rule */
    public Prediction predict(List<byte[]> examples) {
        return model.predict(reader.read(examples));
    }

    /**
     * Outputs alone, of vectors.
     *
     * @param count how many, at least 1
     * @param values {@code [count][features]}; may be longer
     * @return {@code [count][outputs]}
     */
    public float[][] outputs(int count, float[] values) {
        int outputs = format.target().values();
        return model.predict(
                        new Batch(count, format.features(), outputs, values, new float[count * outputs], 1, null, null))
                .outputs();
    }
}
