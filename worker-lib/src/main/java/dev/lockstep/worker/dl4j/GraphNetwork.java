package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.dl4j.layer.TiedOutput;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Layers in any order without cycles, with one input and one output. */
final class GraphNetwork extends Network {
    private final ComputationGraph model;

    GraphNetwork(ComputationGraph model) {
        int inputs = model.getConfiguration().getNetworkInputs().size();
        int outputs = model.getConfiguration().getNetworkOutputs().size();
        if (inputs != 1 || outputs != 1) {
            throw new ConfigurationException(
                    "the graph has " + inputs + " inputs and " + outputs + " outputs; expected one of each");
        }
        this.model = model;
        if (model.getVertices() != null) {
            TiedOutput.tie(model);
        }
    }

    @Override
    public Network init() {
        super.init();
        TiedOutput.tie(model);
        return this;
    }

    @Override
    public Model model() {
        return model;
    }

    @Override
    public long configuredParameters() {
        return parameters(model.getConfiguration());
    }

    private static long parameters(ComputationGraphConfiguration configuration) {
        return configuration.getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(false))
                .reduce(0, Math::addExact);
    }

    @Override
    Map<String, NeuralNetConfiguration> layerConfigurations() {
        Map<String, NeuralNetConfiguration> layers = new LinkedHashMap<>();
        model.getConfiguration().getVertices().forEach((name, vertex) -> {
            if (vertex instanceof LayerVertex layer) {
                layers.put(name, layer.getLayerConf());
            }
        });
        return layers;
    }

    @Override
    public Fit fit(Shape input) {
        ComputationGraphConfiguration fitted = model.getConfiguration().clone();
        Map<String, InputType> types = fitted.getLayerActivationTypes(true, inputType(input));
        String output = fitted.getNetworkOutputs().get(0);
        boolean loss = layerConfigurations().get(output).getLayer() instanceof LossLayer; // as many as it reads
        return new Fit(
                parameters(fitted),
                values(types.get(loss ? fitted.getVertexInputs().get(output).get(0) : output)),
                types.values().stream().mapToLong(Network::values).reduce(0, Math::addExact));
    }

    @Override
    public String configurationJson() {
        if (model.topologicalSortOrder() == null || model.getVertices() == null) {
            model.init();
        }
        return model.getConfiguration().toJson();
    }

    @Override
    BaseMultiLayerUpdater<?> keptUpdater() {
        return model.getUpdater(false);
    }

    @Override
    void forgetUpdater() {
        model.setUpdater(null);
    }

    @Override
    public Map<String, Trainable> parts() {
        Map<String, Trainable> parts = new LinkedHashMap<>();
        for (GraphVertex vertex : vertices()) {
            if (vertex.hasLayer() || vertex.numParams() > 0) {
                parts.put(vertex.getVertexName(), vertex);
            }
        }
        return parts;
    }

    @Override
    public List<Stage> stages() {
        ComputationGraphConfiguration configuration = model.getConfiguration();
        List<Stage> stages = new ArrayList<>();
        for (GraphVertex vertex : vertices()) {
            String name = vertex.getVertexName();
            if (!vertex.isInputVertex()) {
                stages.add(new Stage(
                        name,
                        configuration.getVertices().get(name),
                        configuration.getVertexInputs().get(name)));
            }
        }
        return stages;
    }

    @Override
    public List<Layer> layers() {
        return vertices().stream()
                .filter(GraphVertex::hasLayer)
                .map(GraphVertex::getLayer)
                .toList();
    }

    /** In topological order: that of the flat vectors, which is not always the order of {@code getVertices()}. */
    private List<GraphVertex> vertices() {
        List<GraphVertex> vertices = new ArrayList<>();
        for (int index : model.topologicalSortOrder()) {
            vertices.add(model.getVertices()[index]);
        }
        return vertices;
    }

    @Override
    public Layer outputLayer() {
        return model.getOutputLayer(0);
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
        model.getConfiguration().setIterationCount(iteration);
        model.getConfiguration().setEpochCount(epoch);
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
        model.setInputs(array(features));
        model.setLabels(array(labels));
    }

    private static INDArray[] array(INDArray only) {
        return only == null ? null : new INDArray[] {only};
    }

    @Override
    public double penalty() {
        return model.calcRegularizationScore(true);
    }

    @Override
    double computeGradient(INDArray features, INDArray labels, INDArray mask, INDArray labelMask) {
        setBatch(features, labels);
        if (mask != null) {
            model.setLayerMaskArrays(array(mask), array(labelMask));
        }
        model.computeGradientAndScore();
        model.clearLayerMaskArrays();
        return model.score();
    }

    @Override
    public Map<String, INDArray> activations(INDArray features) {
        Map<String, INDArray> all = model.feedForward(features, false);
        Map<String, INDArray> named = new LinkedHashMap<>();
        for (GraphVertex vertex : vertices()) {
            if (vertex.hasLayer()) { // a sum inside a block is no layer that anyone wrote
                named.put(vertex.getVertexName(), all.get(vertex.getVertexName()));
            }
        }
        return named;
    }

    @Override
    INDArray output(INDArray features, INDArray mask) {
        INDArray[] masks = mask == null ? null : new INDArray[] {mask};
        return model.output(false, new INDArray[] {features}, masks)[0];
    }

    @Override
    public BaseMultiLayerUpdater<?> updater() {
        return model.getUpdater();
    }
}
