package dev.lockstep.worker.table;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.Vectors;

/**
 * What is made of a network's outputs for a row, in this order of columns.
 *
 * @param columns those that are wanted
 * @param thresholds what each class's output is divided by before the largest is taken; empty where all count alike
 * @param words of the classes; empty where they have none
 */
public record Reply(List<Kind> columns, List<Double> thresholds, List<String> words) implements Serializable {
    /** Below it a probability has no logarithm that says anything. */
    private static final double SMALLEST = Float.MIN_NORMAL;

    /** A column that is added to a row. */
    public enum Kind {
        /** Logarithms of the outputs: what a softmax makes the probabilities of. */
        RAW,
        /** The outputs. */
        PROBABILITY,
        /** The number of the class, as a double. */
        CLASS,
        /** The word of the class. */
        WORD,
        /** The one output. */
        VALUE
    }

    public Reply {
        columns = List.copyOf(columns);
        thresholds = List.copyOf(thresholds);
        words = List.copyOf(words);
    }

    List<Object> of(float[] outputs) {
        List<Object> values = new ArrayList<>();
        for (Kind kind : columns) {
            values.add(value(kind, outputs));
        }
        return values;
    }

    private Object value(Kind kind, float[] outputs) {
        return switch (kind) {
            case RAW -> {
                double[] logarithms = new double[outputs.length];
                for (int i = 0; i < outputs.length; i++) {
                    logarithms[i] = StrictMath.log(Math.max(SMALLEST, outputs[i]));
                }
                yield Vectors.dense(logarithms);
            }
            case PROBABILITY -> {
                double[] probabilities = new double[outputs.length];
                for (int i = 0; i < outputs.length; i++) {
                    probabilities[i] = outputs[i];
                }
                yield Vectors.dense(probabilities);
            }
            case CLASS -> (double) chosen(outputs);
            case WORD -> words.get(chosen(outputs));
            case VALUE -> (double) outputs[0];
        };
    }

    /** As spark.ml's classifiers: a class whose threshold is 0 is taken whenever its probability is not. */
    private int chosen(float[] outputs) {
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < outputs.length; i++) {
            double scaled = thresholds.isEmpty() ? outputs[i] : outputs[i] / thresholds.get(i);
            if (scaled > most) {
                best = i;
                most = scaled;
            }
        }
        return best;
    }
}
