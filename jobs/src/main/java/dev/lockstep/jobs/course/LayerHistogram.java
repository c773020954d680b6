package dev.lockstep.jobs.course;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.evaluate.LayerValues;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The values of one layer of a network before and after training, over the first examples of the training set.
 *
 * @param layer its number, from 1; of one in a residual block, the block's number before it, with a dot between
 * @param what {@code activations} (the layer's outputs) or {@code gradients} (of its weights)
 * @param low the lowest value of the first of the equal bins, for both
 * @param high the highest value of the last bin
 * @param before how many values are in each bin before the first step
 * @param after the same after the last step
 * @param spreadBefore the standard deviation before the first step
 * @param spreadAfter the same after the last step
 */
public record LayerHistogram(
        String variant,
        String layer,
        String what,
        double low,
        double high,
        long[] before,
        long[] after,
        double spreadBefore,
        double spreadAfter) {
    private static final int BINS = 40;

    public LayerHistogram {
        variant = Stored.text(variant);
        what = Stored.text(what);
        Stored.check(
                before != null && after != null && before.length > 0 && before.length == after.length,
                "a histogram has not as many bins before as after");
    }

    private static final int EXAMPLES = 100;

    /** Of a finished trial. */
    static List<LayerHistogram> of(String variant, RunConfig config, Dataset dataset, RunFolder trial)
            throws IOException {
        SeedLaw seeds = new SeedLaw(config.seed());
        float[] initial = Networks.initialParameters(config.network(), seeds.seed(Purpose.INITIAL_WEIGHTS));
        float[] trained = ModelFile.read(trial).model().parameters();
        int count = (int) Math.min(EXAMPLES, dataset.train().size());
        LayerValues before;
        LayerValues after;
        try (LayerValues.Probe probe = new LayerValues.Probe(
                config.network().of(dataset.format()), dataset.train().firstPacked(count))) {
            before = probe.of(initial);
            after = probe.of(trained);
        }
        List<LayerHistogram> histograms = new ArrayList<>();
        before.activations()
                .forEach((layer, values) -> histograms.add(of(
                        variant,
                        number(layer),
                        "activations",
                        doubles(values),
                        doubles(after.activations().get(layer)))));
        before.gradients()
                .forEach((layer, values) -> histograms.add(of(
                        variant,
                        number(layer),
                        "gradients",
                        doubles(values),
                        doubles(after.gradients().get(layer)))));
        return histograms;
    }

    /** Layers have numbers from 0 in their names. */
    private static String number(String name) {
        return Arrays.stream(name.split("\\."))
                .map(part -> part.matches("\\d+") ? Integer.toString(Integer.parseInt(part) + 1) : part)
                .collect(Collectors.joining("."));
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    static LayerHistogram of(String variant, String layer, String what, double[] before, double[] after) {
        var range =
                DoubleStream.concat(Arrays.stream(before), Arrays.stream(after)).summaryStatistics();
        double low = range.getMin();
        double high = range.getMax();
        return new LayerHistogram(
                variant,
                layer,
                what,
                low,
                high,
                counts(before, low, high),
                counts(after, low, high),
                spread(before),
                spread(after));
    }

    private static long[] counts(double[] values, double low, double high) {
        long[] counts = new long[BINS];
        for (double value : values) {
            counts[high > low ? (int) Math.min(BINS - 1, (value - low) / (high - low) * BINS) : 0]++;
        }
        return counts;
    }

    private static double spread(double[] values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        return Math.sqrt(Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .average()
                .orElse(Double.NaN));
    }
}
