package dev.lockstep.worker.dl4j.layer;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Layer and instance normalisation as a DL4J layer, which DL4J lacks: both are group normalisation (Wu, He 2018), with
 * one group or with one group a channel. A model with it needs our jar to be restored.
 */
public final class GroupNormalization extends BaseLayer {
    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final boolean byChannel;

    @JsonProperty
    private final double epsilon;

    @JsonProperty
    private final long channels;

    /**
     * @param byChannel whether each channel of an example is a group, and not all of them together
     * @param epsilon added to the variance, above 0
     * @param channels of an image, or the length of a vector
     */
    public GroupNormalization(
            @JsonProperty("byChannel") boolean byChannel,
            @JsonProperty("epsilon") double epsilon,
            @JsonProperty("channels") long channels) {
        this.byChannel = byChannel;
        this.epsilon = epsilon;
        this.channels = channels;
    }

    public boolean byChannel() {
        return byChannel;
    }

    public double epsilon() {
        return epsilon;
    }

    long channels() {
        return channels;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType type) {
        return HostedLayer.placed(
                new GroupNormalizationLayer(conf, type), conf, listeners, index, parameters, initialize);
    }

    @Override
    public ParamInitializer initializer() {
        return ScaleAndShift.INSTANCE;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return inputType;
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        // Known from the start.
    }

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return null;
    }

    /** Scale and shift are spared, as in batch normalisation. */
    @Override
    public List<Regularization> getRegularizationByParam(String parameter) {
        return List.of();
    }

    @Override
    public boolean isPretrainParam(String parameter) {
        return false;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        return new LayerMemoryReport.Builder(layerName, GroupNormalization.class, inputType, inputType)
                .standardMemory(2 * channels, 0)
                .workingMemory(0, 0, 0, 2 * inputType.arrayElementsPerExample())
                .cacheMemory(Map.of(), Map.of())
                .build();
    }
}
