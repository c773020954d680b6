package dev.lockstep.worker.table;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.table.RowScorer.Scored;
import java.util.Iterator;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;

/**
 * Rows with what a network says of them: each keeps its values, and those of the reply come behind. A row that is no example
 * ends the task.
 *
 * @param scorer asks the network
 * @param reply what is made of its outputs
 */
public record RowReplies(RowScorer scorer, RowReply reply) implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        Iterator<Scored> scored = scorer.call(rows);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return scored.hasNext();
            }

            @Override
            public Row next() {
                return replied(scored.next());
            }
        };
    }

    private Row replied(Scored scored) {
        if (scored.bad() != null) {
            throw new DataException(scored.bad());
        }
        return reply.behind(scored.row(), scored.row().size(), scored.outputs());
    }
}
