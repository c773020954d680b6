package dev.lockstep.driver.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A layer as Keras configures it, and what it wants of it said by its name. */
record KerasLayer(String type, JsonNode config) {
    private static final Map<String, String> ACTIVATIONS = Map.of(
            "linear", "identity",
            "relu", "relu",
            "tanh", "tanh",
            "sigmoid", "sigmoid",
            "softmax", "softmax",
            "elu", "elu");

    static KerasLayer of(JsonNode node) {
        return new KerasLayer(node.path("class_name").asText(), node.path("config"));
    }

    boolean isInput() {
        return type.equals("InputLayer") || type.equals("Input");
    }

    /** The layer that an attribute of this one is. */
    KerasLayer inner(String attribute) {
        KerasLayer inner = of(config.path(attribute));
        if (inner.type().isEmpty()) {
            throw without(attribute + " is no layer");
        }
        return inner;
    }

    String name() {
        return config.path("name").asText(type);
    }

    /** The sizes of an example, batch left out; null where they are not said. */
    List<Integer> inputShape() {
        for (String key : List.of("batch_shape", "batch_input_shape")) {
            if (config.path(key).isArray()) {
                List<Integer> sizes = new ArrayList<>();
                for (int i = 1; i < config.path(key).size(); i++) {
                    sizes.add(config.path(key).get(i).asInt(0)); // 0: any
                }
                return sizes;
            }
        }
        return null;
    }

    /** @throws ModelException that says that it has no counterpart */
    ModelException without(String what) {
        return new ModelException("layer '" + Excerpt.of(name()) + "' (" + Excerpt.of(type) + "): " + what);
    }

    /** Requires an attribute to be one thing; one that is not there is what Keras takes for it. */
    void require(String attribute, String value) {
        JsonNode found = config.path(attribute);
        if (!found.isMissingNode()
                && !found.isNull()
                && !found.asText(found.toString()).equals(value)) {
            throw without(attribute + " = " + Excerpt.of(found) + " has no counterpart; expected " + value);
        }
    }

    /** Requires numbers to be 0, where they are there. */
    void requireZero(String... attributes) {
        for (String attribute : attributes) {
            if (number(0, attribute) != 0) {
                throw without(
                        attribute + " = " + Excerpt.of(config.path(attribute)) + " has no counterpart; expected 0");
            }
        }
    }

    /** Of a convolution, in lower case; Keras 1 has another word for it. */
    String padding() {
        return config.path("padding").asText(config.path("border_mode").asText("valid"));
    }

    /** A whole number from 1, alone or in a list of one. */
    int along(String attribute, int fallback) {
        JsonNode found = config.path(attribute);
        JsonNode one = found.isArray() && found.size() == 1 ? found.get(0) : found;
        if (found.isMissingNode() || found.isNull()) {
            return fallback;
        }
        if (!isCount(one)) {
            throw without(attribute + " = " + Excerpt.of(found) + "; expected a whole number from 1");
        }
        return one.intValue();
    }

    /** Two equal whole numbers from 1, or one. */
    int square(String attribute, int fallback) {
        JsonNode found = config.path(attribute);
        if (found.isMissingNode() || found.isNull()) {
            return fallback;
        }
        boolean twice = found.isArray() && found.size() == 2 && found.get(0).equals(found.get(1));
        JsonNode along = twice ? found.get(0) : found;
        if (!isCount(along)) {
            throw without(attribute + " = " + Excerpt.of(found)
                    + " has no counterpart; expected a whole number from 1, the same along both axes");
        }
        return along.intValue();
    }

    /** A whole number from 1, by the first of these names that is there. */
    int count(String... names) {
        for (String name : names) {
            JsonNode found = config.path(name);
            if (isCount(found)) {
                return found.intValue();
            }
            if (!found.isMissingNode()) {
                throw without(name + " = " + Excerpt.of(found) + "; expected a whole number from 1");
            }
        }
        throw without(names[0] + " is missing");
    }

    private static boolean isCount(JsonNode node) {
        return node.isInt() && node.intValue() >= 1;
    }

    double number(double fallback, String... names) {
        for (String name : names) {
            if (config.path(name).isNumber()) {
                return config.path(name).asDouble();
            }
        }
        return fallback;
    }

    boolean flag(String attribute) {
        return flag(attribute, true);
    }

    boolean flag(String attribute, boolean fallback) {
        return config.path(attribute).asBoolean(fallback);
    }

    /** In our word. */
    String activation() {
        JsonNode found = config.path("activation");
        String word = found.isMissingNode() || found.isNull() ? "linear" : found.asText("");
        String ours = ACTIVATIONS.get(word);
        if (ours == null) {
            throw without("activation = " + Excerpt.of(found) + " has no counterpart; known are "
                    + String.join(", ", ACTIVATIONS.keySet().stream().sorted().toList()));
        }
        return ours;
    }
}
