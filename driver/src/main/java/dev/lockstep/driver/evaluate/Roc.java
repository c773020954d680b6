package dev.lockstep.driver.evaluate;

import dev.lockstep.worker.evaluate.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a classifier of two classes finds of the second, the positive one, over every threshold of its probability: from all
 * that is surest to everything. Equally sure answers are one point.
 *
 * @param found the share of the positive examples that are found: recall, or true positive rate; ascending from 0 to 1
 * @param fallout the share of the negative examples that are taken for positive, ascending from 0 to 1
 * @param precision the share of those taken for positive that are; 1 at the first point, where nothing is
 * @param area under {@code found} over {@code fallout}
 */
public record Roc(double[] found, double[] fallout, double[] precision, double area) {
    /** More points could not be told apart. */
    private static final int MOST_POINTS = 400;

    /** @return null where the answers are not of two classes, or all of one */
    public static Roc of(List<Answer> answers) {
        if (answers.isEmpty() || answers.get(0).outputs().length != 2) {
            return null;
        }
        double positive = answers.stream().filter(answer -> answer.label() == 1).count();
        double negative = answers.size() - positive;
        if (positive == 0 || negative == 0) {
            return null;
        }
        List<Answer> surest = answers.stream()
                .sorted(Comparator.comparingDouble(answer -> -answer.outputs()[1]))
                .toList();
        List<double[]> points = new ArrayList<>(List.of(new double[] {0, 0, 1}));
        double right = 0;
        double area = 0;
        for (int i = 0; i < surest.size(); i++) {
            right += surest.get(i).label();
            boolean lastOfEqual = i + 1 == surest.size()
                    || surest.get(i + 1).outputs()[1] != surest.get(i).outputs()[1];
            if (lastOfEqual) {
                double[] before = points.get(points.size() - 1);
                double[] point = {right / positive, (i + 1 - right) / negative, right / (i + 1)};
                area += (point[1] - before[1]) * (point[0] + before[0]) / 2;
                points.add(point);
            }
        }
        return of(points, area);
    }

    private static Roc of(List<double[]> points, double area) {
        List<double[]> shown = Evenly.chosen(points, MOST_POINTS);
        return new Roc(column(shown, 0), column(shown, 1), column(shown, 2), area);
    }

    private static double[] column(List<double[]> points, int column) {
        return points.stream().mapToDouble(point -> point[column]).toArray();
    }
}
