package dev.lockstep.driver.keras;

import java.util.List;

/** Layers that read images. */
final class ImageLayers {

    private ImageLayers() {}

    static KerasValue convolution(Reading reading) {
        KerasLayer layer = reading.layer();
        layer.require("groups", "1");
        int filters = layer.count("filters", "nb_filter");
        Sliding window = Sliding.of(reading);
        putConvolution(reading, 0, window.kernel(), reading.image().channels(), filters, 1);
        String node = reading.add(
                "type = convolution, filters = " + filters + window.keys() + ", activation = " + layer.activation());
        return window.over(reading, node, filters);
    }

    /** A kernel and a bias of the file. */
    private static void putConvolution(Reading reading, int index, int kernel, int in, int filters, int bias) {
        float[] theirs = reading.array(index, kernel, kernel, in, filters);
        float[] own = new float[theirs.length];
        int at = 0;
        for (int o = 0; o < filters; o++) {
            for (int i = 0; i < in; i++) {
                for (int pixel = 0; pixel < kernel * kernel; pixel++) {
                    own[at++] = theirs[(pixel * in + i) * filters + o];
                }
            }
        }
        reading.put("W", own);
        reading.put("b", reading.bias(bias, filters));
    }

    static KerasValue depthwise(Reading reading) {
        KerasLayer layer = reading.layer();
        KerasValue channels = depthwise(reading, reading.hasBias());
        String word = layer.activation();
        return word.equals("identity")
                ? channels
                : channels.at(reading.to().add("type = activation, function = " + word, List.of(channels)));
    }

    /** Each channel by itself, then the channels of each pixel. */
    static KerasValue separable(Reading reading) {
        int filters = reading.layer().count("filters", "nb_filter");
        KerasValue channels = depthwise(reading, false);
        putConvolution(reading, 1, 1, channels.channels(), filters, 2);
        String node = reading.to()
                .add(
                        "type = convolution, filters = " + filters + ", kernel = 1, activation = "
                                + reading.layer().activation(),
                        List.of(channels));
        return reading.makes(node, channels.sizes().get(0), channels.sizes().get(1), filters);
    }

    private static KerasValue depthwise(Reading reading, boolean hasBias) {
        Sliding window = Sliding.of(reading);
        int multiplier = reading.layer().config().has("depth_multiplier")
                ? reading.layer().count("depth_multiplier")
                : 1;
        int in = reading.image().channels();
        int pixels = window.kernel() * window.kernel();
        float[] theirs = reading.array(0, window.kernel(), window.kernel(), in, multiplier);
        float[] own = new float[theirs.length];
        int outputs = in * multiplier;
        for (int o = 0; o < outputs; o++) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                own[o * pixels + pixel] = theirs[pixel * outputs + o];
            }
        }
        reading.put("W", own);
        reading.put("b", hasBias ? reading.array(1, outputs) : new float[outputs]);
        return window.over(
                reading,
                reading.add("type = depthwise-convolution, multiplier = " + multiplier + window.keys()),
                outputs);
    }

    /** How a convolution goes over an image: all of it square. */
    private record Sliding(int kernel, int stride, int dilation, boolean same) {
        static Sliding of(Reading reading) {
            KerasLayer layer = reading.layer();
            reading.image();
            int kernel = layer.config().has("nb_row") ? layer.count("nb_row") : layer.square("kernel_size", 1);
            int stride = layer.square("strides", layer.square("subsample", 1));
            boolean same = layer.padding().equals("same");
            if (same && (stride != 1 || kernel % 2 == 0)) {
                throw layer.without("padding = same with strides = " + stride + " and kernel_size = " + kernel
                        + " pads unevenly, which has no counterpart; expected a stride of 1 and an odd kernel");
            }
            if (!same) {
                layer.require("padding", "valid");
                layer.require("border_mode", "valid");
            }
            return new Sliding(kernel, stride, layer.square("dilation_rate", 1), same);
        }

        String keys() {
            return ", kernel = " + kernel + ", stride = " + stride + ", dilation = " + dilation + ", padding = "
                    + (same ? "same" : "0");
        }

        KerasValue over(Reading reading, String node, int channels) {
            List<Integer> sizes = reading.input().sizes();
            return same
                    ? reading.makes(node, sizes.get(0), sizes.get(1), channels)
                    : slides(reading, node, dilation * (kernel - 1L) + 1, stride, channels);
        }
    }

    static KerasValue pooling(Reading reading) {
        KerasLayer layer = reading.layer();
        List<Integer> sizes = reading.image().sizes();
        int kernel = layer.square("pool_size", 2);
        int stride = layer.square("strides", kernel);
        boolean even = stride == kernel && sizes.get(0) % kernel == 0 && sizes.get(1) % kernel == 0;
        if (!even) { // where it divides, same is valid
            layer.require("padding", "valid");
            layer.require("border_mode", "valid");
        }
        String type = layer.type().startsWith("Max") ? "max-pool" : "average-pool";
        String node = reading.add("type = " + type + ", kernel = " + kernel + ", stride = " + stride);
        return slides(reading, node, kernel, stride, sizes.get(2));
    }

    static KerasValue globalPooling(Reading reading) {
        reading.layer().require("keepdims", "false");
        int channels = reading.image().channels();
        return reading.makes(reading.add("type = global-average-pool"), channels);
    }

    /** An image over which a window goes, pixel by pixel or with a stride. */
    private static KerasValue slides(Reading reading, String node, long window, int stride, int channels) {
        List<Integer> sizes = reading.input().sizes();
        if (window > Math.min(sizes.get(0), sizes.get(1))) {
            throw reading.layer().without("takes " + window + " pixels along each axis; its input is " + sizes);
        }
        int rows = (int) (sizes.get(0) - window) / stride + 1;
        int columns = (int) (sizes.get(1) - window) / stride + 1;
        return reading.makes(node, rows, columns, channels);
    }
}
