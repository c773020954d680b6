package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Layers;
import dev.lockstep.worker.model.layer.OwnLayer;
import dev.lockstep.worker.model.layer.OwnLayer.Parameter;
import dev.lockstep.worker.model.layer.SequenceLayer;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

/** A layer of ours as DL4J configures one: what is saved are the words that a configuration of ours has for it. */
public final class HostedLayer extends BaseLayer {
    private static final long serialVersionUID = 1L;

    /** A number of steps, in the place of a size. */
    private static final int ANY = 0;

    @JsonProperty
    private final String type;

    @JsonProperty
    private final Map<String, String> keys;

    @JsonProperty
    private final List<Integer> input;

    /** Any class of that name could be in a file; so it is made of the words alone. */
    private final transient OwnLayer layer;

    /**
     * @param type the layer's name in a configuration
     * @param keys its keys there
     * @param input the sizes of one example of its input; of a sequence {@code [0, length]}
     * @throws IllegalArgumentException when there is no such layer of ours, or it has other keys
     */
    public HostedLayer(
            @JsonProperty("type") String type,
            @JsonProperty("keys") Map<String, String> keys,
            @JsonProperty("input") List<Integer> input) {
        this(type, keys, input, Layers.own(type, keys));
    }

    private HostedLayer(String type, Map<String, String> keys, List<Integer> input, OwnLayer layer) {
        this.type = type;
        this.keys = Collections.unmodifiableMap(new TreeMap<>(keys)); // a file of it has the same bytes everywhere
        this.input = List.copyOf(input);
        this.layer = layer;
    }

    /** The host of a layer. */
    public static HostedLayer of(OwnLayer layer, Shape input) {
        return new HostedLayer(
                layer.type(), Layers.keys(layer), input.hasTime() ? List.of(ANY, input.size()) : input.sizes());
    }

    public OwnLayer layer() {
        return layer == null ? Layers.own(type, keys) : layer; // none behind Java's serialisation
    }

    Shape input() {
        return input.size() == 2 && input.get(0) == ANY ? Shape.sequence(input.get(1)) : Shape.of(input);
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType dataType) {
        return placed(
                layer() instanceof SequenceLayer sequences
                        ? hosting(sequences, conf, dataType)
                        : new HostingLayer(conf, dataType),
                conf,
                listeners,
                index,
                parameters,
                initialize);
    }

    /** Gives a layer its place in a network and its parameters there, as DL4J's own configurations do in {@code instantiate}. */
    static Layer placed(
            Layer layer,
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize) {
        layer.setListeners(listeners);
        layer.setIndex(index);
        layer.setParamsViewArray(parameters);
        layer.setParamTable(conf.getLayer().initializer().init(conf, parameters, initialize));
        layer.setConf(conf);
        return layer;
    }

    private SequenceHost<HostedLayer> hosting(SequenceLayer sequences, NeuralNetConfiguration conf, DataType dataType) {
        Shape output = sequences.output(input());
        return new SequenceHost<>(
                conf,
                dataType,
                sequences.sequences(input()),
                sequences.parameters(input()).stream().map(Parameter::name).toList(),
                output.hasTime(),
                output.size(),
                true);
    }

    @Override
    public ParamInitializer initializer() {
        return HostedParameters.INSTANCE;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        Shape output = layer().output(input());
        if (output.hasTime()) {
            return InputType.recurrent(output.size());
        }
        return output.isImage()
                ? InputType.convolutional(output.height(), output.width(), output.channels())
                : InputType.feedForward(output.size());
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        // Known from the start.
    }

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return null;
    }

    @Override
    public List<Regularization> getRegularizationByParam(String name) {
        boolean weight = layer().parameters(input()).stream()
                .anyMatch(parameter -> parameter.name().equals(name) && parameter.isWeight());
        return weight ? regularization : List.of();
    }

    @Override
    public boolean isPretrainParam(String parameter) {
        return false;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        long parameters = layer().parameters(input()).stream()
                .mapToLong(Parameter::length)
                .sum();
        return new LayerMemoryReport.Builder(layerName, HostedLayer.class, inputType, getOutputType(0, inputType))
                .standardMemory(parameters, 0)
                .workingMemory(0, 0, 0, 2 * inputType.arrayElementsPerExample())
                .cacheMemory(Map.of(), Map.of())
                .build();
    }
}
