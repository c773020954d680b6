package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.dl4j.Pruning;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.Learning;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.ParameterLayout.Block;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Residual;
import dev.lockstep.worker.model.optimizer.AdaDelta;
import dev.lockstep.worker.model.optimizer.AdaGrad;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.AdamW;
import dev.lockstep.worker.model.optimizer.Lamb;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.Nesterov;
import dev.lockstep.worker.model.optimizer.Optimizer;
import dev.lockstep.worker.model.optimizer.RmsProp;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;

/** Layers that do not learn, and layers that learn at a rate of their own. */
class LearningTest {
    private static final SeedLaw SEEDS = new SeedLaw(42);
    private static final Shape IMAGE = new Shape(1, 8, 8);
    private static final int CLASSES = 4;
    private static final Learning FROZEN = new Learning(true, 1, false, false);

    static Stream<Optimizer> optimizers() {
        return Stream.of(
                new Sgd(0.05),
                new Momentum(0.05, 0.9),
                new Nesterov(0.05, 0.9),
                new AdaGrad(0.01, 1e-7),
                new RmsProp(0.001, 0.99, 1e-7),
                new AdaDelta(0.95, 1e-6),
                new Adam(0.001, 0.9, 0.999, 1e-7),
                new AdamW(0.001, 0.9, 0.999, 1e-8, 0.1),
                new Lamb(0.01, 0.9, 0.999, 1e-6, 0.1));
    }

    static Stream<Optimizer> optimizersWithARate() {
        return optimizers().filter(Optimizer::hasLearningRate);
    }

    /** A convolution, batch norm, a dense layer and the output, of which some learn in another way. */
    private static NetworkSpec network(Optimizer optimizer, Map<Integer, Learning> learning) {
        return network(
                optimizer,
                List.of(
                        CourseNetworks.conv(3, 3, 0),
                        new BatchNorm(0.9, 1e-5),
                        CourseNetworks.dense(6),
                        CourseNetworks.softmax(CLASSES)),
                learning);
    }

    private static NetworkSpec network(Optimizer optimizer, List<Part> parts, Map<Integer, Learning> learning) {
        List<Node> nodes = new ArrayList<>(NetworkSpec.chain(parts));
        learning.forEach((index, how) -> nodes.set(index, nodes.get(index).with(how)));
        return new NetworkSpec(
                IMAGE, nodes, new WeightInit.He(), optimizer, 1e-3, 1e-2, Clipping.NONE, Schedule.CONSTANT, List.of());
    }

    private static Replica started(NetworkSpec spec) {
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        return replica;
    }

    private static StepMetrics step(Replica replica, int step) {
        List<byte[]> batch = Examples.random(IMAGE, CLASSES, 9, step);
        StepId id = new StepId(step, 0, batch.size());
        PartialSum sum = new ReductionTree(2)
                .combine(List.of(
                        replica.gradient(id, 0, batch.subList(0, 5)), replica.gradient(id, 1, batch.subList(5, 9))));
        return replica.step(id, sum);
    }

    private static List<Block> blocks(Replica replica, Set<String> nodes) {
        return replica.model().layout().blocks().stream()
                .filter(block -> nodes.contains(block.node()))
                .toList();
    }

    private static float[] values(float[] all, Block block) {
        return Arrays.copyOfRange(all, block.from(), block.to());
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void frozenLayersDoNotMoveByABit(Optimizer optimizer) {
        Replica replica = started(network(optimizer, Map.of(0, FROZEN, 1, FROZEN)));
        float[] before = replica.parameters();
        for (int i = 0; i < 5; i++) {
            StepMetrics metrics = step(replica, i);
            assertThat(metrics.layerGradientNorms().get(0)).isZero();
            assertThat(metrics.layerGradientNorms().get(2)).isPositive();
        }
        float[] after = replica.parameters();
        List<Block> frozen = blocks(replica, Set.of("0", "1"));
        assertThat(frozen).hasSize(6); // weights and biases, scale, shift and two averages
        frozen.forEach(
                block -> assertThat(values(after, block)).as(block.toString()).isEqualTo(values(before, block)));
        blocks(replica, Set.of("2", "3"))
                .forEach(block ->
                        assertThat(values(after, block)).as(block.toString()).isNotEqualTo(values(before, block)));
    }

    /** In one block of state the frozen layer's values are those at the front of each slot. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void frozenLayersHaveNoOptimizerState(Optimizer optimizer) {
        List<Part> parts = List.of(CourseNetworks.dense(6), CourseNetworks.softmax(CLASSES));
        Replica replica = started(network(optimizer, parts, Map.of(0, FROZEN)));
        for (int i = 0; i < 3; i++) {
            step(replica, i);
        }
        int length = replica.parameterCount();
        int frozen = blocks(replica, Set.of("0")).stream()
                .mapToInt(block -> block.to() - block.from())
                .sum();
        float[] state = replica.optimizerState();
        assertThat(state.length % length).isZero();
        for (int slot = 0; slot < state.length / length; slot++) {
            assertThat(Arrays.copyOfRange(state, slot * length, slot * length + frozen))
                    .containsOnly(0);
            assertThat(Arrays.copyOfRange(state, slot * length + frozen, (slot + 1) * length))
                    .isNotEqualTo(new float[length - frozen]);
        }
    }

    /** What stays has no part in the penalty, in what is clipped, or in an average of models. */
    @Test
    void theRestLearnsAsIfTheFrozenWereNotThere() {
        Optimizer optimizer = new Adam(0.001, 0.9, 0.999, 1e-7);
        List<Part> parts = List.of(CourseNetworks.dense(6), CourseNetworks.softmax(CLASSES));
        Replica replica = started(network(optimizer, parts, Map.of(0, FROZEN)));
        Replica free = started(network(optimizer, parts, Map.of()));
        StepMetrics metrics = step(replica, 0);
        StepMetrics other = step(free, 0);
        assertThat(metrics.layerGradientNorms().get(1))
                .isEqualTo(other.layerGradientNorms().get(1));
        assertThat(metrics.gradientNorm())
                .isEqualTo(metrics.layerGradientNorms().get(1));
        double penalty = 0;
        float[] start = new Replica(network(optimizer, parts, Map.of()), SEEDS).parameters();
        for (Block block : blocks(replica, Set.of("0"))) {
            for (float w : block.parameter().equals("W") ? values(start, block) : new float[0]) {
                penalty += 1e-3 * Math.abs(w) + 0.5e-2 * w * w;
            }
        }
        assertThat(other.loss() - metrics.loss()).isCloseTo(penalty, within(1e-5));
    }

    @Test
    void anAverageOfModelsLeavesTheFrozenAlone() {
        NetworkSpec spec = network(new Adam(0.001, 0.9, 0.999, 1e-7), Map.of(0, FROZEN, 1, FROZEN));
        Replica replica = started(spec);
        float[] before = replica.parameters();
        List<StepId> steps = List.of(new StepId(0, 0, 9), new StepId(1, 0, 9));
        ModelAverage round = new ModelAverage(replica, steps, 2);
        List<PartialSum> sums = new ArrayList<>();
        int[] sizes = {2, 3, 4};
        for (int shard = 0; shard < 3; shard++) {
            int own = shard;
            sums.add(round.shard(shard, i -> Examples.random(IMAGE, CLASSES, sizes[own], 10L * own + i)));
        }
        ModelAverage.install(replica, steps, new ReductionTree(3).combine(sums));
        float[] after = replica.parameters();
        blocks(replica, Set.of("0", "1"))
                .forEach(block ->
                        assertThat(values(after, block)).as(block.toString()).isEqualTo(values(before, block)));
        assertThat(after).isNotEqualTo(before);
    }

    /** A frozen batch norm is a scale and a shift: put into the weights before it, they give the same gradients. */
    @Test
    void frozenBatchNormIsScaleAndShift() {
        Part linear = new Dense(5, ActivationFunction.IDENTITY);
        Part output = CourseNetworks.softmax(CLASSES);
        NetworkSpec plain = CourseNetworks.of(IMAGE, List.of(linear, output));
        List<Node> nodes = new ArrayList<>(NetworkSpec.chain(List.of(linear, new BatchNorm(0.9, 1e-5), output)));
        nodes.set(1, nodes.get(1).with(FROZEN));
        Replica normed = started(new NetworkSpec(
                IMAGE,
                nodes,
                new WeightInit.He(),
                plain.optimizer(),
                0,
                0,
                Clipping.NONE,
                Schedule.CONSTANT,
                List.of()));
        Replica folded = started(plain);
        float[] parameters = normed.parameters();
        int weights = 64 * 5;
        float[] scales = {0.5f, 1, 2, -1, 3};
        float[] means = {0.1f, 0, -0.2f, 0.3f, 0.5f};
        float[] variances = {1, 4, 0.25f, 2, 1};
        float[] same = new float[folded.parameterCount()];
        System.arraycopy(parameters, weights + 25, same, weights + 5, same.length - weights - 5);
        double[] factors = new double[5];
        for (int c = 0; c < 5; c++) {
            parameters[weights + 5 + c] = scales[c];
            parameters[weights + 10 + c] = 0.1f * c; // the shift
            parameters[weights + 15 + c] = means[c];
            parameters[weights + 20 + c] = variances[c];
            factors[c] = scales[c] / Math.sqrt(variances[c] + 1e-5);
            for (int i = 0; i < 64; i++) {
                same[c * 64 + i] = (float) (parameters[c * 64 + i] * factors[c]);
            }
            same[weights + c] = (float) ((parameters[weights + c] - means[c]) * factors[c] + 0.1 * c);
        }
        float[] gradient = gradient(normed, parameters);
        float[] expected = gradient(folded, same);
        for (int c = 0; c < 5; c++) {
            for (int i = 0; i < 64; i++) {
                assertThat(gradient[c * 64 + i]).isCloseTo((float) (expected[c * 64 + i] * factors[c]), within(2e-5f));
            }
            assertThat(gradient[weights + c]).isCloseTo((float) (expected[weights + c] * factors[c]), within(2e-5f));
        }
        assertThat(Arrays.copyOfRange(gradient, weights + 5, weights + 25)).containsOnly(0);
        assertThat(Arrays.copyOfRange(gradient, weights + 25, gradient.length))
                .containsExactly(Arrays.copyOfRange(expected, weights + 5, expected.length), within(2e-5f));
    }

    @Test
    void aFrozenBlockIsFrozenInside() {
        Part block = new Residual(
                List.of(CourseNetworks.conv(3, 3, 1), new BatchNorm(0.9, 1e-5)),
                Residual.Shortcut.IDENTITY,
                ActivationFunction.RELU);
        List<Part> parts = List.of(CourseNetworks.conv(3, 3, 0), block, CourseNetworks.softmax(CLASSES));
        NetworkSpec spec = network(new Sgd(0.1), parts, Map.of(1, FROZEN));
        Replica replica = started(spec);
        float[] before = replica.parameters();
        step(replica, 0);
        float[] after = replica.parameters();
        List<Block> inside = replica.model().layout().blocks().stream()
                .filter(each -> each.node().startsWith("1."))
                .toList();
        assertThat(inside).hasSize(6);
        inside.forEach(each -> assertThat(values(after, each)).isEqualTo(values(before, each)));
        blocks(replica, Set.of("0", "2"))
                .forEach(each -> assertThat(values(after, each)).isNotEqualTo(values(before, each)));
    }

    /** Of a graph, too, a frozen batch norm is a scale and a shift, put into the convolution before it. */
    @Test
    void insideOfAFrozenBlockBatchNormIsScaleAndShift() {
        Part conv = new Convolution(3, 3, 1, 1, ActivationFunction.IDENTITY);
        Part norm = new BatchNorm(0.9, 1e-5);
        Replica normed = started(frozenInside(List.of(conv, norm)));
        Replica folded = started(frozenInside(List.of(conv)));
        float[] parameters = normed.parameters();
        float[] same = folded.parameters();
        for (String node : List.of("0", "1.0", "2")) {
            for (Block block : blocks(folded, Set.of(node))) {
                Block from = block(normed, node, block.parameter());
                System.arraycopy(parameters, from.from(), same, block.from(), block.to() - block.from());
            }
        }
        float[] scales = {0.5f, -1, 2};
        float[] means = {0.1f, 0, -0.2f};
        float[] variances = {4, 1, 0.25f};
        int weights = block(folded, "1.0", "W").from();
        int biases = block(folded, "1.0", "b").from();
        for (int c = 0; c < 3; c++) {
            parameters[block(normed, "1.1", "gamma").from() + c] = scales[c];
            parameters[block(normed, "1.1", "beta").from() + c] = 0.1f * c;
            parameters[block(normed, "1.1", "mean").from() + c] = means[c];
            parameters[block(normed, "1.1", "var").from() + c] = variances[c];
            double factor = scales[c] / Math.sqrt(variances[c] + 1e-5);
            for (int i = 0; i < 27; i++) {
                same[weights + c * 27 + i] *= (float) factor;
            }
            same[biases + c] = (float) ((same[biases + c] - means[c]) * factor + 0.1 * c);
        }
        float[] gradient = gradient(normed, parameters);
        float[] expected = gradient(folded, same);
        for (Block block : blocks(folded, Set.of("0", "2"))) {
            assertThat(values(gradient, block(normed, block.node(), block.parameter())))
                    .as(block.toString())
                    .containsExactly(values(expected, block), within(2e-5f));
            assertThat(values(expected, block)).isNotEqualTo(new float[block.to() - block.from()]);
        }
    }

    /** Of six examples, always the same. */
    private static float[] gradient(Replica replica, float[] parameters) {
        replica.setParameters(parameters);
        return replica.gradient(new StepId(0, 0, 6), 0, Examples.random(IMAGE, CLASSES, 6, 1))
                .gradient();
    }

    /** Of which the block alone is frozen. */
    private static NetworkSpec frozenInside(List<Part> layers) {
        Part block = new Residual(layers, Residual.Shortcut.IDENTITY, ActivationFunction.TANH);
        List<Part> parts =
                List.of(new Convolution(3, 3, 1, 0, ActivationFunction.TANH), block, CourseNetworks.softmax(CLASSES));
        return network(new Sgd(0.1), parts, Map.of(1, FROZEN));
    }

    private static Block block(Replica replica, String node, String parameter) {
        return blocks(replica, Set.of(node)).stream()
                .filter(block -> block.parameter().equals(parameter))
                .findFirst()
                .orElseThrow();
    }

    /** DL4J itself is told the rates: the same bits, in parameters and optimizer state. */
    @ParameterizedTest
    @MethodSource("optimizersWithARate")
    void aRateOfItsOwnIsExact(Optimizer optimizer) {
        NetworkSpec plain = network(optimizer, Map.of());
        Learning slow = new Learning(false, 0.1, false, false);
        Replica replica = started(network(optimizer, Map.of(0, slow, 1, slow)));
        MultiLayerConfiguration configuration = Networks.stack(plain, SEEDS.seed(Purpose.INITIAL_WEIGHTS));
        for (int i = 0; i < 2; i++) {
            IUpdater updater = ((BaseLayer) configuration.getConf(i).getLayer())
                    .getIUpdater()
                    .clone();
            updater.setLrAndSchedule(optimizer.learningRate() * 0.1, null);
            ((BaseLayer) configuration.getConf(i).getLayer()).setIUpdater(updater);
        }
        MultiLayerNetwork stock = new MultiLayerNetwork(configuration);
        stock.init();
        FastLayers.install(stock);
        dev.lockstep.worker.dl4j.Updaters.install(
                (org.deeplearning4j.nn.updater.BaseMultiLayerUpdater<?>) stock.getUpdater(), false);
        INDArray state = stock.getUpdater().getStateViewArray();
        if (state != null) {
            state.assign(0);
        }
        Replica usual = started(plain);
        for (int i = 0; i < 4; i++) {
            List<byte[]> batch = Examples.random(IMAGE, CLASSES, 9, i);
            StepId id = new StepId(i, 0, batch.size());
            StepMetrics metrics = replica.step(id, replica.gradient(id, 0, batch));
            usual.step(id, usual.gradient(id, 0, batch));
            assertThat(metrics.learningRate()).isEqualTo(optimizer.learningRate());
            Nd4j.getRandom().setSeed(1);
            stock.fit(Examples.features(IMAGE, batch), Examples.labels(CLASSES, batch));
            assertThat(replica.parameters()).isEqualTo(stock.params().data().asFloat());
            assertThat(replica.optimizerState())
                    .isEqualTo(state == null ? new float[0] : state.data().asFloat());
        }
        assertThat(replica.parameters()).isNotEqualTo(usual.parameters());
    }

    /** Added at once to what the tree adds it to, or by itself first: running statistics, frozen and pruned weights, too. */
    @Test
    void aContributionThatIsAddedAtOnceIsTheSameBits() {
        Learning frozen = new Learning(true, 1, false, false);
        Learning sparse = new Learning(false, 1, false, true);
        NetworkSpec spec = network(new Sgd(.1), Map.of(0, frozen, 2, sparse));
        Replica replica = started(spec);
        float[] pruned = replica.parameters();
        Pruning.prune(spec, 0.5, pruned);
        replica.setParameters(pruned);
        List<byte[]> batch = Examples.random(IMAGE, CLASSES, 9, 1);
        StepId id = new StepId(3, 0, batch.size());
        List<byte[]> last = batch.subList(5, 9);
        PartialSum right = replica.gradient(id, 1, last);
        PartialSum apart = new ReductionTree(2).combine(List.of(replica.gradient(id, 0, batch.subList(0, 5)), right));
        PartialSum onto = replica.gradient(id, 1, 5, last, replica.gradient(id, 0, batch.subList(0, 5)));
        assertThat(onto.gradient()).isEqualTo(apart.gradient());
        assertThat(onto.tally().lossSum()).isEqualTo(apart.tally().lossSum());
        assertThat(onto.examples()).isEqualTo(9);
        for (Block block : replica.model().layout().blocks()) {
            float[] values = values(onto.gradient(), block);
            assertThat(Arrays.equals(values, new float[values.length]))
                    .as("%s has no gradient", block)
                    .isEqualTo(block.node().equals("0"));
        }
    }

    /** Weights that are 0 stay so, and the optimizer keeps nothing of them; biases that are 0 learn. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void whatIsPrunedStaysZero(Optimizer optimizer) {
        Learning sparse = new Learning(false, 1, false, true);
        NetworkSpec spec = network(optimizer, Map.of(0, sparse, 2, sparse));
        Replica replica = started(spec);
        float[] pruned = replica.parameters();
        Pruning.Outcome outcome = Pruning.prune(spec, 0.5, pruned);
        int weights = 9 * 3 + 108 * 6;
        assertThat(outcome).isEqualTo(new Pruning.Outcome(weights / 2, weights));
        replica.setParameters(pruned);
        for (int i = 0; i < 4; i++) {
            step(replica, i);
        }
        float[] after = replica.parameters();
        float largestPruned = 0;
        float smallestKept = Float.MAX_VALUE;
        int zeros = 0;
        float[] before = started(spec).parameters();
        for (Block block : blocks(replica, Set.of("0", "2"))) {
            for (int i = block.from(); i < block.to(); i++) {
                if (block.parameter().equals("b")) {
                    assertThat(after[i]).isNotZero();
                } else if (pruned[i] == 0) {
                    zeros++;
                    assertThat(after[i]).isZero();
                    largestPruned = Math.max(largestPruned, Math.abs(before[i]));
                } else {
                    smallestKept = Math.min(smallestKept, Math.abs(before[i]));
                    assertThat(pruned[i]).isEqualTo(before[i]);
                }
            }
        }
        assertThat(zeros).isEqualTo(weights / 2);
        assertThat(largestPruned).isLessThanOrEqualTo(smallestKept);
        assertThat(blocks(replica, Set.of("3")))
                .allSatisfy(block -> assertThat(values(after, block)).isNotEqualTo(values(before, block)));
    }

    /** Of a model that was pruned before, more are 0 than were to be. */
    @Test
    void whatWas0BeforeIsCounted() {
        Learning sparse = new Learning(false, 1, false, true);
        NetworkSpec spec = network(new Sgd(0.1), Map.of(0, sparse, 2, sparse));
        float[] parameters = new Replica(spec, SEEDS).parameters();
        int weights = 9 * 3 + 108 * 6;
        assertThat(Pruning.prune(spec, 0.9, parameters)).isEqualTo(new Pruning.Outcome(weights * 9 / 10, weights));
        float[] before = parameters.clone();
        assertThat(Pruning.prune(spec, 0.5, parameters)).isEqualTo(new Pruning.Outcome(weights * 9 / 10, weights));
        assertThat(parameters).isEqualTo(before);
    }

    @Test
    void aLayerIsNotPrunedAway() {
        Learning sparse = new Learning(false, 1, false, true);
        NetworkSpec spec = network(new Sgd(0.1), Map.of(0, sparse, 2, sparse));
        float[] parameters = new Replica(spec, SEEDS).parameters();
        Arrays.fill(parameters, 0, 27 + 3, 1e-6f);
        assertThatThrownBy(() -> Pruning.prune(spec, 0.5, parameters))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("layer 0 (convolution) has no weight left: all 27 are among the smallest");
    }

    /** Of plain SGD without regularisation a tenth of the rate is a tenth of the way. */
    @Test
    void aTenthOfTheRateIsATenthOfTheWay() {
        List<Part> parts = List.of(CourseNetworks.dense(6), CourseNetworks.softmax(CLASSES));
        Schedule schedule = new Schedule(Schedule.Decay.COSINE, 0, 4, 0, 1);
        Replica usual = started(network(new Sgd(0.5), parts, Map.of()).with(schedule));
        Replica slow = started(network(new Sgd(0.5), parts, Map.of(0, new Learning(false, 0.125, false, false)))
                .with(schedule));
        float[] before = usual.parameters();
        step(usual, 2);
        assertThat(step(slow, 2).learningRate()).isEqualTo(0.5 * schedule.at(2));
        float[] whole = usual.parameters();
        float[] part = slow.parameters();
        for (Block block : blocks(slow, Set.of("0"))) {
            for (int i = block.from(); i < block.to(); i++) {
                assertThat(part[i] - before[i]).isCloseTo((whole[i] - before[i]) / 8, within(1e-6f));
            }
        }
        blocks(slow, Set.of("1"))
                .forEach(block -> assertThat(values(part, block)).isEqualTo(values(whole, block)));
    }
}
