package dev.lockstep.worker.table;

import dev.lockstep.worker.table.RowScorer.Scored;
import java.io.Serializable;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;

/**
 * Rows as they are written down: their first columns, and behind these what a model says of them.
 *
 * @param kept how many columns stay
 * @param reply what is said
 * @param skips whether a row that is no example is left out; else nothing behind it in its partition is answered: whoever asked
 *     finds it among what was counted, without tasks that fail and are tried again
 * @param counted how many rows were answered and left out
 */
public record RowAnswers(RowScorer scorer, int kept, RowReply reply, boolean skips, Counted counted)
        implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

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
        return reply.behind(scored.row(), kept, scored.outputs());
    }
}
