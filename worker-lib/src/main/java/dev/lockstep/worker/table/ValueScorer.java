package dev.lockstep.worker.table;

import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.picture.PictureReader;
import dev.lockstep.worker.table.Column.Kind;
import dev.lockstep.worker.table.RowEncoder.Marks;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;

/**
 * A network as a function of SQL: of the features in one column, of any type that these may have. One row is computed at a
 * time.
 *
 * @param model what is asked
 * @param name of the features, for messages
 * @param pictures what becomes of pictures; null where the network takes none
 * @param encoded whether bytes are encoded pictures, else numbers
 * @param format what the examples are
 * @param reply what is made of the outputs, one column
 */
public record ValueScorer(
        Broadcast<StoredModel> model,
        String name,
        PictureReader pictures,
        boolean encoded,
        ExampleFormat format,
        RowReply reply)
        implements UDF1<Object, Object> {
    private static final long serialVersionUID = 1L;

    @Override
    public Object call(Object features) {
        if (features == null) {
            return null;
        }
        RowEncoder encoder =
                new RowEncoder(List.of(column(features)), List.of(), Marks.none(RowEncoder.TEST), 0, format);
        Iterator<Row> one = List.of(RowFactory.create(features)).iterator();
        return new RowReplies(new RowScorer(encoder, model), reply)
                .call(one)
                .next()
                .get(1);
    }

    private Column column(Object features) {
        if (features instanceof Vector) {
            return new Column(name, 0, Kind.VECTOR);
        }
        if (features instanceof Number || features instanceof Boolean) {
            return new Column(name, 0, Kind.NUMBER);
        }
        if (features instanceof byte[]) {
            return encoded ? new Column(name, 0, Kind.PICTURE, pictures) : new Column(name, 0, Kind.BYTES);
        }
        if (features instanceof Row && pictures != null) {
            return new Column(name, 0, Kind.IMAGE, pictures);
        }
        if (features instanceof Row || features instanceof String) {
            throw new DataException(
                    "'" + name + "': expected a vector, an array, bytes or a picture, found " + Excerpt.of(features));
        }
        return new Column(name, 0, Kind.ARRAY);
    }
}
