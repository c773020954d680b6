package dev.lockstep.driver.evaluate;

import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.Measured;
import dev.lockstep.worker.evaluate.Measured.Whole;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.objective.Accuracy;
import dev.lockstep.worker.model.objective.Confusion;
import dev.lockstep.worker.model.objective.Metrics;
import dev.lockstep.worker.model.objective.Objective;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How well a network did on some examples.
 *
 * @param examples how many there are, at least 1
 * @param loss the mean over the examples, without regularisation
 * @param figures of all examples, by name, in the objective's order
 * @param ofTargets the figures of each class, label or value, {@code [targets]}, by name
 * @param confusion how many examples of class i were taken for class j, {@code [classes][classes]}; without classes, empty
 */
public record Scores(
        long examples, double loss, Map<String, Double> figures, Map<String, double[]> ofTargets, long[][] confusion) {

    /** Of targets: how many examples have the class or label. */
    public static final String EXAMPLES = "examples";

    /** The smallest probability that a logarithm is taken of, as DL4J's cross-entropy does it. */
    private static final double SMALLEST = 1e-10;

    /** What tasks have measured. */
    public static Scores of(Objective objective, Target target, List<Measured> parts) {
        Metrics metrics = objective.measured(target.values(), target.everyStep());
        return of(metrics, target.values(), Measured.whole(parts, metrics));
    }

    private static Scores of(Metrics metrics, int targets, Whole whole) {
        Metrics counting = metrics.counting(true);
        Metrics summing = metrics.counting(false);
        Map<String, Double> figures = new LinkedHashMap<>(counting.figures(whole.examples(), whole.counts()));
        figures.putAll(summing.figures(whole.examples(), whole.sums()));
        Map<String, double[]> ofTargets = new LinkedHashMap<>(counting.ofTargets(whole.examples(), whole.counts()));
        ofTargets.putAll(summing.ofTargets(whole.examples(), whole.sums()));
        long[][] confusion = counting.sumsOf(Confusion.NAME, whole.counts())
                .map(counts -> square(counts, targets))
                .orElse(new long[0][]);
        return new Scores(whole.examples(), whole.lossSum() / whole.examples(), figures, ofTargets, confusion);
    }

    private static long[][] square(double[] counts, int size) {
        long[][] square = new long[size][size];
        for (int i = 0; i < counts.length; i++) {
            square[i / size][i % size] = (long) counts[i];
        }
        return square;
    }

    /** Of a classifier, the figures that follow from its confusion matrix alone, {@code [classes][classes]}. */
    public static Scores of(double loss, long[][] confusion) {
        Confusion metric = new Confusion(confusion.length);
        double[] counts = Arrays.stream(confusion)
                .flatMapToLong(Arrays::stream)
                .asDoubleStream()
                .toArray();
        double right = 0;
        for (int i = 0; i < confusion.length; i++) {
            right += confusion[i][i];
        }
        double examples = Arrays.stream(counts).sum();
        Map<String, Double> figures = new LinkedHashMap<>(Map.of(Accuracy.NAME, right / examples));
        figures.putAll(metric.figures(examples, counts, 0));
        return new Scores((long) examples, loss, figures, metric.ofTargets(examples, counts, 0), confusion);
    }

    /** The scores of a classifier's answers: their loss is the cross-entropy, mean -log p of the true class. */
    public static Scores of(List<Answer> answers, int classes) {
        Metrics metrics = Objective.CLASSIFICATION.measured(classes).counting(true);
        double[] counts = new double[metrics.sums()];
        double lossSum = 0;
        for (Answer answer : answers) {
            lossSum -= Math.log(Math.max(SMALLEST, answer.outputs()[answer.label()]));
            metrics.add(answer.outputs(), answer.target(), counts);
        }
        return of(metrics, classes, new Whole(answers.size(), lossSum, counts, new double[0]));
    }

    /** How many classes there are; 0 where there are none. */
    public int classes() {
        return confusion.length;
    }

    /** How many examples are of this class. */
    public long support(int of) {
        return Arrays.stream(confusion[of]).sum();
    }

    /** A figure by name; NaN when there is none. */
    public double figure(String name) {
        return figures.getOrDefault(name, Double.NaN);
    }

    /** The share classified rightly, in [0, 1]; NaN where there are no classes. */
    public double accuracy() {
        return figure(Accuracy.NAME);
    }

    /** A figure of a class, label or value; NaN when there is none. */
    public double ofTarget(String name, int target) {
        double[] all = ofTargets.get(name);
        return all == null ? Double.NaN : all[target];
    }
}
