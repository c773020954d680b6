package dev.lockstep.worker.table;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.table.RowScorer.Scored;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Rows with what a network says of them: each keeps its values, and those of the reply come behind. A row that is no example
 * ends the task.
 *
 * @param scorer asks the network
 * @param reply what is made of its outputs
 */
public record RowReplies(RowScorer scorer, Reply reply) implements MapPartitionsFunction<Row, Row> {
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
        Row row = scored.row();
        List<Object> values = new ArrayList<>(row.size() + reply.columns().size());
        for (int i = 0; i < row.size(); i++) {
            values.add(row.get(i));
        }
        values.addAll(reply.of(scored.outputs()));
        return RowFactory.create(values.toArray());
    }
}
