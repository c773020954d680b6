package dev.lockstep.worker.dl4j.onnx;

import dev.lockstep.worker.dl4j.FlatValues;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Network.Stage;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.dl4j.layer.TiedOutput;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.Dimension;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxModel;
import dev.lockstep.worker.onnx.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A trained network as an ONNX file. It reads float32 as the network is given them (of bytes a 255th): {@code image [batch,
 * channels, height, width]}, {@code features [batch, length]}, or {@code sequence [batch, time, length]} with its {@code
 * mask [batch, time]}. It tells {@code probabilities [batch, classes]}, of a regression {@code values}, of every step {@code
 * [batch, time, ...]}; and as {@code logits} what goes into the softmax or the sigmoid that gives probabilities. Holds native
 * memory.
 */
public final class OnnxExport implements AutoCloseable {
    /** ONNX's names. */
    private static final Map<ElementWiseVertex.Op, String> JOINTS =
            Map.of(ElementWiseVertex.Op.Add, "Sum", ElementWiseVertex.Op.Average, "Mean");

    private final String name;
    private final Network network;
    private final Objective objective;
    private final OnnxModel model = new OnnxModel();
    private final Value input;
    private final String mask; // null where there is no time

    /** Something computed: what it is called in the file, and what it is to DL4J. */
    private record Value(String name, InputType type) {}

    /**
     * @param name what to call the network in messages
     * @param shape of one example
     * @param scaling what becomes of its features before the network is given them: a part of the file
     * @throws ConfigurationException when no operators are known for a layer
     */
    public static OnnxExport of(String name, StoredModel trained, Shape shape, Scaling scaling, Objective objective) {
        Network network = Network.fromJson(trained.configurationJson()).init();
        try {
            FlatValues.write(network.parameters(), trained.parameters());
            OnnxExport export = new OnnxExport(name, network, shape, scaling, objective);
            export.compute();
            return export;
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        }
    }

    private OnnxExport(String name, Network network, Shape shape, Scaling scaling, Objective objective) {
        this.name = name;
        this.network = network;
        this.objective = objective;
        this.input = new Value(scaled(input(shape, scaling), shape, scaling), Network.inputType(shape));
        this.mask = shape.hasTime()
                ? model.input("mask", "1 inside a sequence, 0 behind its end", List.of(Dimension.BATCH, Dimension.TIME))
                : null;
        model.metadata("objective", objective.word());
    }

    private String scaled(String given, Shape shape, Scaling scaling) {
        if (scaling.isNone()) {
            return given;
        }
        List<Long> sizes = shape.isImage()
                ? List.of((long) shape.channels(), (long) shape.height(), (long) shape.width())
                : List.of((long) shape.channels());
        Map<String, Tensor> constants =
                Map.of("shift", new Tensor(sizes, scaling::shift), "factor", new Tensor(sizes, scaling::factor));
        OnnxLayer layer = model.layer("scaling", constants);
        String shifted = layer.add("Sub", List.of(given, layer.parameter("shift")));
        return layer.add("Mul", List.of(shifted, layer.parameter("factor")));
    }

    private String input(Shape shape, Scaling scaling) {
        Dimension channels = Dimension.of(shape.channels());
        String given =
                scaling.isNone() ? "float32 as in training; bytes divided by 255" : "float32 as the table has them";
        if (shape.isImage()) {
            return model.input(
                    "image",
                    given,
                    List.of(Dimension.BATCH, channels, Dimension.of(shape.height()), Dimension.of(shape.width())));
        }
        return shape.hasTime()
                ? model.input("sequence", given, List.of(Dimension.BATCH, Dimension.TIME, channels))
                : model.input("features", given, List.of(Dimension.BATCH, channels));
    }

    private void compute() {
        Map<String, Trainable> parts = network.parts();
        Map<String, Value> values = new HashMap<>();
        for (Stage stage : network.stages()) {
            List<Value> read = stage.inputs().stream()
                    .map(reads -> values.getOrDefault(reads, input))
                    .toList();
            values.put(stage.name(), computed(stage, parts.get(stage.name()), read));
        }
    }

    private Value computed(Stage stage, Trainable part, List<Value> read) {
        GraphVertex vertex = stage.vertex();
        Object kind = vertex instanceof LayerVertex layer ? layer.getLayerConf().getLayer() : vertex;
        String who =
                name + ": its layer '" + stage.name() + "' (" + kind.getClass().getSimpleName() + ")";
        Place at = new Place(who, model.layer(stage.name(), parameters(part)), mask);
        if (vertex instanceof LayerVertex) {
            Value x = prepared(((LayerVertex) vertex).getPreProcessor(), read.get(0), at);
            return computed((Layer) kind, x, at);
        }
        List<String> names = read.stream().map(Value::name).toList();
        if (vertex instanceof MergeVertex) {
            InputType type =
                    vertex.getOutputType(0, read.stream().map(Value::type).toArray(InputType[]::new));
            int channels = type instanceof InputTypeRecurrent ? 2 : 1;
            return new Value(at.onnx().add("Concat", names, Attribute.of("axis", channels)), type);
        }
        String operator = vertex instanceof ElementWiseVertex joint ? JOINTS.get(joint.getOp()) : null;
        if (operator == null) {
            throw at.refusal("no operators are known for it");
        }
        return new Value(at.onnx().add(operator, names), read.get(0).type());
    }

    private static Map<String, Tensor> parameters(Trainable part) {
        Map<String, Tensor> tensors = new HashMap<>();
        if (part != null) {
            part.paramTable(false).forEach((parameter, array) -> tensors.put(parameter, tensor(array)));
            if (FastLayers.layerOf(part) instanceof TiedOutput tied) {
                tensors.put(DefaultParamInitializer.WEIGHT_KEY, tensor(tied.shared()));
            }
        }
        return tensors;
    }

    private static Tensor tensor(INDArray array) {
        return new Tensor(
                LongStream.of(array.shape()).boxed().toList(),
                () -> array.dup('c').data().asFloat());
    }

    /** What a layer reads, behind what DL4J has put before it. */
    private static Value prepared(InputPreProcessor before, Value x, Place at) {
        if (before == null) {
            return x;
        }
        Shape from = at.shape(x.type());
        if (before instanceof FeedForwardToCnnPreProcessor && from.isImage()
                || before instanceof RnnToFeedForwardPreProcessor && !from.hasTime()) {
            return x; // as DL4J does
        }
        InputType type = before.getOutputType(x.type());
        if (before instanceof CnnToFeedForwardPreProcessor) {
            return new Value(LayerOperators.flattened(x.name(), at.onnx()), type);
        }
        if (before instanceof FeedForwardToCnnPreProcessor) {
            Shape to = at.shape(type);
            return new Value(at.onnx().reshaped(x.name(), 0, to.channels(), to.height(), to.width()), type);
        }
        throw at.refusal("no operators are known for the " + before.getClass().getSimpleName() + " before it");
    }

    private Value computed(Layer layer, Value x, Place at) {
        InputType type = layer instanceof GlobalPoolingLayer && x.type() instanceof InputTypeRecurrent sequence
                ? InputType.feedForward(sequence.getSize()) // DL4J takes it for a sequence still
                : Network.outputType(layer, x.type());
        Shape output = at.shape(type);
        String value = LayerOperators.of(layer, at.shape(x.type()), output, x.name(), at);
        return new Value(LayerOperators.endsNetwork(layer) ? told((BaseLayer) layer, output, value, at) : value, type);
    }

    /** @param sums what goes into the last layer's activation */
    private String told(BaseLayer layer, Shape output, String sums, Place at) {
        Dimension targets = Dimension.of(output.size());
        List<Dimension> dimensions = output.hasTime()
                ? List.of(Dimension.BATCH, Dimension.TIME, targets)
                : List.of(Dimension.BATCH, targets);
        IActivation function = layer.getActivationFn();
        String told = ActivationOperators.of(function, false, sums, at);
        if (objective == Objective.REGRESSION) {
            model.output("values", "of each target", dimensions, told);
            return told;
        }
        model.output("probabilities", "of each class or label", dimensions, told);
        if (function instanceof ActivationSoftmax || function instanceof ActivationSigmoid) {
            model.output("logits", "before " + function, dimensions, sums);
        }
        return told;
    }

    /** Says more of the network in the file: what its inputs or outputs mean. */
    public void metadata(String key, String value) {
        model.metadata(key, value);
    }

    /** @throws ConfigurationException when the file would be longer than the format allows; nothing is written then */
    public void writeTo(OutputStream out) throws IOException {
        model.writeTo(out);
    }

    /** What it reads and tells. */
    @Override
    public String toString() {
        return model.toString();
    }

    @Override
    public void close() {
        network.close();
    }
}
