package dev.lockstep.worker.step;

import static dev.lockstep.worker.model.CourseNetworks.dense;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ModelAverageTest {
    private static final SeedLaw SEEDS = new SeedLaw(7);
    private static final Shape VECTOR = Shape.vector(6);
    private static final NetworkSpec SPEC = CourseNetworks.of(
            VECTOR, List.of(dense(5), new BatchNorm(0.9, 1e-5), softmax(3)), new Adam(0.01, 0.9, 0.999, 1e-7));
    /** Step 21 begins epoch 3; it has 6 examples, of which the first shard has 4; step 22 has none for the second. */
    private static final List<StepId> STEPS = List.of(new StepId(20, 2, 8), new StepId(21, 3, 6), new StepId(22, 3, 2));

    private static final int[][] SIZES = {{4, 4, 2}, {4, 2, 0}, {0, 0, 0}};

    private static List<byte[]> examples(int shard, int step) {
        return Examples.random(VECTOR, 3, SIZES[shard][step], 10L * shard + step);
    }

    private static Replica started() {
        return started(SPEC);
    }

    /** After a step with examples that all weigh the same. */
    private static Replica started(NetworkSpec spec) {
        Replica replica = new Replica(spec, SEEDS);
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        StepId first = new StepId(0, 0, 9);
        List<byte[]> examples = Examples.random(VECTOR, 3, 9, 99);
        if (spec.format().weighted()) {
            examples = examples.stream()
                    .map(example -> Examples.weighing(example, 1))
                    .toList();
        }
        replica.step(first, replica.gradient(first, 0, examples));
        return replica;
    }

    @Test
    void isTheMeanOfReplicasThatTrainAlone() {
        Replica[] alone = {started(), started()};
        double[] loss = new double[3];
        double[] norm = new double[3];
        for (int shard = 0; shard < 2; shard++) {
            for (int i = 0; i < 3; i++) {
                List<byte[]> own = examples(shard, i);
                if (!own.isEmpty()) {
                    StepId id = new StepId(STEPS.get(i).step(), STEPS.get(i).epoch(), own.size());
                    StepMetrics metrics = alone[shard].step(id, alone[shard].gradient(id, shard, own));
                    double weight = (double) own.size() / STEPS.get(i).examples();
                    loss[i] += weight * metrics.loss();
                    norm[i] += weight * metrics.layerGradientNorms().get(2);
                }
            }
        }

        Replica together = started();
        ModelAverage round = new ModelAverage(together, STEPS, 4);
        PartialSum sum = new ReductionTree(3)
                .combine(List.of(round.shard(0, i -> examples(0, i)), round.shard(1, i -> examples(1, i))));
        assertThat(round.shard(2, i -> examples(2, i))).isNull();
        assertThat(sum.examples()).isEqualTo(16);
        List<StepMetrics> metrics = ModelAverage.install(together, STEPS, sum);

        // 10 of the 16 examples were the first shard's.
        assertThat(together.parameters()).isEqualTo(mean(alone[0].parameters(), alone[1].parameters()));
        assertThat(together.optimizerState()).isEqualTo(mean(alone[0].optimizerState(), alone[1].optimizerState()));
        assertThat(metrics).extracting(StepMetrics::id).isEqualTo(STEPS);
        for (int i = 0; i < 3; i++) {
            assertThat(metrics.get(i).loss()).isCloseTo(loss[i], within(1e-6));
            assertThat(metrics.get(i).layerGradientNorms()).containsOnlyKeys(0, 1, 2);
            assertThat(metrics.get(i).layerGradientNorms().get(2)).isCloseTo(norm[i], within(1e-6));
            assertThat(metrics.get(i).learningRate()).isEqualTo(0.01);
        }
    }

    private static float[] mean(float[] first, float[] second) {
        float[] mean = new float[first.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = first[i] * 0.625f + second[i] * 0.375f;
        }
        return mean;
    }

    /** n_s is then what the shard's examples weigh, and n what all do. */
    @Test
    void modelsAreAveragedByWhatTheirExamplesWeigh() {
        NetworkSpec spec = SPEC.of(SPEC.format().withWeights());
        Replica[] alone = {started(spec), started(spec)};
        double[] loss = new double[3];
        double[] norm = new double[3];
        double[] weight = new double[3];
        double[] ofShard = new double[2];
        for (int shard = 0; shard < 2; shard++) {
            for (int i = 0; i < 3; i++) {
                List<byte[]> own = weighing(shard, i);
                if (!own.isEmpty()) {
                    StepId id = new StepId(STEPS.get(i).step(), STEPS.get(i).epoch(), own.size());
                    PartialSum gradient = alone[shard].gradient(id, shard, own);
                    StepMetrics metrics = alone[shard].step(id, gradient);
                    loss[i] += gradient.weight() * metrics.loss();
                    norm[i] += gradient.weight() * metrics.gradientNorm();
                    weight[i] += gradient.weight();
                    ofShard[shard] += gradient.weight();
                }
            }
        }

        Replica together = started(spec);
        ModelAverage round = new ModelAverage(together, STEPS, 4);
        PartialSum sum = new ReductionTree(3)
                .combine(List.of(round.shard(0, i -> weighing(0, i)), round.shard(1, i -> weighing(1, i))));
        assertThat(sum.weight()).isCloseTo(ofShard[0] + ofShard[1], within(1e-9));
        List<StepMetrics> metrics = ModelAverage.install(together, STEPS, sum);

        double first = ofShard[0] / (ofShard[0] + ofShard[1]);
        assertThat(first).as("not the share of the examples").isNotCloseTo(0.625, within(0.1));
        float[] parameters = together.parameters();
        float[] optimizer = together.optimizerState();
        for (int i = 0; i < parameters.length; i++) {
            double mean = alone[0].parameters()[i] * first + alone[1].parameters()[i] * (1 - first);
            assertThat((double) parameters[i]).isCloseTo(mean, within(1e-6));
        }
        for (int i = 0; i < optimizer.length; i++) {
            double mean = alone[0].optimizerState()[i] * first + alone[1].optimizerState()[i] * (1 - first);
            assertThat((double) optimizer[i]).isCloseTo(mean, within(1e-6));
        }
        for (int i = 0; i < 3; i++) {
            assertThat(metrics.get(i).loss()).isCloseTo(loss[i] / weight[i], within(1e-6));
            assertThat(metrics.get(i).gradientNorm()).isCloseTo(norm[i] / weight[i], within(1e-6));
        }
    }

    /** The first shard's examples weigh about a tenth of the second's. */
    private static List<byte[]> weighing(int shard, int step) {
        List<byte[]> plain = examples(shard, step);
        return IntStream.range(0, plain.size())
                .mapToObj(i -> Examples.weighing(plain.get(i), (shard == 0 ? 0.1f : 1.1f) + 0.3f * i / 7))
                .toList();
    }

    /** Whatever its examples weigh. */
    @Test
    void aShardAloneKeepsItsBits() {
        NetworkSpec spec = SPEC.of(SPEC.format().withWeights());
        List<StepId> steps = List.of(new StepId(20, 2, 4), new StepId(21, 3, 4), new StepId(22, 3, 2));
        Replica expected = started(spec);
        Replica actual = started(spec);
        ModelAverage round = new ModelAverage(actual, steps, 3);
        List<StepMetrics> metrics = ModelAverage.install(actual, steps, round.shard(0, i -> weighing(0, i)));
        for (int i = 0; i < 3; i++) {
            StepMetrics plain = expected.step(steps.get(i), expected.gradient(steps.get(i), 0, weighing(0, i)));
            assertThat(metrics.get(i).loss()).isEqualTo((float) plain.loss());
            assertThat(metrics.get(i).gradientNorm()).isEqualTo((float) plain.gradientNorm());
        }
        assertThat(actual.parameters()).isEqualTo(expected.parameters());
        assertThat(actual.optimizerState()).isEqualTo(expected.optimizerState());
    }

    @Test
    void aShardThatDivergesStopsTheRoundAndChangesNothing() {
        Replica replica = started();
        ModelAverage round = new ModelAverage(replica, STEPS, 3);
        PartialSum good = round.shard(1, i -> examples(1, i));
        replica.setParameters(new float[replica.parameterCount()]);
        float[] broken = replica.parameters();
        broken[0] = Float.NaN;
        replica.setParameters(broken);
        PartialSum bad = new ModelAverage(replica, STEPS, 3).shard(0, i -> examples(0, i));
        Replica whole = started();
        float[] before = whole.parameters();
        PartialSum sum = new ReductionTree(2).combine(List.of(bad, good));
        assertThatThrownBy(() -> ModelAverage.install(whole, STEPS, sum))
                .isInstanceOf(DivergenceException.class)
                .hasMessageStartingWith("training diverged at step 20 (epoch 2): ");
        assertThat(whole.parameters()).isEqualTo(before);
    }
}
