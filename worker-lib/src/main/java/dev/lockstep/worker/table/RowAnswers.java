package dev.lockstep.worker.table;

import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.objective.Largest;
import dev.lockstep.worker.table.RowScorer.Scored;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Rows as they are written down: their first columns, and behind these what a model says of them.
 *
 * @param kept how many columns stay
 * @param said what is said, in the order of the columns
 * @param words of the classes, by their numbers; empty where classes have none
 * @param skips whether a row that is no example is left out; else nothing behind it in its partition is answered: whoever asked
 *     finds it among what was counted, without tasks that fail and are tried again
 * @param counted how many rows were answered and left out
 */
public record RowAnswers(
        RowScorer scorer, int kept, List<Said> said, List<String> words, boolean skips, Counted counted)
        implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    /** What can be said of a row. */
    public enum Said {
        /** The number of the likeliest class, else the first value, as a double. */
        PREDICTION,
        /** The word of the likeliest class. */
        WORD,
        /** All that the network says, floats in one array. */
        ARRAY,
        /** The same, each float in a column of its own. */
        EACH
    }

    /**
     * What tasks count while they write; exact where a job ends with them.
     *
     * @param answered rows with an answer
     * @param skipped rows that are no examples
     * @param why such a row is none, the first one of each partition
     */
    public record Counted(LongAccumulator answered, LongAccumulator skipped, CollectionAccumulator<String> why)
            implements Serializable {}

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        Iterator<Scored> scored = scorer.call(rows);
        return new Iterator<>() {
            private boolean told;
            private Scored next = found();

            @Override
            public boolean hasNext() {
                return next != null;
            }

            @Override
            public Row next() {
                if (next == null) {
                    throw new NoSuchElementException();
                }
                Row row = answered(next);
                next = found();
                return row;
            }

            private Scored found() {
                while (scored.hasNext()) {
                    Scored each = scored.next();
                    if (each.bad() == null) {
                        return each;
                    }
                    counted.skipped().add(1);
                    if (!told) {
                        counted.why().add(each.bad());
                        told = true;
                    }
                    if (!skips) {
                        return null;
                    }
                }
                return null;
            }
        };
    }

    private Row answered(Scored scored) {
        counted.answered().add(1);
        float[] outputs = scored.outputs();
        boolean classes = scorer.encoder().format().target().kind() == Target.Kind.CLASS;
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < kept; i++) {
            values.add(scored.row().get(i));
        }
        for (Said each : said) {
            switch (each) {
                case PREDICTION -> values.add(classes ? (double) Largest.of(outputs) : outputs[0]);
                case WORD -> values.add(words.get(Largest.of(outputs)));
                case ARRAY -> values.add(boxed(outputs));
                case EACH -> values.addAll(List.of(boxed(outputs)));
            }
        }
        return RowFactory.create(values.toArray());
    }

    private static Float[] boxed(float[] values) {
        Float[] boxed = new Float[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }
}
