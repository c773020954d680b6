package dev.lockstep.worker.onnx;

import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** One layer of an {@link OnnxModel}: where its operators are put. What they are called begins with the layer's name. */
public final class OnnxLayer {
    private final OnnxModel model;
    private final String name;
    private final Map<String, Tensor> parameters;

    OnnxLayer(OnnxModel model, String name, Map<String, Tensor> parameters) {
        this.model = model;
        this.name = name;
        this.parameters = Map.copyOf(parameters);
    }

    /**
     * Puts an operator behind those that are there.
     *
     * @param inputs the values that it reads, in its own order
     * @return its value
     */
    public String add(String operator, List<String> inputs, Attribute... attributes) {
        return model.operator(name + "/" + operator, operator, inputs, List.of(attributes));
    }

    /** Whether the layer has an array of parameters of this name. */
    public boolean has(String parameter) {
        return parameters.containsKey(parameter);
    }

    /** The layer's parameters of this name, in the dimensions that they have. */
    public Tensor tensor(String parameter) {
        return parameters.get(parameter);
    }

    /** The same as an input of operators. */
    public String parameter(String parameter) {
        return constant(parameter, tensor(parameter));
    }

    /** The same as a vector. */
    public String vector(String parameter) {
        return constant(parameter, tensor(parameter).flat());
    }

    /**
     * A parameter a channel, so that operators spread it over {@code [batch, channels]} or over the images {@code [batch,
     * channels, height, width]}.
     */
    public String byChannel(String parameter, boolean images) {
        Tensor tensor = tensor(parameter);
        return images ? constant(parameter, tensor.as(tensor.count(), 1, 1)) : vector(parameter);
    }

    /** The same numbers as others. */
    public String cast(String x, ElementType to) {
        return add("Cast", List.of(x), Attribute.of("to", to.code()));
    }

    /** With its dimensions in another order. */
    public String transposed(String x, long... order) {
        return add("Transpose", List.of(x), Attribute.of("perm", order));
    }

    /** With more dimensions, of one each, at these places. */
    public String unsqueezed(String x, long... places) {
        return add("Unsqueeze", List.of(x, integers("places", places)));
    }

    /** In other dimensions; 0 for one that stays, -1 for what is left. */
    public String reshaped(String x, long... sizes) {
        return add("Reshape", List.of(x, integers("sizes", sizes)));
    }

    /** Values that are no parameters. */
    public String constant(String what, Tensor tensor) {
        return model.constant(name + "/" + what, tensor);
    }

    /** One whole number, which is no vector. */
    public String integer(String what, long number) {
        return model.constant(name + "/" + what, number);
    }

    /** Whole numbers, as what operators are told of sizes and axes is given. */
    public String integers(String what, long... numbers) {
        return model.constant(name + "/" + what, LongStream.of(numbers));
    }
}
