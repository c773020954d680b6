package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Distillation.Teacher;
import dev.lockstep.worker.natives.Natives;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/** A trained network as far as another learns from it: what goes into its softmax. Holds native memory; not for several threads. */
public final class TeacherNetwork implements AutoCloseable {
    private final Network network;
    private final BatchArrays arrays = new BatchArrays();

    TeacherNetwork(Teacher teacher) {
        network = Network.fromJson(teacher.configurationJson()).init();
        network.useFastLayers();
        FlatValues.write(network.parameters(), teacher.parameters());
        // No logarithms of probabilities: these are cut off where the teacher is sure.
        ((BaseLayer) network.outputLayer().conf().getLayer()).setActivationFn(new ActivationIdentity());
    }

    /**
     * Whether a network ends with softmax over classes.
     *
     * @param configurationJson DL4J's configuration
     */
    public static boolean endsWithSoftmax(String configurationJson) {
        Network network = Network.fromJson(configurationJson).init();
        try {
            return network.outputLayer().conf().getLayer() instanceof BaseLayer last
                    && last.getActivationFn() instanceof ActivationSoftmax;
        } finally {
            network.close();
        }
    }

    /**
     * Its outputs before softmax, in evaluation mode.
     *
     * @return {@code [n][classes]}, row after row
     */
    double[] outputs(Batch batch) {
        Natives.ready();
        BatchArrays.Pair pair = arrays.of(batch);
        return network.output(pair.features()).dup('c').data().asDouble();
    }

    @Override
    public void close() {
        network.close();
    }
}
