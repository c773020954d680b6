package dev.lockstep.worker.onnx;

import java.util.ArrayList;
import java.util.List;

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
     */
    public record Cell(Tensor input, Tensor state, Tensor bias) {}

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
        String told = layer.add(
                operator,
                List.of(
                        byTime,
                        layer.constant(
                                "W",
                                Tensor.stacked(
                                        directions.stream().map(Cell::input).toList())),
                        layer.constant(
                                "R",
                                Tensor.stacked(
                                        directions.stream().map(Cell::state).toList())),
                        layer.constant(
                                "B",
                                Tensor.stacked(
                                        directions.stream().map(Cell::bias).toList())),
                        lengths(ElementType.INT32)),
                attributes.toArray(Attribute[]::new)); // [time, directions, batch, units]
        return layer.reshaped(layer.transposed(told, 2, 0, 1, 3), 0, 0, directions.size() * units);
    }
}
