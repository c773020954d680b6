package dev.lockstep.worker.dl4j.layer;

import java.lang.reflect.Field;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNBatchNormHelper;
import org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Gives a network's convolutions and batch norms their oneDNN implementation. DL4J 1.0.0-M2 has them but never switches
 * them on: it asks for a class by a name that moved. Each layer keeps its implementation in a field {@code helper};
 * that is where they go, in one network, without touching any other network of the JVM.
 */
final class OneDnn {
    private OneDnn() {}

    /** Switches oneDNN on in a layer that has it. The network must be initialised and of type float. */
    static void install(Layer layer) {
        // Exact classes: subclasses (1-D, 3-D, depth-wise) compute something else.
        if (layer.getClass() == ConvolutionLayer.class) {
            set(layer, ConvolutionLayer.class, new MKLDNNConvHelper(DataType.FLOAT));
        } else if (layer.getClass() == BatchNormalization.class || layer.getClass() == FastBatchNorm.class) {
            set(layer, BatchNormalization.class, new MKLDNNBatchNormHelper(DataType.FLOAT));
        }
    }

    private static void set(Layer layer, Class<?> declaring, Object helper) {
        try {
            Field field = declaring.getDeclaredField("helper");
            field.setAccessible(true);
            field.set(layer, helper);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "DL4J's " + declaring.getName() + " has no field 'helper' to put oneDNN in", e);
        }
    }
}
