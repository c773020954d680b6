package dev.lockstep.jobs.course;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.data.ExampleBlock;
import dev.lockstep.worker.kernel.NativeThreads;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The values of one layer of a network before and after training, over the first examples of the training set.
 *
 * @param layer from 1
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
        int layer,
        String what,
        double low,
        double high,
        long[] before,
        long[] after,
        double spreadBefore,
        double spreadAfter) {
    private static final int BINS = 40;
    private static final int EXAMPLES = 100;

    private record Values(List<double[]> activations, List<double[]> gradients) {}

    /** Of a finished trial. */
    static List<LayerHistogram> of(String variant, RunConfig config, Dataset dataset, RunFolder trial)
            throws IOException {
        NativeThreads.holdToOne();
        SeedLaw seeds = new SeedLaw(config.seed());
        float[] initial = config.network().initialParameters(seeds.seed(Purpose.INITIAL_WEIGHTS));
        float[] trained = ModelFile.read(
                        trial.path(ModelFile.NAME).toString(), new ByteArrayInputStream(trial.read(ModelFile.NAME)))
                .model()
                .parameters();
        Values before = values(config, dataset, initial);
        Values after = values(config, dataset, trained);
        List<LayerHistogram> histograms = new ArrayList<>();
        for (int i = 0; i < before.activations().size(); i++) {
            histograms.add(of(
                    variant,
                    i + 1,
                    "activations",
                    before.activations().get(i),
                    after.activations().get(i)));
        }
        for (int i = 0; i < before.gradients().size(); i++) {
            histograms.add(of(
                    variant,
                    i + 1,
                    "gradients",
                    before.gradients().get(i),
                    after.gradients().get(i)));
        }
        return histograms;
    }

    private static Values values(RunConfig config, Dataset dataset, float[] parameters) {
        MultiLayerNetwork network = new MultiLayerNetwork(config.network().dl4j(0));
        network.init();
        network.setParams(Nd4j.create(parameters, new long[] {1, parameters.length}));
        int count = (int) Math.min(EXAMPLES, dataset.train().size());
        ExampleBlock block = dataset.train().read(0, count);
        List<byte[]> examples =
                LongStream.range(0, count).mapToObj(block::packed).toList();
        BatchReader.Batch batch = new BatchReader(dataset.shape(), dataset.classes()).read(examples);
        List<double[]> activations = network.feedForward(batch.features(), false).stream()
                .skip(1) // the input itself
                .map(LayerHistogram::flat)
                .toList();
        network.setInput(batch.features());
        network.setLabels(batch.labels());
        network.computeGradientAndScore();
        List<double[]> gradients = new ArrayList<>();
        for (int i = 0; i < network.getnLayers(); i++) {
            INDArray gradient = network.gradient().getGradientFor(i + "_W");
            if (gradient != null) {
                gradients.add(flat(gradient.div(count)));
            }
        }
        return new Values(activations, gradients);
    }

    private static double[] flat(INDArray values) {
        return values.castTo(DataType.DOUBLE).ravel().toDoubleVector();
    }

    static LayerHistogram of(String variant, int layer, String what, double[] before, double[] after) {
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
