package dev.lockstep.worker.table;

import dev.lockstep.worker.model.objective.Largest;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * What is made of a network's outputs for a row, in this order of columns.
 *
 * @param columns those that are wanted
 * @param thresholds what each class's output is divided by before the largest is taken; empty where all count alike
 * @param words of the classes; empty where they have none
 */
public record RowReply(List<Kind> columns, List<Double> thresholds, List<String> words) implements Serializable {
    /** Below it a probability has no logarithm that says anything. */
    private static final double SMALLEST = Float.MIN_NORMAL;

    /** A column that is added to a row. */
    public enum Kind {
        /** Logarithms of the outputs: what a softmax makes the probabilities of. */
        RAW,
        /** The outputs, a vector. */
        PROBABILITY,
        /** The number of the class, as a double. */
        CLASS,
        /** The word of the class. */
        WORD,
        /** The first output, as a double. */
        VALUE,
        /** The outputs, floats in one array. */
        ARRAY,
        /** The same, each float in a column of its own. */
        EACH
    }

    public RowReply {
        columns = List.copyOf(columns);
        thresholds = List.copyOf(thresholds);
        words = List.copyOf(words);
    }

    /** A row's first columns, and behind them these. */
    Row behind(Row row, int kept, float[] outputs) {
        List<Object> values = new ArrayList<>(kept + columns.size());
        for (int i = 0; i < kept; i++) {
            values.add(row.get(i));
        }
        for (Kind kind : columns) {
            switch (kind) {
                case RAW -> values.add(vector(outputs, output -> StrictMath.log(Math.max(SMALLEST, output))));
                case PROBABILITY -> values.add(vector(outputs, output -> output));
                case CLASS -> values.add((double) chosen(outputs));
                case WORD -> values.add(words.get(chosen(outputs)));
                case VALUE -> values.add((double) outputs[0]);
                case ARRAY -> values.add(boxed(outputs));
                case EACH -> values.addAll(List.of(boxed(outputs)));
            }
        }
        return RowFactory.create(values.toArray());
    }

    private static Vector vector(float[] outputs, DoubleUnaryOperator function) {
        double[] values = new double[outputs.length];
        for (int i = 0; i < outputs.length; i++) {
            values[i] = function.applyAsDouble(outputs[i]);
        }
        return Vectors.dense(values);
    }

    private static Float[] boxed(float[] values) {
        Float[] boxed = new Float[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }

    /** As spark.ml's classifiers: a class whose threshold is 0 is taken whenever its probability is not. */
    private int chosen(float[] outputs) {
        if (thresholds.isEmpty()) {
            return Largest.of(outputs);
        }
        int best = 0;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < outputs.length; i++) {
            double scaled = outputs[i] / thresholds.get(i);
            if (scaled > most) {
                best = i;
                most = scaled;
            }
        }
        return best;
    }
}
