package dev.lockstep.worker.dl4j.layer;

import dev.lockstep.worker.model.layer.OwnLayer.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The parameters of a {@link HostedLayer}, {@code [1, length]} each. */
final class HostedParameters implements ParamInitializer {
    static final HostedParameters INSTANCE = new HostedParameters();

    private HostedParameters() {}

    private static List<Parameter> of(Layer layer) {
        HostedLayer hosted = (HostedLayer) layer;
        return hosted.layer().parameters(hosted.input());
    }

    private static List<String> names(Layer layer, boolean weights) {
        return of(layer).stream()
                .filter(parameter -> parameter.isWeight() == weights)
                .map(Parameter::name)
                .toList();
    }

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return of(layer).stream().mapToLong(Parameter::length).sum();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return of(layer).stream().map(Parameter::name).toList();
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return names(layer, true);
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return names(layer, false);
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return weightKeys(layer).contains(key);
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return biasKeys(layer).contains(key);
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        Map<String, INDArray> parts = getGradientsFromFlattened(conf, view);
        for (Parameter parameter : of(conf.getLayer())) {
            if (initialize && parameter.fanIn() > 0) {
                long units = parameter.length() / parameter.fanIn();
                ((HostedLayer) conf.getLayer())
                        .getWeightInitFn()
                        .init(
                                parameter.fanIn(),
                                units,
                                new long[] {parameter.fanIn(), units},
                                'f',
                                parts.get(parameter.name()));
            } else if (initialize) {
                parts.get(parameter.name()).assign(parameter.start());
            }
            conf.addVariable(parameter.name());
        }
        return parts;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        Map<String, INDArray> parts = new LinkedHashMap<>();
        long from = 0;
        for (Parameter parameter : of(conf.getLayer())) {
            long to = from + parameter.length();
            parts.put(parameter.name(), ArrayMemory.part(view, from, to));
            from = to;
        }
        return parts;
    }
}
