package dev.lockstep.driver.report;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.NetworkSize;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Graph;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.Pooling;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A layer of a network, as people are told of it.
 *
 * @param name what other layers call it
 * @param type as a configuration has it
 * @param values what tells it from others of its type, {@code filters=16 kernel=3}; may be empty
 * @param inputs the names of what it reads
 * @param output the shape of one example behind it
 * @param parameters batch norm's running statistics included
 * @param trainable those that the optimizer moves
 * @param flops additions and multiplications of one example on its way forward, about: two a weight and place where it is
 *     used; of a sequence, of one of its steps
 */
public record LayerRow(
        String name,
        String type,
        String values,
        List<String> inputs,
        Shape output,
        long parameters,
        long trainable,
        double flops) {

    /** Forwards, and backwards to the inputs and to the weights. */
    private static final int PASSES = 3;

    /** All layers of a network, each behind those that it reads. The network is not built for it. */
    public static List<LayerRow> of(NetworkSpec network) {
        Map<String, NetworkSize> sizes = Networks.sizes(network);
        Graph graph = network.graph();
        return graph.nodes().stream()
                .map(node -> of(
                        node,
                        graph.shape(node.name()),
                        sizes.getOrDefault(node.name(), NetworkSize.NOTHING).parameters()))
                .toList();
    }

    private static LayerRow of(Node node, Shape output, long parameters) {
        Layer layer = node.layer();
        return new LayerRow(
                node.name(),
                layer.type(),
                values(layer),
                node.inputs(),
                output,
                parameters,
                trainable(node, parameters),
                flops(layer, output, parameters));
    }

    private static long trainable(Node node, long parameters) {
        if (node.learning().frozen()) {
            return 0;
        }
        return node.layer() instanceof BatchNorm ? parameters / 2 : parameters; // the rest is mean and variance
    }

    private static double flops(Layer layer, Shape output, long parameters) {
        if (parameters > 0) {
            long places = output.isImage() ? (long) output.height() * output.width() : 1;
            return 2.0 * parameters * places;
        }
        return layer instanceof Pooling pool ? (double) pool.kernel() * pool.kernel() * output.size() : output.size();
    }

    /** A record prints as Name[a=1, b=2]; what is null is as the network's default has it. */
    private static String values(Layer layer) {
        return layer.toString()
                .replaceFirst("^\\w+\\[", "")
                .replaceFirst("]$", "")
                .replaceAll(",? ?\\w+=null", "")
                .toLowerCase(Locale.ROOT)
                .replace(",", "");
    }

    /** Additions and multiplications of one example on its way forward, about. */
    static double flops(List<LayerRow> layers) {
        return layers.stream().mapToDouble(LayerRow::flops).sum();
    }

    /** The same of one training step. */
    public static double flopsOfStep(List<LayerRow> layers, int batch) {
        return PASSES * flops(layers) * batch;
    }

    /** Name, type and values. */
    @Override
    public String toString() {
        return type + (values.isEmpty() ? "" : " " + values);
    }
}
