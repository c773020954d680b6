package dev.lockstep.driver.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Layers that read vectors, or whatever it is value by value. */
final class PlainLayers {

    private PlainLayers() {}

    static KerasValue dense(Reading reading) {
        KerasLayer layer = reading.layer();
        KerasValue input = reading.input();
        int units = layer.count("units", "output_dim");
        if (input.isImage()) {
            throw layer.without("reads an image of " + input + " pixel by pixel; expected a Flatten before it");
        }
        int in = input.channels();
        float[] kernel = reading.array(0, in, units);
        float[] own = new float[kernel.length];
        for (int i = 0; i < in; i++) {
            int row = input.place(i);
            for (int o = 0; o < units; o++) {
                own[o * in + i] = kernel[row * units + o];
            }
        }
        reading.put("W", own);
        reading.put("b", reading.bias(1, units));
        String word = layer.activation();
        String node = reading.add(
                reading.isLast()
                        ? "type = output, " + reading.to().ending(word)
                        : "type = dense, units = " + units + ", activation = " + word);
        return input.hasTime() ? reading.makesSteps(node, units) : reading.makes(node, units);
    }

    static KerasValue activation(Reading reading, String word) {
        KerasValue input = reading.input();
        if (!reading.isLast()) {
            return input.at(reading.add("type = activation, function = " + word));
        }
        if (!input.isVector()) {
            throw reading.layer().without("is the last layer, its input is " + input + "; expected a vector");
        }
        if (!input.isOrdered()) {
            throw reading.layer()
                    .without("is the last layer, its input an image of "
                            + input.pieces().get(0)
                            + " that is flattened, whose values are in another order here; expected a Dense between");
        }
        return input.at(reading.add("type = loss, " + reading.to().ending(word)));
    }

    static KerasValue relu(Reading reading) {
        reading.layer().require("max_value", "");
        if (reading.layer().number(0, "negative_slope") != 0 || reading.layer().number(0, "threshold") != 0) {
            throw reading.layer().without("negative_slope and threshold have no counterpart; expected 0");
        }
        return activation(reading, "relu");
    }

    static KerasValue dropout(Reading reading) {
        return reading.input()
                .at(reading.add("type = dropout, ratio = " + reading.layer().number(0.5, "rate", "p")));
    }

    static KerasValue flatten(Reading reading) {
        if (reading.input().hasTime()) {
            throw reading.layer().without("flattens a sequence, which has no counterpart: its length may be any");
        }
        KerasValue image = reading.input().isImage() ? reading.image() : reading.input();
        String node = reading.add("type = flatten");
        return image.isImage() ? image.flat(node) : image.at(node);
    }

    static KerasValue batchNorm(Reading reading) {
        requireLastAxis(reading);
        if (reading.input().hasTime()) {
            throw reading.layer().without("reads a sequence, which has no counterpart; expected a vector or an image");
        }
        KerasLayer layer = reading.layer();
        int channels = reading.input().channels();
        int mean = (layer.flag("scale") ? 1 : 0) + (layer.flag("center") ? 1 : 0);
        reading.put("mean", reading.inOrder(reading.array(mean, channels))); // first: so many there are, then
        reading.put("var", reading.inOrder(reading.array(mean + 1, channels)));
        scaleAndShift(reading, channels);
        return reading.input()
                .at(reading.add("type = batch-norm, decay = " + layer.number(0.99, "momentum") + ", epsilon = "
                        + layer.number(1e-3, "epsilon")));
    }

    static KerasValue layerNorm(Reading reading) {
        requireLastAxis(reading);
        if (reading.input().isImage()) {
            throw reading.layer()
                    .without("normalises an image pixel by pixel, which has no counterpart; expected a vector or a"
                            + " sequence");
        }
        reading.layer().require("rms_scaling", "false");
        scaleAndShift(reading, reading.input().channels());
        return reading.input()
                .at(reading.add(
                        "type = layer-norm, epsilon = " + reading.layer().number(1e-3, "epsilon")));
    }

    private static void requireLastAxis(Reading reading) {
        JsonNode axis = reading.layer().config().path("axis");
        int along = axis.isArray() && axis.size() == 1 ? axis.path(0).asInt(-1) : axis.asInt(-1);
        int last = reading.input().hasTime() ? 2 : reading.input().sizes().size();
        if (axis.isArray() && axis.size() > 1 || along != -1 && along != last) {
            throw reading.layer().without("axis = " + axis + " has no counterpart; expected the last one");
        }
    }

    private static void scaleAndShift(Reading reading, int channels) {
        boolean scales = reading.layer().flag("scale");
        boolean centers = reading.layer().flag("center");
        reading.put("gamma", reading.inOrder(scales ? reading.array(0, channels) : Reading.filled(channels, 1)));
        reading.put(
                "beta",
                reading.inOrder(centers ? reading.array(scales ? 1 : 0, channels) : Reading.filled(channels, 0)));
    }

    /** The sum or the mean of several. */
    static KerasValue elementwise(Reading reading, String type) {
        List<KerasValue> inputs = several(reading);
        KerasValue first = inputs.get(0);
        for (KerasValue input : inputs) {
            if (!input.at(first.node()).equals(first)) {
                throw reading.layer().without("reads inputs of other shapes or orders: " + inputs);
            }
        }
        return first.at(reading.add("type = " + type));
    }

    static KerasValue concatenation(Reading reading) {
        List<KerasValue> inputs = several(reading);
        KerasValue first = inputs.get(0);
        int axis = reading.layer().config().path("axis").asInt(-1);
        int last = first.hasTime() ? 2 : first.sizes().size();
        if (axis != -1 && axis != last) {
            throw reading.layer().without("axis = " + axis + " has no counterpart; expected the last one");
        }
        for (KerasValue input : inputs) {
            boolean fits = input.hasTime() == first.hasTime()
                    && input.sizes().size() == first.sizes().size()
                    && input.sizes()
                            .subList(0, input.sizes().size() - 1)
                            .equals(first.sizes().subList(0, first.sizes().size() - 1));
            if (!fits) {
                throw reading.layer().without("puts inputs side by side that do not fit: " + inputs);
            }
        }
        long channels = inputs.stream().mapToLong(KerasValue::channels).sum();
        if (channels > Integer.MAX_VALUE) {
            throw reading.layer().without("makes " + channels + " values; expected at most " + Integer.MAX_VALUE);
        }
        KerasValue together = KerasValue.sideBySide(reading.add("type = concat"), inputs);
        reading.to().makes(reading.layer(), together.node(), together.sizes(), together.hasTime());
        return together;
    }

    private static List<KerasValue> several(Reading reading) {
        if (reading.inputs().size() < 2) {
            throw reading.layer().without("reads " + reading.inputs().size() + " layers; expected two or more");
        }
        return reading.inputs();
    }
}
