package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.augment.Augmentation;
import dev.lockstep.worker.data.BatchReader;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.Batch;
import dev.lockstep.worker.model.Clipping;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.Distillation;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Schedule;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A student and its teacher in one replica. Both have a single layer, so that their outputs are known. */
class DistillationTest {
    private static final Shape IMAGE = new Shape(1, 3, 4);
    private static final int CLASSES = 3;
    private static final int PARAMETERS = (12 + 1) * CLASSES;
    private static final SeedLaw SEEDS = new SeedLaw(4);
    private static final double WEIGHT = 0.8;
    private static final double TEMPERATURE = 2.5;
    private static final NetworkSpec STUDENT = new NetworkSpec(
            IMAGE,
            NetworkSpec.chain(List.of(CourseNetworks.softmax(CLASSES))),
            new WeightInit.He(),
            new Sgd(0.1),
            0,
            0,
            Clipping.NONE,
            Schedule.CONSTANT,
            List.of(new Augmentation.RandomCrop(1), new Augmentation.HorizontalFlip(0.5)));

    private static float[] random(int seed) {
        float[] values = new float[PARAMETERS];
        Random random = new Random(seed);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static Distillation distillation(String sha256, float[] teacher) {
        return new Distillation(
                WEIGHT, TEMPERATURE, sha256, new StoredModel(Networks.stockConfigurationJson(STUDENT), teacher));
    }

    /** Of a single layer: weights [in, units] in the order of Fortran, then biases. */
    private static double[] soft(float[] parameters, float[] features, int from, double temperature) {
        double[] soft = new double[CLASSES];
        double sum = 0;
        for (int k = 0; k < CLASSES; k++) {
            double output = parameters[12 * CLASSES + k];
            for (int i = 0; i < 12; i++) {
                output += (double) parameters[12 * k + i] * features[from + i];
            }
            soft[k] = Math.exp(output / temperature);
            sum += soft[k];
        }
        for (int k = 0; k < CLASSES; k++) {
            soft[k] /= sum;
        }
        return soft;
    }

    private static PartialSum gradient(NetworkSpec spec, float[] parameters, List<byte[]> examples) {
        return Replica.with(spec, SEEDS, replica -> {
            replica.setParameters(parameters);
            return replica.gradient(new StepId(6, 1, examples.size()), 2, examples);
        });
    }

    @Test
    void theTeacherSeesTheVeryBatch() {
        float[] teacher = random(1);
        float[] student = random(2);
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 7, 3);
        PartialSum sum = gradient(STUDENT.taught(distillation("a", teacher)), student, examples);
        Batch batch = new BatchReader(STUDENT.format(), IMAGE, List.of())
                .read(examples, STUDENT.augmentations(), SEEDS.seed(Purpose.AUGMENTATION, 1, 6, 2));
        double[] expected = new double[PARAMETERS];
        double loss = 0;
        double right = 0;
        for (int n = 0; n < 7; n++) {
            double[] p = soft(student, batch.features(), 12 * n, 1);
            double[] of = soft(student, batch.features(), 12 * n, TEMPERATURE);
            double[] to = soft(teacher, batch.features(), 12 * n, TEMPERATURE);
            for (int k = 0; k < CLASSES; k++) {
                double y = batch.labels()[CLASSES * n + k];
                loss -= (1 - WEIGHT) * y * Math.log(p[k])
                        + WEIGHT * TEMPERATURE * TEMPERATURE * to[k] * Math.log(of[k]);
                right += y == 1 && p[k] == Math.max(p[0], Math.max(p[1], p[2])) ? 1 : 0;
                double slope = (1 - WEIGHT) * (p[k] - y) + WEIGHT * TEMPERATURE * (of[k] - to[k]);
                for (int i = 0; i < 12; i++) {
                    expected[12 * k + i] += slope * batch.features()[12 * n + i];
                }
                expected[12 * CLASSES + k] += slope;
            }
        }
        for (int i = 0; i < PARAMETERS; i++) {
            assertThat((double) sum.gradient()[i]).as("parameter %d", i).isCloseTo(expected[i], within(1e-5));
        }
        assertThat(sum.tally().lossSum()).as("what is minimised").isCloseTo(loss, within(1e-4));
        assertThat(sum.tally().metrics()[0]).as("by labels").isEqualTo(right);
    }

    /** A replica that is used again has its own teacher, not another's. */
    @Test
    void equalDefinitionsComputeTheSame() {
        NetworkSpec one = STUDENT.taught(distillation("a", random(1)));
        NetworkSpec again = STUDENT.taught(distillation("a", random(1)));
        NetworkSpec other = STUDENT.taught(distillation("b", random(9)));
        assertThat(again).isEqualTo(one).hasSameHashCodeAs(one).isNotEqualTo(other);
        assertThat(STUDENT.taught(new Distillation(WEIGHT, 1, "a", null))).isNotEqualTo(one);
        assertThat(STUDENT.taught(new Distillation(1, TEMPERATURE, "a", null))).isNotEqualTo(one);
        Schedule half = new Schedule(Schedule.Decay.NONE, 1, 1, 0, 0.5);
        assertThat(one.with(half).distillation()).isEqualTo(one.distillation());
        assertThat(one.with(half).taught(null)).isEqualTo(STUDENT.with(half));
        List<byte[]> examples = Examples.random(IMAGE, CLASSES, 7, 3);
        float[] first = gradient(one, random(2), examples).gradient();
        float[] second = gradient(other, random(2), examples).gradient();
        assertThat(second).isNotEqualTo(first);
        assertThat(gradient(again, random(2), examples).gradient()).isEqualTo(first);
        assertThat(gradient(STUDENT, random(2), examples).gradient())
                .isNotEqualTo(first)
                .isNotEqualTo(second);
    }
}
