package dev.lockstep.driver.keras;

import dev.lockstep.worker.failure.Excerpt;
import java.util.List;
import java.util.Map;

/** Layers that read sequences. */
final class TimeLayers {
    private static final List<String> SHARED = List.of(
            "units", "output_dim", "activation", "recurrent_activation", "inner_activation", "use_bias", "reset_after");

    private TimeLayers() {}

    static KerasValue embedding(Reading reading) {
        KerasLayer layer = reading.layer();
        layer.require("mask_zero", "false");
        layer.requireZero("dropout");
        int rows = layer.count("input_dim");
        int units = layer.count("output_dim");
        if (reading.sequence().channels() != 1) {
            throw layer.without("reads vectors, " + reading.input() + "; expected a sequence of numbers");
        }
        reading.put("W", reading.array(0, rows, units));
        return reading.makesSteps(reading.add("type = embedding, vocabulary = " + rows + ", units = " + units), units);
    }

    /** One that goes backwards tells its steps as it took them. */
    static KerasValue recurrent(Reading reading) {
        RecurrentArrays arrays = RecurrentArrays.of(reading);
        boolean backwards = reading.layer().flag("go_backwards", false);
        KerasValue from = backwards ? reversed(reading) : reading.input();
        return told(reading, arrays, reading.weights(), from, reading.layer().flag("return_sequences", false));
    }

    private static KerasValue reversed(Reading reading) {
        return reading.sequence().at(reading.add("type = reverse"));
    }

    /** Behind a recurrent layer every step, or the last one. */
    private static KerasValue told(
            Reading reading,
            RecurrentArrays arrays,
            List<KerasFile.Tensor> weights,
            KerasValue from,
            boolean sequences) {
        arrays.put(weights, "");
        KerasValue steps = reading.makesSteps(reading.to().add(arrays.keys(), List.of(from)), arrays.units());
        return sequences ? steps : reading.makes(reading.to().add("type = last-step", List.of(steps)), arrays.units());
    }

    /** Both ways; without their steps, each of the two tells where it ends. */
    static KerasValue bidirectional(Reading reading) {
        KerasLayer layer = reading.layer();
        KerasLayer forward = layer.inner("layer");
        requireAlike(layer, forward);
        String mode = layer.config().path("merge_mode").asText("concat");
        String join = Map.of("concat", "concat", "sum", "sum", "ave", "mean").get(mode);
        if (join == null) {
            throw layer.without(
                    "merge_mode = " + Excerpt.of(mode) + " has no counterpart; expected concat, sum or ave");
        }
        List<KerasFile.Tensor> all = reading.weights();
        List<KerasFile.Tensor> first = all.subList(0, all.size() / 2);
        List<KerasFile.Tensor> second = all.subList(all.size() / 2, all.size());
        RecurrentArrays arrays = RecurrentArrays.of(reading.inside(forward, all));
        forward.require("go_backwards", "false");
        int values = (join.equals("concat") ? 2 : 1) * arrays.units();
        if (forward.flag("return_sequences", false)) {
            arrays.put(first, ".forward.0");
            arrays.put(second, ".backward.0");
            String merge = join.equals("concat") ? "" : ", merge = " + join;
            return reading.makesSteps(
                    reading.add("type = bidirectional, layers = [{ " + arrays.keys() + " }]" + merge), values);
        }
        KerasValue there = told(reading, arrays, first, reading.input(), false);
        KerasValue back = told(reading, arrays, second, reversed(reading), false);
        return reading.makes(reading.to().add("type = " + join, List.of(there, back)), values);
    }

    private static void requireAlike(KerasLayer layer, KerasLayer forward) {
        if (layer.config().has("backward_layer")) {
            KerasLayer backward = layer.inner("backward_layer");
            for (String attribute : SHARED) {
                if (!forward.type().equals(backward.type())
                        || !forward.config()
                                .path(attribute)
                                .equals(backward.config().path(attribute))) {
                    throw layer.without(
                            "has a backward_layer that differs in " + attribute + ", which has no counterpart");
                }
            }
        }
    }

    static KerasValue timeDistributed(Reading reading) {
        reading.sequence();
        KerasLayer inner = reading.layer().inner("layer");
        if (!inner.type().equals("Dense")) {
            throw reading.layer().without("has a layer '" + inner.type() + "' at every step; expected a Dense");
        }
        return PlainLayers.dense(reading.inside(inner, reading.weights()));
    }

    static KerasValue convolution(Reading reading) {
        KerasLayer layer = reading.layer();
        int in = reading.sequence().channels();
        layer.require("data_format", "channels_last");
        layer.require("groups", "1");
        int filters = layer.count("filters", "nb_filter");
        int kernel = layer.config().has("filter_length") ? layer.count("filter_length") : layer.along("kernel_size", 1);
        int dilation = layer.along("dilation_rate", 1);
        int stride = layer.along("strides", layer.along("subsample_length", 1));
        String padding = layer.padding();
        if (stride != 1 || !padding.equals("same") && !padding.equals("causal")) {
            throw layer.without("strides = " + stride + " with padding = " + padding
                    + " has no counterpart; expected strides of 1 and padding same or causal");
        }
        boolean images =
                reading.weights().size() > 0 && reading.weights().get(0).sizes().size() == 4; // as Keras 1 has it
        float[] theirs = images ? reading.array(0, kernel, 1, in, filters) : reading.array(0, kernel, in, filters);
        float[] own = new float[theirs.length];
        for (int k = 0; k < kernel; k++) {
            for (int i = 0; i < in; i++) {
                for (int f = 0; f < filters; f++) {
                    own[(k * filters + f) * in + i] = theirs[(k * in + i) * filters + f];
                }
            }
        }
        reading.put("W", own);
        reading.put("b", reading.bias(1, filters));
        return reading.makesSteps(
                reading.add("type = convolution-1d, filters = " + filters + ", kernel = " + kernel + ", dilation = "
                        + dilation + ", padding = " + padding + ", activation = " + layer.activation()),
                filters);
    }

    static KerasValue mean(Reading reading) {
        reading.layer().require("data_format", "channels_last");
        reading.layer().require("keepdims", "false");
        int channels = reading.sequence().channels();
        return reading.makes(reading.add("type = mean-over-time"), channels);
    }
}
