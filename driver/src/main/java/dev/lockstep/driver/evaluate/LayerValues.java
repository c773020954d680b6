package dev.lockstep.driver.evaluate;

import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.TrainableDl4jModel;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.ParameterLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is in the layers of a network, flat, by the layer's name, from input to output.
 *
 * @param weights neither biases nor scales, shifts and averages; of layers that have any
 * @param activations the layers' outputs of some examples
 * @param gradients of the mean loss of these examples, each as often as it weighs, as many as there are weights
 */
public record LayerValues(
        Map<String, float[]> weights, Map<String, float[]> activations, Map<String, float[]> gradients) {

    /** Looks into one network with one set of parameters after the other. Not for several threads. */
    public static final class Probe implements AutoCloseable {
        private final TrainableDl4jModel model;
        private final Batch batch;
        private final double weight;

        /**
         * @param network of the examples' format
         * @param examples to look with, at least one, packed
         */
        public Probe(NetworkSpec network, List<byte[]> examples) {
            this.model = TrainableDl4jModel.of(network, 0);
            this.batch = new BatchReader(network.format(), network.input(), network.classWeights()).read(examples);
            this.weight = network.averageOver().weight(batch);
        }

        /** @param parameters float32 in DL4J's flat order, left as they are */
        public LayerValues of(float[] parameters) {
            model.setParameters(parameters);
            Map<String, float[]> activations = model.activations(batch);
            float[] gradient = new float[parameters.length];
            model.gradient(batch, 0, 0, 0, gradient);
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] /= weight;
            }
            return new LayerValues(byLayer(parameters), activations, byLayer(gradient));
        }

        private Map<String, float[]> byLayer(float[] all) {
            Map<String, float[]> layers = new LinkedHashMap<>();
            for (ParameterLayout.Block block : model.layout().blocks()) {
                if (block.weight()) {
                    layers.merge(block.node(), Arrays.copyOfRange(all, block.from(), block.to()), Probe::joined);
                }
            }
            return layers;
        }

        @Override
        public void close() {
            model.close();
        }

        private static float[] joined(float[] a, float[] b) {
            float[] both = Arrays.copyOf(a, a.length + b.length);
            System.arraycopy(b, 0, both, a.length, b.length);
            return both;
        }
    }
}
