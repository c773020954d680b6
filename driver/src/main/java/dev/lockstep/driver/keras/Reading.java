package dev.lockstep.driver.keras;

import java.util.Arrays;
import java.util.List;

/**
 * A layer of Keras that is being translated.
 *
 * @param inputs what it reads
 * @param weights its arrays, in Keras's order
 * @param isLast whether the model answers with it
 * @param to takes our layers
 */
record Reading(
        KerasLayer layer, List<KerasValue> inputs, List<KerasFile.Tensor> weights, boolean isLast, Translation to) {

    /** What it reads, of a layer that reads one thing. */
    KerasValue input() {
        if (inputs.size() != 1) {
            throw layer.without("reads " + inputs.size() + " layers; expected one");
        }
        return inputs.get(0);
    }

    /** The same of an image. */
    KerasValue image() {
        if (!input().isImage()) {
            throw layer.without("reads an image, its input is " + input());
        }
        layer.require("data_format", "channels_last");
        layer.require("dim_ordering", "tf");
        return input();
    }

    /** The same of a sequence. */
    KerasValue sequence() {
        if (!input().hasTime()) {
            throw layer.without("reads a sequence, its input is " + input());
        }
        return input();
    }

    /** The same of another layer inside of this one. */
    Reading inside(KerasLayer other, List<KerasFile.Tensor> own) {
        return new Reading(other, inputs, own, isLast, to);
    }

    float[] array(int index, Integer... sizes) {
        if (index >= weights.size()) {
            throw layer.without("has " + weights.size() + " arrays in the file; expected more than " + index);
        }
        if (!weights.get(index).sizes().equals(List.of(sizes))) {
            throw layer.without("array " + index + " is of "
                    + weights.get(index).sizes() + " in the file; expected " + List.of(sizes));
        }
        return weights.get(index).values();
    }

    /** A layer without a bias has one of 0. */
    float[] bias(int index, Integer... sizes) {
        return hasBias()
                ? array(index, sizes)
                : new float[List.of(sizes).stream().reduce(1, (a, b) -> a * b)];
    }

    boolean hasBias() {
        return layer.config().has("use_bias") ? layer.flag("use_bias") : layer.flag("bias");
    }

    /** Values by unit or channel, in our order. */
    float[] inOrder(float[] theirs) {
        float[] own = new float[theirs.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = theirs[input().place(i)];
        }
        return own;
    }

    static float[] filled(int length, float value) {
        float[] values = new float[length];
        Arrays.fill(values, value);
        return values;
    }

    /** Behind a layer, something of this shape; of no more values than an array holds. */
    KerasValue makes(String node, Integer... sizes) {
        return to.makes(layer, node, List.of(sizes), false);
    }

    /** The same of a sequence. */
    KerasValue makesSteps(String node, int length) {
        return to.makes(layer, node, List.of(length), true);
    }

    /** Adds a layer of ours that reads what this one reads, and gives its name. */
    String add(String keys) {
        return to.add(keys, inputs);
    }

    /** What an array of the layer that is added next holds. */
    void put(String array, float[] own) {
        to.put("", array, own);
    }
}
