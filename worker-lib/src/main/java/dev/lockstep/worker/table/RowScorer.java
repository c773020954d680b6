package dev.lockstep.worker.table;

import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.Examination;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.step.Predictor;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;

/**
 * What a model answers to the rows of a table, partition by partition, in the order in which they come. As many rows are
 * computed together as an evaluation takes at once; the last bits of an answer depend on which ones these are.
 *
 * @param encoder makes examples of the rows; what it is not asked for, such as labels, it need not know
 * @param model which the tasks look up
 */
public record RowScorer(RowEncoder encoder, Broadcast<StoredModel> model)
        implements MapPartitionsFunction<Row, RowScorer.Scored> {
    private static final long serialVersionUID = 1L;

    /**
     * A row and what the model says of it.
     *
     * @param outputs {@code [targets]}, finite; of classes and labels probabilities; null where the row is no example
     * @param bad why it is none: which row, which column, what is expected and what is found; null where it is one
     */
    public record Scored(Row row, float[] outputs, String bad) implements Serializable {}

    /**
     * @param rows of one partition; those that are not for the test, by the encoder's marks, are passed over
     * @return computed as they are asked for
     * @throws ModelException from the iterator, when the model answers with what is no number
     */
    @Override
    public Iterator<Scored> call(Iterator<Row> rows) {
        return new Iterator<>() {
            private final Deque<Scored> ready = new ArrayDeque<>();

            @Override
            public boolean hasNext() {
                while (ready.isEmpty() && rows.hasNext()) {
                    ready.addAll(together(rows));
                }
                return !ready.isEmpty();
            }

            @Override
            public Scored next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return ready.poll();
            }
        };
    }

    /** The next rows that are computed together, and the bad ones among them. */
    private List<Scored> together(Iterator<Row> rows) {
        List<Scored> found = new ArrayList<>();
        List<byte[]> examples = new ArrayList<>();
        while (examples.size() < Examination.CHUNK && found.size() < 2 * Examination.CHUNK && rows.hasNext()) {
            Row row = rows.next();
            try {
                byte[] example = encoder.pack(row);
                if (encoder.part(row, example) == RowEncoder.TEST) {
                    examples.add(example);
                    found.add(new Scored(row, null, null));
                }
            } catch (BadRow e) {
                found.add(new Scored(row, null, encoder.message(row, e)));
            }
        }
        if (examples.isEmpty()) {
            return found;
        }
        Iterator<float[]> outputs = answers(examples);
        found.replaceAll(each -> each.bad() == null ? new Scored(each.row(), outputs.next(), null) : each);
        return found;
    }

    private Iterator<float[]> answers(List<byte[]> examples) {
        StoredModel stored = model.value();
        float[][] outputs =
                Predictor.with(stored.configurationJson(), encoder.format(), stored.parameters(), predictor -> predictor
                        .predict(examples)
                        .outputs());
        for (float[] answer : outputs) {
            if (!Answer.isFinite(answer)) {
                throw new ModelException("the model's answers to a row are not all finite numbers; its parameters are,"
                        + " but too large: it diverged while it was trained, or is damaged");
            }
        }
        return List.of(outputs).iterator();
    }
}
