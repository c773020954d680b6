package dev.lockstep.worker.model.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each figure against its definition, worked out directly over the examples. */
class MetricsTest {
    private record Example(float[] output, float[] target) {}

    private static Map<String, Double> figures(Metric metric, List<Example> examples) {
        return metric.figures(examples.size(), sums(metric, examples), 0);
    }

    private static double[] sums(Metric metric, List<Example> examples) {
        double[] sums = new double[metric.sums()];
        examples.forEach(example -> metric.add(example.output(), example.target(), sums, 0));
        return sums;
    }

    private static Example example(float[] output, float... target) {
        return new Example(output, target);
    }

    private static float[] of(float... values) {
        return values;
    }

    /** Softmax outputs of a network that is sure of itself: most of them within 1e-4 of 0 or 1. */
    private static List<Example> sure(int classes, int count, double temperature) {
        Random random = new Random(5);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int label = random.nextInt(classes);
            double[] exponents = new double[classes];
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                exponents[k] = Math.exp(temperature * (random.nextGaussian() + (k == label ? 1.5 : 0)));
                sum += exponents[k];
            }
            float[] output = new float[classes];
            float[] target = new float[classes];
            for (int k = 0; k < classes; k++) {
                output[k] = (float) (exponents[k] / sum);
            }
            target[label] = 1;
            examples.add(new Example(output, target));
        }
        return examples;
    }

    /** Every pair of an example of the class and one that is not of it. */
    private static double exactArea(List<Example> examples, int of) {
        double won = 0;
        long pairs = 0;
        for (Example own : examples) {
            for (Example other : examples) {
                if (own.target()[of] == 1 && other.target()[of] == 0) {
                    pairs++;
                    won += own.output()[of] > other.output()[of] ? 1 : own.output()[of] == other.output()[of] ? 0.5 : 0;
                }
            }
        }
        return won / pairs;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 1, 10})
    void areasAreWithinTenThousandthOfTheExactOnes(double temperature) {
        List<Example> examples = sure(3, 1500, temperature);
        AreaUnderCurve metric = new AreaUnderCurve(3);
        double[] areas =
                metric.ofTargets(examples.size(), sums(metric, examples), 0).get(AreaUnderCurve.NAME);
        double mean = 0;
        for (int k = 0; k < 3; k++) {
            assertThat(areas[k]).isCloseTo(exactArea(examples, k), within(1e-4));
            mean += areas[k] / 3;
        }
        assertThat(figures(metric, examples).get("auc")).isCloseTo(mean, within(1e-12));
    }

    @Test
    void aClassWithoutExamplesHasNoArea() {
        AreaUnderCurve metric = new AreaUnderCurve(2);
        List<Example> examples = List.of(example(of(0.3f, 1), 0, 0), example(of(0, 0.5f), 1, 0));
        double[] areas = metric.ofTargets(2, sums(metric, examples), 0).get(AreaUnderCurve.NAME);
        assertThat(areas[0]).isZero();
        assertThat(areas[1]).isNaN();
        assertThat(figures(metric, examples).get("auc")).isZero();
    }

    @Test
    void errorsOfTwoValues() {
        List<Example> examples = List.of(
                example(of(1, 10), 2, 14),
                example(of(3, 10), 3, 6),
                example(of(5, 10), 2, 10),
                example(of(0, 10), 0, 10));
        Errors metric = new Errors(2);
        assertThat(figures(metric, examples).get("rmse")).isCloseTo(Math.sqrt((1 + 9 + 16 + 16) / 8.0), within(1e-12));
        assertThat(figures(metric, examples).get("mae")).isCloseTo((1 + 3 + 4 + 4) / 8.0, within(1e-12));
        Map<String, double[]> each = metric.ofTargets(4, sums(metric, examples), 0);
        assertThat(each.get("rmse")).containsExactly(Math.sqrt(10 / 4.0), Math.sqrt(32 / 4.0));
        assertThat(each.get("mae")).containsExactly(1.0, 2.0);
    }

    @Test
    void determinationOfAValueFarFromZero() {
        Random random = new Random(7);
        List<Example> examples = new ArrayList<>();
        double mean = 0;
        for (int i = 0; i < 1000; i++) {
            float value = (float) (1e4 + random.nextGaussian());
            examples.add(example(of(value + (float) (0.5 * random.nextGaussian())), value));
            mean += value / 1000.0;
        }
        double errors = 0;
        double spread = 0;
        for (Example example : examples) {
            errors += Math.pow((double) example.output()[0] - example.target()[0], 2);
            spread += Math.pow(example.target()[0] - mean, 2);
        }
        assertThat(figures(new Determination(1), examples).get("r2")).isCloseTo(1 - errors / spread, within(1e-6));
        assertThat(figures(new Determination(1), List.of(example(of(3), 2), example(of(1), 2)))
                        .get("r2"))
                .as("a value that is always the same")
                .isNaN();
    }

    @Test
    void labelsByHand() {
        Labels metric = new Labels(2);
        List<Example> examples = List.of(
                example(of(0.9f, 0.2f), 1, 0), // both told
                example(of(0.6f, 0.4f), 1, 1), // the second is not told
                example(of(0.7f, 0.8f), 0, 1), // the first is wrongly told
                example(of(0.5f, 0.1f), 0, 0)); // both told: 1/2 is not above 1/2
        Map<String, Double> figures = figures(metric, examples);
        assertThat(figures.get("exact_match")).isEqualTo(0.5);
        assertThat(figures.get("micro_f1")).isCloseTo(2 * 3 / (2 * 3 + 1 + 1.0), within(1e-12));
        assertThat(figures.get("macro_f1")).isCloseTo((4 / 5.0 + 2 / 3.0) / 2, within(1e-12));
        Map<String, double[]> each = metric.ofTargets(4, sums(metric, examples), 0);
        assertThat(each.get("precision")).containsExactly(2 / 3.0, 1.0);
        assertThat(each.get("recall")).containsExactly(1.0, 0.5);
        assertThat(each.get("examples")).containsExactly(2.0, 2.0);
    }

    @Test
    void confusionByHand() {
        Confusion metric = new Confusion(3);
        List<Example> examples = List.of(
                example(of(0.9f, 0.1f, 0), 1, 0, 0),
                example(of(0.2f, 0.8f, 0), 1, 0, 0),
                example(of(0.2f, 0.8f, 0), 0, 1, 0));
        assertThat(sums(metric, examples)).containsExactly(1, 1, 0, 0, 1, 0, 0, 0, 0);
        assertThat(figures(metric, examples).get("macro_f1"))
                .as("of the classes that there is anything to say of")
                .isCloseTo((2 / 3.0 + 2 / 3.0) / 2, within(1e-12));
    }

    @Test
    void theClassAmongTheLargest() {
        List<Example> examples = List.of(
                example(of(0.1f, 0.4f, 0.3f, 0.2f), 1, 0, 0, 0), // the fourth largest
                example(of(0.1f, 0.4f, 0.3f, 0.2f), 0, 0, 0, 1), // the third
                example(of(0.25f, 0.25f, 0.25f, 0.25f), 0, 0, 1, 0), // the third of equals
                example(of(0.25f, 0.25f, 0.25f, 0.25f), 0, 0, 0, 1)); // the fourth of equals
        assertThat(figures(new TopAccuracy(3), examples)).containsExactly(Map.entry("top3_accuracy", 0.5));
    }

    /** Means in the place of sums, as model averaging hands them on, say the same. */
    @Test
    void meansSayWhatSumsSay() {
        List<Example> examples = sure(3, 200, 1);
        for (Objective objective : Objective.values()) {
            Metrics metrics = objective.whileLearning(3);
            double[] sums = new double[metrics.sums()];
            examples.forEach(example -> metrics.add(example.output(), example.target(), sums));
            Map<String, Double> ofSums = metrics.figures(200, sums);
            for (int i = 0; i < sums.length; i++) {
                sums[i] /= 200;
            }
            metrics.figures(1, sums)
                    .forEach((name, value) -> assertThat(value).as(name).isCloseTo(ofSums.get(name), within(1e-9)));
            assertThat(ofSums).containsKey(objective.figure());
        }
    }
}
