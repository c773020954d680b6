package dev.lockstep.driver.keras;

import java.util.HashMap;
import java.util.Map;

/** Which layers of Keras have a counterpart, by their classes' names in Keras 1 to 3. */
final class KerasCatalogue {
    private static final Map<String, Rule> ALL = new HashMap<>();

    /** Adds what a layer becomes, and tells what is behind it. */
    private interface Rule {
        KerasValue translate(Reading reading);
    }

    static {
        ALL.put("InputLayer", Reading::input);
        ALL.put("Input", Reading::input);
        ALL.put("Dense", PlainLayers::dense);
        ALL.put("BatchNormalization", PlainLayers::batchNorm);
        ALL.put("LayerNormalization", PlainLayers::layerNorm);
        ALL.put("Dropout", PlainLayers::dropout);
        ALL.put("Flatten", PlainLayers::flatten);
        ALL.put(
                "Activation",
                reading -> PlainLayers.activation(reading, reading.layer().activation()));
        ALL.put("ReLU", PlainLayers::relu);
        ALL.put("Softmax", reading -> PlainLayers.activation(reading, "softmax"));
        ALL.put("Add", reading -> PlainLayers.elementwise(reading, "sum"));
        ALL.put("Average", reading -> PlainLayers.elementwise(reading, "mean"));
        ALL.put("Concatenate", PlainLayers::concatenation);
        ALL.put("Conv2D", ImageLayers::convolution);
        ALL.put("Convolution2D", ImageLayers::convolution);
        ALL.put("DepthwiseConv2D", ImageLayers::depthwise);
        ALL.put("SeparableConv2D", ImageLayers::separable);
        ALL.put("MaxPooling2D", ImageLayers::pooling);
        ALL.put("AveragePooling2D", ImageLayers::pooling);
        ALL.put("GlobalAveragePooling2D", ImageLayers::globalPooling);
        ALL.put("Embedding", TimeLayers::embedding);
        ALL.put("SimpleRNN", TimeLayers::recurrent);
        ALL.put("LSTM", TimeLayers::recurrent);
        ALL.put("GRU", TimeLayers::recurrent);
        ALL.put("Bidirectional", TimeLayers::bidirectional);
        ALL.put("TimeDistributed", TimeLayers::timeDistributed);
        ALL.put("Conv1D", TimeLayers::convolution);
        ALL.put("Convolution1D", TimeLayers::convolution);
        ALL.put("GlobalAveragePooling1D", TimeLayers::mean);
    }

    private KerasCatalogue() {}

    static KerasValue translate(Reading reading) {
        Rule rule = ALL.get(reading.layer().type());
        if (rule == null) {
            throw reading.layer().without("has no counterpart that is imported");
        }
        return rule.translate(reading);
    }
}
