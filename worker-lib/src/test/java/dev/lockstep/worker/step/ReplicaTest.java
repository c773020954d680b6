package dev.lockstep.worker.step;

import static dev.lockstep.worker.model.CourseNetworks.conv;
import static dev.lockstep.worker.model.CourseNetworks.dense;
import static dev.lockstep.worker.model.CourseNetworks.pool;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.TrainableDl4jModel;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.layer.Loss;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.reduce.TreeSum;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ReplicaTest {
    private static final Shape IMAGE = new Shape(1, 12, 12);
    private static final int CLASSES = 5;
    private static final SeedLaw SEEDS = new SeedLaw(7);

    private static final NetworkSpec PLAIN =
            CourseNetworks.of(IMAGE, List.of(conv(6, 3, 0), pool(), dense(20), softmax(CLASSES)));

    private static final NetworkSpec EVERYTHING = CourseNetworks.of(
            IMAGE,
            List.of(
                    new Convolution(6, 3, 1, 1, ActivationFunction.IDENTITY),
                    new BatchNorm(0.9, 1e-5),
                    new Activation(ActivationFunction.RELU),
                    pool(),
                    new Dropout(0.25),
                    dense(20),
                    new Dropout(0.5),
                    softmax(CLASSES)));

    // The gradient of a step does not depend on how many shards its batch is cut into.

    @ParameterizedTest
    @CsvSource({"2, 37", "3, 37", "8, 37", "8, 5", "8, 64"})
    void shardsAddUpToTheWholeBatch(int shards, int count) {
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, count, 1);
        StepId id = new StepId(0, 0, count);
        Replica replica = new Replica(PLAIN, SEEDS);
        PartialSum whole = replica.gradient(id, 0, examples);
        PartialSum sum = TreeSum.of(new Span(0, shards), shard -> {
            List<byte[]> part = examples.subList(shard * count / shards, (shard + 1) * count / shards);
            return part.isEmpty() ? null : replica.gradient(id, shard, part);
        });
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < whole.gradient().length; i++) {
            largest = Math.max(largest, Math.abs(whole.gradient()[i]));
            difference = Math.max(difference, Math.abs(whole.gradient()[i] - sum.gradient()[i]));
        }
        assertThat(largest).isGreaterThan(0.1);
        assertThat(difference / largest).isLessThan(1e-5);
        assertThat(sum.tally().lossSum())
                .isCloseTo(whole.tally().lossSum(), within(1e-5 * whole.tally().lossSum()));
        assertThat(sum.tally().metrics()[0]).isEqualTo(whole.tally().metrics()[0]);
        assertThat(sum.examples()).isEqualTo(count);
    }

    // Batch norm's running averages: r = decay r + (1 - decay) (mean over the shards, weighted by examples).

    @Test
    void runningAveragesWeightShardsByTheirExamples() {
        double decay = 0.8;
        NetworkSpec spec =
                CourseNetworks.of(Shape.vector(3), List.of(new BatchNorm(decay, 1e-5), dense(4), softmax(2)));
        Replica replica = new Replica(spec, SEEDS);
        double[] mean = {0, 0, 0};
        double[] variance = {1, 1, 1};
        int[][] shardSizes = {{3, 5, 2}, {1, 7, 1}, {4, 4, 1}};
        for (int step = 0; step < 3; step++) {
            int count = Arrays.stream(shardSizes[step]).sum();
            List<byte[]> examples = Examples.random(Shape.vector(3), 2, count, step);
            StepId id = new StepId(step, 0, count);
            List<PartialSum> sums = new ArrayList<>();
            double[] meanOfShards = new double[3];
            double[] varianceOfShards = new double[3];
            int from = 0;
            for (int shard = 0; shard < 3; shard++) {
                List<byte[]> part = examples.subList(from, from + shardSizes[step][shard]);
                from += part.size();
                sums.add(replica.gradient(id, shard, part));
                for (int unit = 0; unit < 3; unit++) {
                    double[] values = values(part, unit, unit + 1);
                    meanOfShards[unit] += mean(values) * part.size() / count;
                    varianceOfShards[unit] += variance(values) * part.size() / count;
                }
            }
            replica.step(id, new ReductionTree(3).combine(sums));
            float[] parameters = replica.parameters(); // gamma [3], beta [3], mean [3], variance [3], ...
            for (int unit = 0; unit < 3; unit++) {
                mean[unit] = decay * mean[unit] + (1 - decay) * meanOfShards[unit];
                variance[unit] = decay * variance[unit] + (1 - decay) * varianceOfShards[unit];
                assertThat((double) parameters[6 + unit]).isCloseTo(mean[unit], within(1e-6));
                assertThat((double) parameters[9 + unit]).isCloseTo(variance[unit], within(1e-6));
            }
        }
    }

    @Test
    void runningAveragesOfAnImageAreByChannel() {
        Shape shape = new Shape(2, 4, 3);
        NetworkSpec spec = CourseNetworks.of(shape, List.of(new BatchNorm(0.9, 1e-5), softmax(2)));
        Replica replica = new Replica(spec, SEEDS);
        List<byte[]> examples = Examples.random(shape, 2, 7, 3);
        StepId id = new StepId(0, 0, 7);
        List<byte[]> left = examples.subList(0, 5);
        List<byte[]> right = examples.subList(5, 7);
        replica.step(
                id,
                new ReductionTree(2).combine(List.of(replica.gradient(id, 0, left), replica.gradient(id, 1, right))));
        float[] parameters = replica.parameters();
        for (int channel = 0; channel < 2; channel++) {
            double[] a = values(left, 12 * channel, 12 * channel + 12);
            double[] b = values(right, 12 * channel, 12 * channel + 12);
            assertThat((double) parameters[4 + channel]).isCloseTo(0.1 * (5 * mean(a) + 2 * mean(b)) / 7, within(1e-6));
            assertThat((double) parameters[6 + channel])
                    .isCloseTo(0.9 + 0.1 * (5 * variance(a) + 2 * variance(b)) / 7, within(1e-6));
        }
    }

    // What a replica computes depends on what it is given alone.

    @Test
    void sameBitsOnEveryThread() throws Exception {
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 24, 5);
        StepId id = new StepId(11, 2, 100);
        Replica here = new Replica(EVERYTHING, SEEDS);
        float[] parameters = here.parameters();
        PartialSum expected = here.gradient(id, 3, examples);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Callable<PartialSum>> work = new ArrayList<>();
            for (int thread = 0; thread < 3; thread++) {
                work.add(() -> {
                    Replica replica = new Replica(EVERYTHING, SEEDS);
                    replica.setParameters(parameters);
                    PartialSum first = replica.gradient(id, 3, examples);
                    for (int again = 0; again < 10; again++) {
                        assertThat(replica.gradient(id, 3, examples).gradient()).isEqualTo(first.gradient());
                    }
                    return first;
                });
            }
            for (Future<PartialSum> done : threads.invokeAll(work)) {
                assertSame(done.get(), expected);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void sameBitsInAnyOrderOfShards() {
        List<List<byte[]>> shards = new ArrayList<>();
        for (int shard = 0; shard < 4; shard++) {
            shards.add(Examples.random(IMAGE, CLASSES, 3 + 2 * shard, shard)); // of different sizes
        }
        StepId id = new StepId(5, 0, 24);
        Replica forwards = new Replica(EVERYTHING, SEEDS);
        Replica backwards = new Replica(EVERYTHING, SEEDS);
        List<PartialSum> expected = new ArrayList<>();
        for (int shard = 0; shard < 4; shard++) {
            expected.add(forwards.gradient(id, shard, shards.get(shard)));
        }
        for (int shard = 3; shard >= 0; shard--) {
            assertSame(backwards.gradient(id, shard, shards.get(shard)), expected.get(shard));
        }
    }

    /** Another task's parameters, statistics, masks and optimizer state leave no trace. */
    @Test
    void sameBitsFromAReplicaUsedBefore() {
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 12, 1);
        StepId id = new StepId(4, 1, 12);
        Replica fresh = new Replica(EVERYTHING, SEEDS);
        float[] parameters = fresh.parameters();
        float[] state = new float[fresh.optimizerState().length];
        fresh.setOptimizerState(state);

        Replica used = new Replica(EVERYTHING, SEEDS);
        for (int step = 0; step < 5; step++) {
            List<byte[]> other = Examples.random(IMAGE, CLASSES, 20 - step, 100 + step);
            StepId otherId = new StepId(step, 0, other.size());
            used.step(otherId, used.gradient(otherId, 0, other));
        }
        ((TrainableDl4jModel) used.model())
                .network()
                .output(Examples.features(IMAGE, examples)); // looked at, as an evaluation would
        assertThat(used.parameters()).isNotEqualTo(parameters);
        used.setParameters(parameters);
        used.setOptimizerState(state);

        for (int step = 0; step < 3; step++) {
            PartialSum a = fresh.gradient(id, 0, examples);
            PartialSum b = used.gradient(id, 0, examples);
            assertSame(b, a);
            assertThat(used.step(id, b)).isEqualTo(fresh.step(id, a));
            assertThat(used.parameters()).isEqualTo(fresh.parameters());
            assertThat(used.optimizerState()).isEqualTo(fresh.optimizerState());
        }
    }

    /** Dropout is drawn anew for each shard, step and run, and from nothing else. */
    @Test
    void masksFollowTheSeedLaw() {
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 12, 1);
        Replica replica = new Replica(EVERYTHING, SEEDS);
        float[] gradient = replica.gradient(new StepId(4, 1, 12), 2, examples).gradient();
        assertThat(replica.gradient(new StepId(4, 1, 12), 3, examples).gradient())
                .isNotEqualTo(gradient);
        assertThat(replica.gradient(new StepId(5, 1, 12), 2, examples).gradient())
                .isNotEqualTo(gradient);
        assertThat(replica.gradient(new StepId(4, 2, 12), 2, examples).gradient())
                .isNotEqualTo(gradient);
        Replica otherRun = new Replica(EVERYTHING, new SeedLaw(8));
        otherRun.setParameters(replica.parameters());
        assertThat(otherRun.gradient(new StepId(4, 1, 12), 2, examples).gradient())
                .isNotEqualTo(gradient);
        assertThat(replica.gradient(new StepId(4, 1, 12), 2, examples).gradient())
                .isEqualTo(gradient);
    }

    @Test
    void aGradientLeavesTheParametersAlone() {
        Replica replica = new Replica(EVERYTHING, SEEDS);
        float[] before = replica.parameters();
        replica.gradient(new StepId(0, 0, 9), 0, Examples.random(IMAGE, CLASSES, 9, 1));
        assertThat(replica.parameters()).isEqualTo(before);
    }

    @Test
    void theSumIsTheCallersOwn() {
        Replica replica = new Replica(PLAIN, SEEDS);
        StepId id = new StepId(0, 0, 9);
        PartialSum sum = replica.gradient(id, 0, Examples.random(IMAGE, CLASSES, 9, 1));
        float[] copy = sum.gradient().clone();
        replica.gradient(id, 1, Examples.random(IMAGE, CLASSES, 9, 2));
        assertThat(sum.gradient()).isEqualTo(copy);
    }

    // What a step reports.

    @Test
    void metricsAreOfTheAveragedGradient() {
        NetworkSpec spec = CourseNetworks.of(
                IMAGE, List.of(conv(4, 3, 0), new BatchNorm(0.9, 1e-5), pool(), softmax(CLASSES)), new Sgd(0.25));
        Replica replica = new Replica(spec, SEEDS);
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 10, 1);
        StepId id = new StepId(3, 1, 10);
        PartialSum sum = replica.gradient(id, 0, examples);
        float[] g = sum.gradient().clone();
        int convolution = 4 + 4 * 9; // b, W
        int norm = convolution + 8; // gamma, beta; then 8 running statistics
        double first = norm(g, 0, convolution) / 10;
        double second = norm(g, convolution, norm) / 10;
        double last = norm(g, norm + 8, g.length) / 10;
        double lossSum = sum.tally().lossSum();
        StepMetrics metrics = replica.step(id, sum);
        assertThat(metrics.id()).isEqualTo(id);
        assertThat(metrics.loss()).isCloseTo(lossSum / 10, within(1e-12));
        assertThat(metrics.accuracy()).isEqualTo(sum.tally().metrics()[0] / 10.0);
        assertThat(metrics.learningRate()).isEqualTo(0.25);
        assertThat(metrics.layerGradientNorms()).containsOnlyKeys(0, 1, 3);
        assertThat(metrics.layerGradientNorms().get(0)).isCloseTo(first, within(1e-9));
        assertThat(metrics.layerGradientNorms().get(1)).isCloseTo(second, within(1e-9));
        assertThat(metrics.layerGradientNorms().get(3)).isCloseTo(last, within(1e-9));
        assertThat(metrics.gradientNorm())
                .isCloseTo(Math.sqrt(first * first + second * second + last * last), within(1e-9));
    }

    @Test
    void countsWhatItGotRight() {
        Replica replica = new Replica(PLAIN, SEEDS);
        for (int step = 0; step < 5; step++) {
            List<byte[]> examples = Examples.random(IMAGE, CLASSES, 40, step);
            int[] predicted = ((TrainableDl4jModel) replica.model())
                    .network()
                    .output(Examples.features(IMAGE, examples))
                    .argMax(1)
                    .toIntVector();
            int right = 0;
            for (int i = 0; i < 40; i++) {
                right += predicted[i] == ExampleFormat.classOf(examples.get(i)) ? 1 : 0;
            }
            StepId id = new StepId(step, 0, 40);
            PartialSum sum = replica.gradient(id, 0, examples);
            assertThat(sum.tally().metrics()).containsExactly(right);
            assertThat(right).isBetween(1, 39);
            replica.step(id, sum);
        }
    }

    /** DL4J's loss layer takes the score of an input that the gradient has overwritten; ours must not. */
    @Test
    void lossOfALossLayerIsTheLoss() {
        NetworkSpec spec = CourseNetworks.of(
                Shape.vector(4),
                List.of(
                        new Dense(3, ActivationFunction.IDENTITY),
                        new Loss(ActivationFunction.SIGMOID, LossFunction.SQUARED_ERROR)));
        Replica replica = new Replica(spec, SEEDS);
        List<byte[]> examples = Examples.random(Shape.vector(4), 3, 6, 1);
        INDArray error = ((TrainableDl4jModel) replica.model())
                .network()
                .output(Examples.features(Shape.vector(4), examples))
                .sub(Examples.labels(3, examples));
        double expected = error.mul(error).sumNumber().doubleValue() / 2;
        assertThat(replica.gradient(new StepId(0, 0, 6), 0, examples).tally().lossSum())
                .isCloseTo(expected, within(1e-5));
    }

    /** The course's back-propagation example; W1 is 255 times its own, because bytes are x / 255. */
    @Test
    void goldenBackPropagation() {
        NetworkSpec spec = CourseNetworks.of(Shape.vector(2), List.of(dense(3), softmax(2)), new Sgd(0.01));
        Replica replica = new Replica(spec, SEEDS);
        float[] start = {
            25.5f,
            51f,
            76.5f,
            102f,
            127.5f,
            153f, // W1 by columns
            .1f,
            .2f,
            .3f,
            .1f,
            .2f,
            .3f,
            .4f,
            .5f,
            .6f,
            .1f,
            .2f // b1, W2 by columns, b2
        };
        replica.setParameters(start);
        StepId id = new StepId(0, 0, 1);
        PartialSum sum = replica.gradient(id, 0, List.of(Examples.packed(1, 1, 5)));
        assertThat(sum.tally().lossSum()).isCloseTo(-Math.log(.91293423), within(1e-6));
        assertThat(sum.tally().metrics()[0]).isEqualTo(1);
        double[] dW1 = {-.02611973, -.13059865};
        double[] expected = {
            dW1[0] / 255,
            dW1[1] / 255,
            dW1[0] / 255,
            dW1[1] / 255,
            dW1[0] / 255,
            dW1[1] / 255,
            -.02611973,
            -.02611973,
            -.02611973,
            .10447893,
            .21766443,
            .33084994,
            -.10447893,
            -.21766443,
            -.33084994,
            .08706577,
            -.08706577
        };
        float[] gradient = sum.gradient().clone();
        replica.step(id, sum);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) gradient[i]).as("gradient %d", i).isCloseTo(expected[i], within(1e-6));
            assertThat((double) replica.parameters()[i])
                    .as("parameter %d", i)
                    .isCloseTo(start[i] - .01 * expected[i], within(i < 6 ? 2e-5 : 1e-6));
        }
    }

    // What does not fit is refused.

    @Test
    void refusesASumOfOtherExamples() {
        Replica replica = new Replica(PLAIN, SEEDS);
        PartialSum sum = replica.gradient(new StepId(3, 0, 9), 0, Examples.random(IMAGE, CLASSES, 4, 1));
        assertThatThrownBy(() -> replica.step(new StepId(3, 0, 9), sum))
                .hasMessage("step 3 is over 9 examples, the sum holds 4");
    }

    @Test
    void refusesParametersOfAnotherNetwork() {
        Replica replica = new Replica(PLAIN, SEEDS);
        int count = replica.parameterCount();
        assertThat(count).isEqualTo(60 + 6 * 25 * 20 + 20 + 20 * 5 + 5);
        assertThatThrownBy(() -> replica.setParameters(new float[count - 1]))
                .hasMessage("the network has " + count + " values here, given are " + (count - 1));
        assertThatThrownBy(() -> replica.setOptimizerState(new float[count]))
                .hasMessage("the network has " + 2 * count + " values here, given are " + count);
    }

    @Test
    void startsFromTheSeedLawsWeights() {
        Replica replica = new Replica(EVERYTHING, SEEDS);
        assertThat(replica.parameters())
                .isEqualTo(Networks.initialParameters(EVERYTHING, SEEDS.seed(SeedLaw.Purpose.INITIAL_WEIGHTS)));
    }

    /** The network can be handed on for saving: nothing of ours is needed to read its parameters. */
    @Test
    void parametersFitTheStockNetwork() {
        Replica replica = new Replica(PLAIN, SEEDS);
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 8, 1);
        StepId id = new StepId(0, 0, 8);
        replica.step(id, replica.gradient(id, 0, examples));
        Network stock = Networks.stock(PLAIN);
        stock.parameters().assign(Nd4j.createFromArray(replica.parameters()));
        INDArray features = Examples.features(IMAGE, examples);
        float[] expected = stock.output(features).data().asFloat();
        float[] actual = ((TrainableDl4jModel) replica.model())
                .network()
                .output(features)
                .data()
                .asFloat();
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f));
        }
    }

    private static void assertSame(PartialSum actual, PartialSum expected) {
        assertThat(actual.gradient()).isEqualTo(expected.gradient());
        assertThat(actual.tally().lossSum()).isEqualTo(expected.tally().lossSum());
        assertThat(actual.tally().metrics()[0]).isEqualTo(expected.tally().metrics()[0]);
        assertThat(actual.examples()).isEqualTo(expected.examples());
        assertThat(actual.span()).isEqualTo(expected.span());
    }

    private static double[] values(List<byte[]> examples, int from, int to) {
        return examples.stream()
                .flatMap(example -> IntStream.range(from, to).mapToObj(i -> example[4 + i] & 0xff))
                .mapToDouble(value -> value / 255.0)
                .toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).sum() / values.length;
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / values.length;
    }

    private static double norm(float[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (double) values[i] * values[i];
        }
        return Math.sqrt(sum);
    }
}
