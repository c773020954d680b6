package dev.lockstep.driver.keras;

import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.ParameterLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a model becomes, layer by layer: our configuration of it, and the values of its arrays. */
final class Translation {
    private final List<String> layers = new ArrayList<>();
    /** By the name of the layer and of the array. */
    private final Map<String, float[]> values = new HashMap<>();

    private final String loss;

    private String activation;

    /** @param loss that the model was compiled with, in our word; null for the usual one */
    Translation(String loss) {
        this.loss = loss;
    }

    /** Layers of ours are called by their places; one that reads another than the one before it says so. */
    String add(String keys, List<KerasValue> inputs) {
        String before = layers.isEmpty() ? NetworkSpec.INPUT : Integer.toString(layers.size() - 1);
        List<String> read = inputs.stream().map(KerasValue::node).toList();
        String edges = read.equals(List.of(before)) ? "" : ", input = [\"" + String.join("\", \"", read) + "\"]";
        layers.add("{ " + keys + edges + " }");
        return Integer.toString(layers.size() - 1);
    }

    /** @param part which layer inside of the one that is added next, if it stands for several; else empty */
    void put(String part, String array, float[] own) {
        values.put(layers.size() + part + "/" + array, own);
    }

    /** The keys of the layer that ends the network, with this activation, in our word. */
    String ending(String word) {
        activation = word;
        return "activation = " + word + (loss == null ? "" : ", loss = " + loss);
    }

    KerasValue makes(KerasLayer layer, String node, List<Integer> sizes, boolean time) {
        double all = 1;
        for (int size : sizes) {
            all *= size;
        }
        if (sizes.stream().anyMatch(size -> size < 1) || all > Integer.MAX_VALUE) {
            throw layer.without(
                    "makes " + sizes + "; expected sizes from 1, and at most " + Integer.MAX_VALUE + " values");
        }
        return KerasValue.of(node, sizes, time);
    }

    /** How the network ends; null where no layer did. */
    String activation() {
        return activation;
    }

    /** The list of layers in a configuration. */
    String layers() {
        return String.join("\n    ", layers);
    }

    /**
     * All parameters, in DL4J's flat order.
     *
     * @throws ModelException when the file has other arrays than the network
     */
    float[] parameters(ParameterLayout layout, int count) {
        float[] parameters = new float[count];
        for (ParameterLayout.Block block : layout.blocks()) {
            float[] own = values.get(block.node() + "/" + block.parameter());
            if (own == null || own.length != block.to() - block.from()) {
                throw new ModelException("weights do not fit: layer " + block.node() + " has "
                        + (block.to() - block.from()) + " values of " + block.parameter() + ", the file "
                        + (own == null ? 0 : own.length));
            }
            System.arraycopy(own, 0, parameters, block.from(), own.length);
        }
        return parameters;
    }
}
