package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layers one after the other. */
final class StackNetwork extends Network {
    private final MultiLayerNetwork model;

    StackNetwork(MultiLayerNetwork model) {
        this.model = model;
    }

    @Override
    public Model model() {
        return model;
    }

    @Override
    public long configuredParameters() {
        return parameters(model.getLayerWiseConfigurations());
    }

    private static long parameters(MultiLayerConfiguration configuration) {
        return configuration.getConfs().stream()
                .mapToLong(layer -> layer.getLayer().initializer().numParams(layer))
                .reduce(0, Math::addExact);
    }

    @Override
    Map<String, NeuralNetConfiguration> layerConfigurations() {
        Map<String, NeuralNetConfiguration> layers = new LinkedHashMap<>();
        for (NeuralNetConfiguration layer : model.getLayerWiseConfigurations().getConfs()) {
            layers.put(Integer.toString(layers.size()), layer);
        }
        return layers;
    }

    @Override
    public Fit fit(Shape input) {
        MultiLayerConfiguration fitted = model.getLayerWiseConfigurations().clone();
        InputType type = inputType(input);
        long activations = 0;
        for (int i = 0; i < fitted.getConfs().size(); i++) {
            InputPreProcessor before = fitted.getInputPreProcess(i);
            type = before == null ? type : before.getOutputType(type);
            var layer = fitted.getConf(i).getLayer();
            layer.setNIn(type, true);
            type = outputType(layer, type);
            activations = Math.addExact(activations, values(type));
        }
        return new Fit(parameters(fitted), values(type), activations);
    }

    @Override
    public String configurationJson() {
        for (NeuralNetConfiguration layer : layerConfigurations().values()) {
            layer.getLayer().initializer().paramKeys(layer.getLayer()).stream()
                    .filter(name -> !layer.variables(false).contains(name))
                    .forEach(layer::addVariable);
        }
        return model.getLayerWiseConfigurations().toJson();
    }

    @Override
    BaseMultiLayerUpdater<?> keptUpdater() {
        return (BaseMultiLayerUpdater<?>) model.getUpdater(false);
    }

    @Override
    void forgetUpdater() {
        model.setUpdater(null);
    }

    @Override
    public Map<String, Trainable> parts() {
        Map<String, Trainable> parts = new LinkedHashMap<>();
        for (Layer layer : model.getLayers()) {
            parts.put(Integer.toString(layer.getIndex()), layer);
        }
        return parts;
    }

    @Override
    public List<Stage> stages() {
        MultiLayerConfiguration configuration = model.getLayerWiseConfigurations();
        List<Stage> stages = new ArrayList<>();
        String below = NetworkSpec.INPUT;
        for (String name : parts().keySet()) {
            int index = stages.size();
            var vertex = new LayerVertex(configuration.getConf(index), configuration.getInputPreProcess(index));
            stages.add(new Stage(name, vertex, List.of(below)));
            below = name;
        }
        return stages;
    }

    @Override
    public List<Layer> layers() {
        return List.of(model.getLayers());
    }

    @Override
    public Layer outputLayer() {
        return model.getOutputLayer();
    }

    @Override
    public List<FastLayers.Choice> useFastLayers() {
        return FastLayers.install(model);
    }

    @Override
    public void initGradients() {
        model.initGradientsView();
    }

    @Override
    public void setCounters(int iteration, int epoch) {
        model.setIterationCount(iteration);
        model.setEpochCount(epoch);
    }

    @Override
    public int iteration() {
        return model.getIterationCount();
    }

    @Override
    public int epoch() {
        return model.getEpochCount();
    }

    @Override
    public void setScore(double loss) {
        model.setScore(loss);
    }

    @Override
    public Collection<TrainingListener> listeners() {
        return model.getListeners();
    }

    @Override
    public void setBatch(INDArray features, INDArray labels) {
        model.setInput(features);
        model.setLabels(labels);
    }

    @Override
    public double penalty() {
        return model.calcRegularizationScore(true);
    }

    @Override
    double computeGradient(INDArray features, INDArray labels, INDArray mask, INDArray labelMask) {
        setBatch(features, labels);
        model.setLayerMaskArrays(mask, labelMask);
        model.computeGradientAndScore();
        model.clearLayerMaskArrays();
        return model.score();
    }

    @Override
    public Map<String, INDArray> activations(INDArray features) {
        List<INDArray> all = model.feedForward(features, false); // the input is the first
        Map<String, INDArray> named = new LinkedHashMap<>();
        for (int i = 1; i < all.size(); i++) {
            named.put(Integer.toString(i - 1), all.get(i));
        }
        return named;
    }

    @Override
    INDArray output(INDArray features, INDArray mask) {
        return model.output(features, false, mask, null);
    }

    @Override
    public BaseMultiLayerUpdater<?> updater() {
        return (BaseMultiLayerUpdater<?>) model.getUpdater();
    }
}
