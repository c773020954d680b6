package dev.lockstep.worker.dl4j.layer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The parameters of a {@link GroupNormalization}: gamma, from 1, and beta, from 0, {@code [1, channels]} each. */
final class ScaleAndShift implements ParamInitializer {
    static final ScaleAndShift INSTANCE = new ScaleAndShift();
    static final String GAMMA = "gamma";
    static final String BETA = "beta";

    private ScaleAndShift() {}

    @Override
    public long numParams(NeuralNetConfiguration conf) {
        return numParams(conf.getLayer());
    }

    @Override
    public long numParams(Layer layer) {
        return 2 * ((GroupNormalization) layer).channels();
    }

    @Override
    public List<String> paramKeys(Layer layer) {
        return List.of(GAMMA, BETA);
    }

    @Override
    public List<String> weightKeys(Layer layer) {
        return List.of();
    }

    @Override
    public List<String> biasKeys(Layer layer) {
        return List.of();
    }

    @Override
    public boolean isWeightParam(Layer layer, String key) {
        return false;
    }

    @Override
    public boolean isBiasParam(Layer layer, String key) {
        return false;
    }

    @Override
    public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
        Map<String, INDArray> parameters = getGradientsFromFlattened(conf, view);
        if (initialize) {
            parameters.get(GAMMA).assign(1);
            parameters.get(BETA).assign(0);
        }
        parameters.keySet().forEach(conf::addVariable);
        return parameters;
    }

    @Override
    public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
        long channels = ((GroupNormalization) conf.getLayer()).channels();
        Map<String, INDArray> parts = new LinkedHashMap<>();
        parts.put(GAMMA, ArrayMemory.part(view, 0, channels));
        parts.put(BETA, ArrayMemory.part(view, channels, 2 * channels));
        return parts;
    }
}
