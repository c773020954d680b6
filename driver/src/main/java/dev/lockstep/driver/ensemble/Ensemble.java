package dev.lockstep.driver.ensemble;

import dev.lockstep.driver.evaluate.Classifier;
import dev.lockstep.driver.evaluate.Evaluator;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.step.Predictor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Several networks that answer as one. The members' answers are computed by the executors, what is made of them by the
 * driver.
 *
 * @param members at least one, all of them for the same examples and classes
 * @param classes the number of classes
 */
public record Ensemble(List<StoredModel> members, int classes, Combination combination) implements Classifier {

    /** What becomes of the members' answers to one example. */
    public sealed interface Combination {

        /** The mean of the members' probabilities (bagging: Breiman 1996). */
        record Average() implements Combination {}

        /**
         * Each member has a weighted vote for its class; the answer is the shares of the votes (AdaBoost).
         *
         * @param weights of the members, each at least 0, not all 0
         */
        record Vote(List<Double> weights) implements Combination {
            public Vote {
                weights = List.copyOf(weights);
            }
        }

        /**
         * Another network's answer to the members' probabilities (stacking: Wolpert 1992), which it takes as an image of
         * a row for each member and a column for each class, each probability rounded to 1/255.
         */
        record Stack(StoredModel model) implements Combination {}
    }

    /** As many examples go through the network of a stack at once. */
    private static final int CHUNK = 250;

    public Ensemble {
        members = List.copyOf(members);
    }

    @Override
    public Scores evaluate(Evaluator examples, String description) {
        return Scores.of(predict(examples, Long.MAX_VALUE, description), classes);
    }

    @Override
    public List<Answer> predict(Evaluator examples, long limit, String description) {
        List<List<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            answers.add(examples.predict(members.get(i), limit, description + ", member " + (i + 1)));
        }
        return combine(answers);
    }

    /** @param answers of each member, each to the same examples */
    public List<Answer> combine(List<List<Answer>> answers) {
        if (combination instanceof Combination.Stack stack) {
            return stacked(stack.model(), answers);
        }
        List<Answer> combined = new ArrayList<>();
        for (int i = 0; i < answers.get(0).size(); i++) {
            Answer first = answers.get(0).get(i);
            combined.add(first.with(combined(answers, i)));
        }
        return combined;
    }

    private float[] combined(List<List<Answer>> answers, int example) {
        double[] sums = new double[classes];
        double total = 0;
        for (int member = 0; member < answers.size(); member++) {
            Answer answer = answers.get(member).get(example);
            if (combination instanceof Combination.Vote vote) {
                sums[answer.predicted()] += vote.weights().get(member);
                total += vote.weights().get(member);
            } else {
                for (int k = 0; k < classes; k++) {
                    sums[k] += answer.outputs()[k];
                }
                total++;
            }
        }
        float[] shares = new float[classes];
        for (int k = 0; k < classes; k++) {
            shares[k] = (float) (sums[k] / total);
        }
        return shares;
    }

    private List<Answer> stacked(StoredModel model, List<List<Answer>> answers) {
        Shown shown = shown(answers);
        Block images = Block.of(shown.format(), 0, shown.labels(), shown.values());
        return Predictor.with(model.configurationJson(), shown.format(), model.parameters(), predictor -> {
            List<Answer> stacked = new ArrayList<>();
            for (int from = 0; from < images.size(); from += CHUNK) {
                List<byte[]> chunk = IntStream.range(from, Math.min(images.size(), from + CHUNK))
                        .mapToObj(images::packed)
                        .toList();
                float[][] outputs = predictor.predict(chunk).outputs();
                for (int i = 0; i < outputs.length; i++) {
                    Answer first = answers.get(0).get(from + i);
                    stacked.add(first.with(outputs[i]));
                }
            }
            return stacked;
        });
    }

    /**
     * What the network of a stack is shown.
     *
     * @param labels {@code [examples]}
     * @param values {@code [examples][members][classes]}: a row of bytes for each member, its probabilities times 255
     */
    public record Shown(ExampleFormat format, int[] labels, byte[] values) {}

    /** @param answers of each member */
    public static Shown shown(List<List<Answer>> answers) {
        int examples = answers.get(0).size();
        int classes = answers.get(0).get(0).outputs().length;
        int size = answers.size() * classes;
        int[] labels = new int[examples];
        byte[] values = new byte[examples * size];
        for (int i = 0; i < examples; i++) {
            labels[i] = answers.get(0).get(i).label();
            for (int member = 0; member < answers.size(); member++) {
                float[] probabilities = answers.get(member).get(i).outputs();
                for (int k = 0; k < classes; k++) {
                    values[i * size + member * classes + k] = (byte) Math.round(255 * probabilities[k]);
                }
            }
        }
        return new Shown(ExampleFormat.bytes(Shape.vector(size), classes), labels, values);
    }
}
