package dev.lockstep.driver.source;

import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.table.RowAnswers;
import dev.lockstep.worker.table.RowAnswers.Counted;
import dev.lockstep.worker.table.RowEncoder;
import dev.lockstep.worker.table.RowReply;
import dev.lockstep.worker.table.RowReply.Kind;
import dev.lockstep.worker.table.RowScorer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.UserDefinedType;

/**
 * The test rows of a table, to be answered by a model: where they are, as they are read, whatever their order.
 *
 * @param name of the table, as messages call it
 * @param rows with the columns that are asked for
 * @param kept how many of these, the first ones, say which row it is
 * @param encoder makes examples of them
 * @param words of the classes, by their numbers; empty where classes have none
 * @param skips whether a row that is no example is left out
 */
public record TableAnswers(
        String name, Dataset<Row> rows, int kept, RowEncoder encoder, List<String> words, boolean skips) {

    /**
     * The rows' own columns and {@code prediction}, a double, of classes and of a single value; {@code predictedLabel} of
     * classes with words; {@code probability} of classes and labels, {@code values} of several values: an array, or where
     * none can be, columns {@code p0}, {@code p1}, ... or {@code y0}, {@code y1}, ...
     *
     * @param model that the tasks look up
     * @param flat whether there can be no arrays
     * @param writer has all of them computed
     * @throws DataException when the table has a column that is called like one of these, or it cannot be read
     */
    public void write(
            Broadcast<StoredModel> model,
            Objective objective,
            boolean flat,
            Counted counted,
            Consumer<Dataset<Row>> writer) {
        TableSource.reading(name, () -> {
            writer.accept(answered(model, objective, flat, counted));
            return null;
        });
    }

    private Dataset<Row> answered(Broadcast<StoredModel> model, Objective objective, boolean flat, Counted counted) {
        Target target = encoder.format().target();
        StructField[] own = rows.schema().fields();
        StructType schema = new StructType();
        for (int i = 0; i < kept; i++) {
            schema = schema.add(own[i]);
            if (flat && hasParts(own[i].dataType())) {
                throw new DataException(
                        name + ": column '" + Excerpt.of(own[i].name()) + "' is of type "
                                + Excerpt.of(own[i].dataType().simpleString())
                                + ", which has no place in a CSV; take parquet or jsonl (--format), or a model with data.columns.id");
            }
        }
        List<Kind> said = new ArrayList<>();
        if (objective == Objective.CLASSIFICATION || objective == Objective.REGRESSION && target.values() == 1) {
            said.add(objective == Objective.CLASSIFICATION ? Kind.CLASS : Kind.VALUE);
            schema = schema.add("prediction", DataTypes.DoubleType, false);
        }
        if (!words.isEmpty()) {
            said.add(Kind.WORD);
            schema = schema.add("predictedLabel", DataTypes.StringType, false);
        }
        if (objective != Objective.REGRESSION || target.values() > 1) {
            said.add(flat ? Kind.EACH : Kind.ARRAY);
            schema = outputs(schema, objective == Objective.REGRESSION, flat, target.values());
        }
        refuseTwice(schema);
        RowScorer scorer = new RowScorer(encoder, model);
        return rows.mapPartitions(
                new RowAnswers(scorer, kept, new RowReply(said, List.of(), words), skips, counted),
                Encoders.row(schema));
    }

    private static boolean hasParts(DataType type) {
        return type instanceof ArrayType
                || type instanceof MapType
                || type instanceof StructType
                || type instanceof UserDefinedType<?>
                || type instanceof BinaryType;
    }

    private static StructType outputs(StructType before, boolean values, boolean flat, int count) {
        if (!flat) {
            return before.add(
                    values ? "values" : "probability", DataTypes.createArrayType(DataTypes.FloatType, false), false);
        }
        StructType schema = before;
        for (int i = 0; i < count; i++) {
            schema = schema.add((values ? "y" : "p") + i, DataTypes.FloatType, false);
        }
        return schema;
    }

    private void refuseTwice(StructType schema) {
        StructField[] fields = schema.fields();
        for (int i = 0; i < kept; i++) {
            for (int j = kept; j < fields.length; j++) {
                if (fields[i].name().equalsIgnoreCase(fields[j].name())) {
                    throw new DataException(name + " has a column '" + Excerpt.of(fields[i].name())
                            + "' already, which is what an answer is called; rename it");
                }
            }
        }
    }
}
