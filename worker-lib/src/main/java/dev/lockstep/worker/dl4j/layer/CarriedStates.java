package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.math.Carrying;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.nn.api.Trainable;

/** The states of a network's recurrent layers, of each example one behind the other, layer by layer. */
public final class CarriedStates {
    private final List<Carrying> kernels = new ArrayList<>();
    private final int width;

    /**
     * @param parts of a network with our layers in it
     * @param width the values of an example's states
     * @throws ConfigurationException when DL4J's layers compute, whose states leak from call to call
     */
    public CarriedStates(Collection<? extends Trainable> parts, int width) {
        for (Trainable part : parts) {
            if (FastLayers.layerOf(part) instanceof SequenceHost<?> host && host.kernel() instanceof Carrying kernel) {
                kernels.add(kernel);
            }
        }
        this.width = width;
        if (kernels.stream().mapToInt(Carrying::stateLength).sum() != width) {
            throw new ConfigurationException(
                    "data.sampling = streams is computed by Lockstep's layers alone; set LOCKSTEP_KERNELS=on");
        }
    }

    /** @param states {@code [examples][width]}; null for 0 */
    public void begin(float[] states) {
        int from = 0;
        for (Carrying kernel : kernels) {
            kernel.begin(states == null ? null : moved(states, from, kernel.stateLength(), null));
            from += kernel.stateLength();
        }
    }

    /** @return {@code [examples][width]} */
    public float[] end(int examples) {
        float[] states = new float[examples * width];
        int from = 0;
        for (Carrying kernel : kernels) {
            moved(states, from, kernel.stateLength(), kernel.end());
            from += kernel.stateLength();
        }
        return states;
    }

    /** One layer's part of each example: into the states where it is given, else out of them. */
    private float[] moved(float[] states, int from, int length, float[] given) {
        float[] own = given == null ? new float[states.length / width * length] : given;
        for (int n = 0; n < own.length / length; n++) {
            if (given == null) {
                System.arraycopy(states, n * width + from, own, n * length, length);
            } else {
                System.arraycopy(own, n * length, states, n * width + from, length);
            }
        }
        return own;
    }
}
