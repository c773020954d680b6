package dev.lockstep.bench.mode;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of sequences by its name, {@code lstm-128x32}: made-up sequences, all of as many steps, of vectors as wide as the layer,
 * in ten classes, which are told of the last step, or, behind a Transformer of two blocks, of the mean of all.
 * {@code bench/peers/pytorch_train.py} knows the same names.
 */
record SequenceNetwork(String kind, int width, int steps) {
    private static final Pattern NAME = Pattern.compile("(lstm|gru|transformer)-([1-9]\\d{0,3})x([1-9]\\d{0,3})");

    /** How many values all sequences may have: 128 MiB. */
    private static final int VALUES = 1 << 25;

    private static final int MOST_STEPS_AN_EPOCH = 20;

    static Optional<SequenceNetwork> named(String name) {
        Matcher parts = NAME.matcher(name);
        return parts.matches()
                ? Optional.of(new SequenceNetwork(
                        parts.group(1), Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3))))
                : Optional.empty();
    }

    /**
     * The configuration of its network and data.
     *
     * @param batch examples a step
     */
    List<String> settings(int batch) {
        int examples = batch * Math.max(1, Math.min(MOST_STEPS_AN_EPOCH, VALUES / (width * steps * batch)));
        return List.of(
                "data.format=generated",
                "data.generated.rule=sequences",
                "data.generated.fewest=" + steps,
                "data.generated.steps=" + steps,
                "data.generated.train=" + examples,
                "data.generated.test=1",
                "network.input=[time, " + width + "]",
                "network.classes=10",
                "network.layers=[" + layers() + ", { type = output }]");
    }

    private String layers() {
        return kind.equals("transformer")
                ? "{ type = transformer-block, heads = 4, units = " + 4 * width
                        + ", repeat = 2 }, { type = mean-over-time }"
                : "{ type = " + kind + ", units = " + width + " }, { type = last-step }";
    }
}
