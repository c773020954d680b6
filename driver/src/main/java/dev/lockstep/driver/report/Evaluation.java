package dev.lockstep.driver.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * The evaluation a run ended with, from its {@code evaluation.json}.
 *
 * @param scores of no classes when the file has no confusion matrix
 * @param classes the name of each class of the confusion matrix
 */
record Evaluation(String split, long step, Scores scores, List<String> classes, List<Sample> samples) {
    static final String FILE = "evaluation.json";

    /** No label is beyond: each class below it would get a name. */
    private static final int MOST_CLASSES = 100_000;

    /**
     * One example and what the network made of it.
     *
     * @param probabilities by class
     * @param shape channels, height, width; anything else is not a picture
     * @param values a byte a value, channel by channel, row by row
     */
    record Sample(long index, int label, int predicted, double[] probabilities, int[] shape, byte[] values) {}

    static Evaluation of(JsonNode json) throws IOException {
        long[][] confusion = confusion(json.path("confusion"));
        List<Sample> samples = new ArrayList<>();
        for (JsonNode sample : json.path("samples")) {
            samples.add(sample(sample));
        }
        JsonNode names = json.path("classes");
        int classes = Math.max(
                confusion.length,
                samples.stream()
                        .mapToInt(s -> Math.max(s.label(), s.predicted()) + 1)
                        .max()
                        .orElse(0));
        return new Evaluation(
                json.path("split").asText("test"),
                json.path("step").asLong(),
                new Scores(json.path("loss").asDouble(Double.NaN), confusion),
                IntStream.range(0, classes)
                        .mapToObj(i -> names.path(i).asText(Integer.toString(i)))
                        .toList(),
                samples);
    }

    private static Sample sample(JsonNode json) throws IOException {
        JsonNode values = json.path("values");
        return new Sample(
                json.path("index").asLong(),
                label(json.path("label")),
                label(json.path("predicted")),
                StreamSupport.stream(json.path("probabilities").spliterator(), false)
                        .mapToDouble(JsonNode::asDouble)
                        .toArray(),
                StreamSupport.stream(json.path("shape").spliterator(), false)
                        .mapToInt(JsonNode::asInt)
                        .toArray(),
                values.isTextual() ? values.binaryValue() : new byte[0]);
    }

    private static int label(JsonNode json) {
        int label = json.asInt();
        if (label < 0 || label >= MOST_CLASSES) {
            throw new DataException(FILE + ": is damaged: a sample is said to be of class " + Excerpt.of(json));
        }
        return label;
    }

    /** @return no rows when it is not a square of numbers; memory is taken for what is there alone */
    private static long[][] confusion(JsonNode json) {
        for (JsonNode row : json) {
            if (row.size() != json.size()) {
                return new long[0][0];
            }
        }
        long[][] confusion = new long[json.size()][json.size()];
        for (int i = 0; i < confusion.length; i++) {
            for (int j = 0; j < confusion.length; j++) {
                confusion[i][j] = json.path(i).path(j).asLong();
            }
        }
        return confusion;
    }
}
