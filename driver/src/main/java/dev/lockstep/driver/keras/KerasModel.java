package dev.lockstep.driver.keras;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.driver.config.GivenConfig;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.ParameterLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of Keras, one layer behind the other, as a network of ours. Images are {@code [channels, height, width]} here and {@code [height,
 * width, channels]} there, so that what lies behind a Flatten is in another order.
 *
 * @param configuration HOCON: what describes the network, {@code network} and {@code train.objective}
 * @param parameters in DL4J's flat order
 * @param version of the Keras that saved it
 */
public record KerasModel(String configuration, NetworkSpec network, float[] parameters, String version) {

    /**
     * Reads a file that Keras saved.
     *
     * @param name what to call it in messages
     * @throws ModelException when it is damaged, or has a layer or an attribute without counterpart, which is named
     */
    public static KerasModel of(String name, byte[] content) {
        try (KerasFile file = KerasFile.of(name, content)) {
            try {
                return new Reading(file).model();
            } catch (ModelException e) {
                throw e.getMessage().startsWith(name) ? e : new ModelException(name + ": " + e.getMessage(), e);
            } catch (ConfigurationException e) {
                throw new ModelException(
                        name + ": " + e.getMessage().lines().findFirst().orElse(""), e);
            }
        }
    }

    /** One pass over the layers. */
    private static final class Reading {
        private final KerasFile file;
        private final List<String> layers = new ArrayList<>();
        /** Values by the number of the layer and the name of the array. */
        private final Map<String, float[]> values = new HashMap<>();

        private List<Integer> input;
        /** Of an image, {@code [height, width, channels]}; of a vector, its length; as it is behind the layers so far. */
        private List<Integer> shape;
        /** The image that a Flatten made a vector of; null where Keras's values are in our order. */
        private List<Integer> flattened;

        private String last;

        Reading(KerasFile file) {
            this.file = file;
        }

        KerasModel model() {
            JsonNode model = file.model();
            String kind = model.path("class_name").asText();
            JsonNode inside = model.path("config");
            if (kind.equals("Functional") || kind.equals("Model")) {
                requireChain(inside);
            } else if (!kind.equals("Sequential")) {
                throw new ModelException("is a model of class " + (kind.isEmpty() ? "(none)" : kind)
                        + "; only Sequential ones, and Functional ones without branches, can be imported");
            }
            List<KerasLayer> all = new ArrayList<>();
            (inside.isArray() ? inside : inside.path("layers")).forEach(node -> all.add(KerasLayer.of(node)));
            if (all.isEmpty()) {
                throw new ModelException("has no layers");
            }
            for (int i = 0; i < all.size(); i++) {
                KerasLayer layer = all.get(i);
                if (input == null && layer.inputShape() != null) {
                    input = layer.inputShape();
                    if (input.size() != 1 && input.size() != 3) {
                        throw layer.without(
                                "an input of " + input + " has no counterpart; expected a vector or an image");
                    }
                    makes(layer, input);
                }
                if (input == null) {
                    throw layer.without("the shape of the input is not said; build the model before it is saved");
                }
                add(layer, i == all.size() - 1);
            }
            return built();
        }

        /** A functional model names what each layer reads, and what it answers with. */
        private static void requireChain(JsonNode model) {
            String before = null;
            for (JsonNode node : model.path("layers")) {
                List<String> read = new ArrayList<>();
                histories(node.path("inbound_nodes"), read);
                if (!read.equals(before == null ? List.of() : List.of(before))) {
                    throw KerasLayer.of(node)
                            .without("reads " + read + "; only models without branches can be imported");
                }
                before = KerasLayer.of(node).name();
            }
            List<String> answers = new ArrayList<>();
            histories(model.path("output_layers"), answers);
            if (before != null && !answers.equals(List.of(before))) {
                throw new ModelException("answers with the layers " + Excerpt.of(String.join(", ", answers))
                        + "; only models that answer with their last layer alone, " + Excerpt.of(before)
                        + ", can be imported");
            }
        }

        /** {@code [layer, node, output]} wherever it stands, however deep: each Keras has its own way. */
        private static void histories(JsonNode node, List<String> names) {
            boolean history = node.isArray()
                    && node.path(0).isTextual()
                    && node.path(1).isInt()
                    && node.path(2).isInt();
            if (history) {
                names.add(node.get(0).asText());
            } else {
                node.forEach(child -> histories(child, names));
            }
        }

        private KerasModel built() {
            boolean classes = last.equals("softmax");
            String objective = classes ? "classification" : last.equals("sigmoid") ? "multi-label" : "regression";
            int outputs = shape.get(0);
            String size = input.size() == 3
                    ? "[" + input.get(2) + ", " + input.get(0) + ", " + input.get(1) + "]"
                    : "[" + input.get(0) + "]";
            String text = "network {\n  input = " + size + "\n  " + (classes ? "classes" : "targets") + " = " + outputs
                    + "\n  layers = [\n    " + String.join("\n    ", layers) + "\n  ]\n}\ntrain.objective = "
                    + objective
                    + "\n";
            GivenConfig given = GivenConfig.of(text);
            NetworkSpec network = (classes
                            ? given
                            : given.over("data.format", "csv").over("data.path", "any")) // files of images have classes
                    .parse(Substitutions.NONE)
                    .network();
            float[] parameters = new float[(int) Networks.size(network).parameters()];
            for (ParameterLayout.Block block : Networks.layout(network).blocks()) {
                float[] own = values.get(block.node() + "/" + block.parameter());
                if (own == null || own.length != block.to() - block.from()) {
                    throw new ModelException("weights do not fit: layer " + block.node() + " has "
                            + (block.to() - block.from()) + " values of " + block.parameter() + ", the file "
                            + (own == null ? 0 : own.length));
                }
                System.arraycopy(own, 0, parameters, block.from(), own.length);
            }
            return new KerasModel(text, network, parameters, file.version());
        }

        private void add(KerasLayer layer, boolean isLast) {
            List<KerasFile.Tensor> weights = file.weights(layer.type(), layer.name());
            switch (layer.type()) {
                case "InputLayer", "Input" -> {}
                case "Dense" -> dense(layer, weights, isLast);
                case "Conv2D", "Convolution2D" -> convolution(layer, weights);
                case "MaxPooling2D", "AveragePooling2D" -> pooling(layer);
                case "GlobalAveragePooling2D" -> {
                    requireImage(layer);
                    layers.add("{ type = global-average-pool }");
                    makes(layer, List.of(shape.get(2)));
                }
                case "BatchNormalization" -> norm(layer, weights);
                case "Dropout" -> layers.add("{ type = dropout, ratio = " + layer.number(0.5, "rate", "p") + " }");
                case "Flatten" -> flatten(layer);
                case "Activation" -> activation(layer, layer.activation(), isLast);
                case "ReLU" -> {
                    layer.require("max_value", "");
                    if (layer.number(0, "negative_slope") != 0 || layer.number(0, "threshold") != 0) {
                        throw layer.without("negative_slope and threshold have no counterpart; expected 0");
                    }
                    activation(layer, "relu", isLast);
                }
                case "Softmax" -> activation(layer, "softmax", isLast);
                default -> throw layer.without("has no counterpart that is imported");
            }
            if (isLast && last == null) {
                throw layer.without("is the last layer; expected a Dense or an Activation");
            }
        }

        private void requireImage(KerasLayer layer) {
            if (shape.size() != 3) {
                throw layer.without("reads an image, its input is " + shape);
            }
            layer.require("data_format", "channels_last");
            layer.require("dim_ordering", "tf");
        }

        private void activation(KerasLayer layer, String word, boolean isLast) {
            if (isLast) {
                if (shape.size() != 1) {
                    throw layer.without("is the last layer, its input is " + shape + "; expected a vector");
                }
                if (flattened != null) {
                    throw layer.without("is the last layer, its input an image of " + flattened
                            + " that is flattened, whose values are in another order here; expected a Dense between");
                }
                layers.add("{ type = loss, activation = " + word + " }");
                last = word;
            } else {
                layers.add("{ type = activation, function = " + word + " }");
            }
        }

        private void flatten(KerasLayer layer) {
            if (shape.size() == 3) {
                requireImage(layer);
                int pixels = shape.get(0) * shape.get(1);
                int channels = shape.get(2);
                flattened = pixels == 1 || channels == 1 ? null : shape;
                makes(layer, List.of(pixels * channels));
            }
            layers.add("{ type = flatten }");
        }

        /** Keras's place of a value of ours. */
        private int place(int ours) {
            if (flattened == null) {
                return ours;
            }
            int pixels = flattened.get(0) * flattened.get(1);
            return ours % pixels * flattened.get(2) + ours / pixels;
        }

        /** What is behind a layer is of this shape; of no more values than an array holds. */
        private void makes(KerasLayer layer, List<Integer> sizes) {
            double values = 1;
            for (int size : sizes) {
                values *= size;
            }
            if (sizes.stream().anyMatch(size -> size < 1) || values > Integer.MAX_VALUE) {
                throw layer.without(
                        "makes " + sizes + "; expected sizes from 1, and at most " + Integer.MAX_VALUE + " values");
            }
            shape = sizes;
        }

        /** An image over which a window goes, pixel by pixel or with a stride. */
        private void slides(KerasLayer layer, long window, int stride, int channels) {
            if (window > Math.min(shape.get(0), shape.get(1))) {
                throw layer.without("takes " + window + " pixels along each axis; its input is " + shape);
            }
            int rows = (int) (shape.get(0) - window) / stride + 1;
            int columns = (int) (shape.get(1) - window) / stride + 1;
            makes(layer, List.of(rows, columns, channels));
        }

        private float[] array(KerasLayer layer, List<KerasFile.Tensor> weights, int index, List<Integer> sizes) {
            if (index >= weights.size()) {
                throw layer.without("has " + weights.size() + " arrays in the file; expected more than " + index);
            }
            if (!weights.get(index).sizes().equals(sizes)) {
                throw layer.without(
                        "array " + index + " is of " + weights.get(index).sizes() + " in the file; expected " + sizes);
            }
            return weights.get(index).values();
        }

        /** The name of an array of the layer that is added next. */
        private void put(String array, float[] own) {
            values.put(layers.size() + "/" + array, own);
        }

        private void dense(KerasLayer layer, List<KerasFile.Tensor> weights, boolean isLast) {
            int units = layer.count("units", "output_dim");
            if (shape.size() != 1) {
                throw layer.without("reads an image of " + shape + " pixel by pixel; expected a Flatten before it");
            }
            int in = shape.get(0);
            float[] kernel = array(layer, weights, 0, List.of(in, units));
            float[] own = new float[kernel.length];
            for (int i = 0; i < in; i++) {
                int row = place(i);
                for (int o = 0; o < units; o++) {
                    own[o * in + i] = kernel[row * units + o];
                }
            }
            put("W", own);
            put("b", bias(layer, weights, units));
            String word = layer.activation();
            String type = isLast ? "output, " : "dense, units = " + units + ", ";
            layers.add("{ type = " + type + "activation = " + word + " }");
            last = isLast ? word : null;
            makes(layer, List.of(units));
            flattened = null;
        }

        /** A layer without a bias has one of 0. */
        private float[] bias(KerasLayer layer, List<KerasFile.Tensor> weights, int units) {
            boolean has = layer.config().has("use_bias") ? layer.flag("use_bias") : layer.flag("bias");
            return has ? array(layer, weights, 1, List.of(units)) : new float[units];
        }

        private void convolution(KerasLayer layer, List<KerasFile.Tensor> weights) {
            requireImage(layer);
            layer.require("groups", "1");
            int filters = layer.count("filters", "nb_filter");
            int kernel = layer.config().has("nb_row") ? layer.count("nb_row") : layer.square("kernel_size", 1);
            int stride = layer.square("strides", layer.square("subsample", 1));
            int dilation = layer.square("dilation_rate", 1);
            String padding = layer.config()
                    .path("padding")
                    .asText(layer.config().path("border_mode").asText("valid"));
            boolean same = padding.equals("same");
            if (same && (stride != 1 || kernel % 2 == 0)) {
                throw layer.without("padding = same with strides = " + stride + " and kernel_size = " + kernel
                        + " pads unevenly, which has no counterpart; expected a stride of 1 and an odd kernel");
            }
            if (!same && !padding.equals("valid")) {
                layer.require("padding", "valid");
            }
            int in = shape.get(2);
            float[] theirs = array(layer, weights, 0, List.of(kernel, kernel, in, filters));
            float[] own = new float[theirs.length];
            int at = 0;
            for (int o = 0; o < filters; o++) {
                for (int i = 0; i < in; i++) {
                    for (int pixel = 0; pixel < kernel * kernel; pixel++) {
                        own[at++] = theirs[(pixel * in + i) * filters + o];
                    }
                }
            }
            put("W", own);
            put("b", bias(layer, weights, filters));
            layers.add("{ type = convolution, filters = " + filters + ", kernel = " + kernel + ", stride = " + stride
                    + ", dilation = " + dilation + ", padding = " + (same ? "same" : "0") + ", activation = "
                    + layer.activation() + " }");
            if (same) {
                makes(layer, List.of(shape.get(0), shape.get(1), filters));
            } else {
                slides(layer, dilation * (kernel - 1L) + 1, stride, filters);
            }
        }

        private void pooling(KerasLayer layer) {
            requireImage(layer);
            int kernel = layer.square("pool_size", 2);
            int stride = layer.square("strides", kernel);
            boolean even = stride == kernel && shape.get(0) % kernel == 0 && shape.get(1) % kernel == 0;
            if (!even) { // where it divides, same is valid
                layer.require("padding", "valid");
                layer.require("border_mode", "valid");
            }
            String type = layer.type().startsWith("Max") ? "max-pool" : "average-pool";
            layers.add("{ type = " + type + ", kernel = " + kernel + ", stride = " + stride + " }");
            slides(layer, kernel, stride, shape.get(2));
        }

        private void norm(KerasLayer layer, List<KerasFile.Tensor> weights) {
            JsonNode axis = layer.config().path("axis");
            int along = axis.isArray() ? axis.path(0).asInt(-1) : axis.asInt(-1);
            if (along != -1 && along != shape.size()) {
                throw layer.without("axis = " + along + " has no counterpart; expected the last one");
            }
            int channels = shape.get(shape.size() - 1);
            boolean scales = layer.flag("scale");
            boolean centers = layer.flag("center");
            int mean = (scales ? 1 : 0) + (centers ? 1 : 0);
            put("mean", inOrder(array(layer, weights, mean, List.of(channels)))); // first: so many there are, then
            put("var", inOrder(array(layer, weights, mean + 1, List.of(channels))));
            put("gamma", inOrder(scales ? array(layer, weights, 0, List.of(channels)) : filled(channels, 1)));
            put("beta", inOrder(centers ? array(layer, weights, mean - 1, List.of(channels)) : filled(channels, 0)));
            layers.add("{ type = batch-norm, decay = " + layer.number(0.99, "momentum") + ", epsilon = "
                    + layer.number(1e-3, "epsilon") + " }");
        }

        private float[] inOrder(float[] theirs) {
            float[] own = new float[theirs.length];
            for (int i = 0; i < own.length; i++) {
                own[i] = theirs[place(i)];
            }
            return own;
        }

        private static float[] filled(int length, float value) {
            float[] values = new float[length];
            Arrays.fill(values, value);
            return values;
        }
    }
}
