package dev.lockstep.worker.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A layer of an {@link OnnxModel} that reads sequences: where its operators are put, and what several of such layers are made
 * of. Sequences are {@code [batch, time, length]}; behind the end of one may be anything finite, and who looks beyond a step
 * asks the mask.
 *
 * @param layer where they are put
 * @param mask {@code [batch, time]}: 1 inside a sequence, 0 behind its end
 */
public record OnnxSteps(OnnxLayer layer, String mask) {

    /**
     * The weights of a recurrent layer in one direction, gates in ONNX's order.
     *
     * @param input {@code [gates * units, inputs]}
     * @param state {@code [gates * units, units]}
     * @param bias of the input's product, then of the state's, {@code [2 * gates * units]}
     * @param peepholes of an LSTM, {@code [3 * units]}; null where there are none
     */
    public record Cell(Tensor input, Tensor state, Tensor bias, Tensor peepholes) {

        /** One without peepholes. */
        public Cell(Tensor input, Tensor state, Tensor bias) {
            this(input, state, bias, null);
        }
    }

    /** The same with zeros behind the ends. */
    public String inside(String x) {
        return layer.add("Mul", List.of(x, layer.unsqueezed(mask, 2)));
    }

    /** How many steps each sequence has, {@code [batch]}. */
    private String lengths(ElementType type) {
        String sums = layer.add("ReduceSum", List.of(mask, layer.integers("time", 1)), Attribute.of("keepdims", 0));
        return layer.cast(sums, type);
    }

    /** The number of each step, from 0, {@code [batch, time]}; behind an end that of the last one. */
    public String positions() {
        String counted = layer.add("CumSum", List.of(mask, layer.integer("time", 1)));
        return layer.add("Sub", List.of(counted, layer.constant("one", Tensor.filled(1, 1))));
    }

    /** The last step of each sequence, {@code [batch, length]}. */
    public String last(String x) {
        String last = layer.add("Sub", List.of(lengths(ElementType.INT64), layer.integers("one", 1)));
        return layer.add("GatherND", List.of(x, layer.unsqueezed(last, 1)), Attribute.of("batch_dims", 1));
    }

    /**
     * x W + b at every step.
     *
     * @param weights {@code [units, inputs]}
     * @param bias {@code [units]}
     */
    public String affine(String x, Tensor weights, Tensor bias) {
        String product = layer.add("MatMul", List.of(x, layer.constant("W", weights.transposed())));
        return layer.add("Add", List.of(product, layer.constant("b", bias.flat())));
    }

    /**
     * What a recurrent layer tells of every step.
     *
     * @param operator RNN, LSTM or GRU
     * @param directions forward, perhaps backward behind it
     * @return {@code [batch, time, directions * units]}, the directions side by side
     */
    public String recurrent(String operator, int units, List<Cell> directions, String x, Attribute... settings) {
        List<Attribute> attributes = new ArrayList<>(List.of(settings));
        attributes.add(Attribute.of("hidden_size", units));
        attributes.add(Attribute.of("direction", directions.size() > 1 ? "bidirectional" : "forward"));
        String byTime = layer.transposed(x, 1, 0, 2);
        List<String> inputs = new ArrayList<>(List.of(
                byTime,
                stacked("W", directions, Cell::input),
                stacked("R", directions, Cell::state),
                stacked("B", directions, Cell::bias),
                lengths(ElementType.INT32)));
        if (directions.get(0).peepholes() != null) {
            inputs.addAll(List.of("", "", stacked("P", directions, Cell::peepholes))); // states begin with 0
        }
        String told =
                layer.add(operator, inputs, attributes.toArray(Attribute[]::new)); // [time, directions, batch, units]
        return layer.reshaped(layer.transposed(told, 2, 0, 1, 3), 0, 0, directions.size() * units);
    }

    private String stacked(String what, List<Cell> directions, Function<Cell, Tensor> part) {
        return layer.constant(what, Tensor.stacked(directions.stream().map(part).toList()));
    }

    /** The steps of each sequence from its last to its first; what is behind its end stays. */
    public String reversed(String x) {
        return layer.add(
                "ReverseSequence",
                List.of(x, lengths(ElementType.INT64)),
                Attribute.of("batch_axis", 0),
                Attribute.of("time_axis", 1));
    }

    /** Some values of each step. */
    public String part(String x, int from, int count) {
        return layer.add(
                "Slice",
                List.of(
                        x,
                        layer.integers("from", from),
                        layer.integers("to", from + count),
                        layer.integers("axis", 2)));
    }

    /**
     * Whether a step is, or lies behind, the first one of a token, {@code [batch, time]}.
     *
     * @param tokens {@code [batch, time, 1]}
     */
    public String behind(String tokens, int token) {
        String is = layer.add("Equal", List.of(tokens, layer.constant("mark", Tensor.filled(1, token))));
        String marks = layer.reshaped(layer.cast(is, ElementType.FLOAT), 0, 0);
        String counted = layer.add("CumSum", List.of(marks, layer.integer("time", 1)));
        return layer.add("Greater", List.of(counted, layer.constant("none", Tensor.filled(1, 0.5f))));
    }
}
