package dev.lockstep.ml;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.table.RowReply;
import dev.lockstep.worker.table.RowReply.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a model adds, in order.
 *
 * @param names of what is wanted
 * @param thresholds as {@link RowReply} has them
 * @param words of the classes
 */
record Answers(Map<Kind, String> names, List<Double> thresholds, List<String> words) {

    /** @param wordy whether labels are words, known or not */
    static Answers ofClasses(LockstepClassifierParams params, boolean wordy, List<String> words) {
        Map<Kind, String> names = new LinkedHashMap<>();
        names.put(Kind.RAW, params.getRawPredictionCol());
        names.put(Kind.PROBABILITY, params.getProbabilityCol());
        names.put(Kind.CLASS, params.getPredictionCol());
        if (wordy) {
            names.put(Kind.WORD, params.getPredictedLabelCol());
        }
        names.values().removeIf(String::isEmpty);
        double[] thresholds = params.isDefined(params.thresholds()) ? params.getThresholds() : new double[0];
        return new Answers(names, Arrays.stream(thresholds).boxed().toList(), words);
    }

    static Answers ofValues(LockstepParams params) {
        return new Answers(Map.of(Kind.VALUE, params.getPredictionCol()), List.of(), List.of());
    }

    RowReply reply() {
        return new RowReply(List.copyOf(names.keySet()), thresholds, words);
    }

    /** The one column that a function of SQL gives. */
    RowReply prediction() {
        return new RowReply(List.of(names.containsKey(Kind.VALUE) ? Kind.VALUE : Kind.CLASS), thresholds, words);
    }

    /** @throws DataException when there is a column of such a name */
    static StructType added(StructType schema, Answers answers) {
        StructType all = schema;
        List<String> before = new ArrayList<>(List.of(schema.fieldNames()));
        for (Map.Entry<Kind, String> each : answers.names.entrySet()) {
            if (before.contains(each.getValue())) {
                throw new DataException("column '" + each.getValue()
                        + "' already exists; give what is predicted another name, or drop it");
            }
            before.add(each.getValue());
            boolean nullable = each.getKey() == Kind.WORD;
            all = all.add(each.getValue(), type(each.getKey()), nullable);
        }
        return all;
    }

    private static DataType type(Kind kind) {
        return switch (kind) {
            case RAW, PROBABILITY -> SQLDataTypes.VectorType();
            case CLASS, VALUE -> DataTypes.DoubleType;
            case WORD -> DataTypes.StringType;
            case ARRAY, EACH -> throw new IllegalArgumentException(kind + " is for files");
        };
    }
}
