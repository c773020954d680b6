package dev.lockstep.worker.table;

import static dev.lockstep.worker.model.CourseNetworks.dense;
import static dev.lockstep.worker.model.CourseNetworks.softmax;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.exchange.InJvmBroadcast;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.step.Predictor;
import dev.lockstep.worker.table.RowEncoder.Mark;
import dev.lockstep.worker.table.RowEncoder.Marks;
import dev.lockstep.worker.table.RowScorer.Scored;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

class RowScorerTest {
    private static final NetworkSpec NETWORK = CourseNetworks.of(Shape.vector(2), List.of(dense(5), softmax(3)));
    private static final ExampleFormat FORMAT = new ExampleFormat(Element.FLOAT, NETWORK.input(), NETWORK.target());
    private static final float[] PARAMETERS = Networks.initialParameters(NETWORK, 7);

    /** The columns {@code x}, {@code y}, {@code id}, {@code test}. */
    private static RowScorer scorer(float[] parameters, Marks marks) {
        List<Column> features = List.of(new Column("x", 0, Column.Kind.NUMBER), new Column("y", 1, Column.Kind.NUMBER));
        return new RowScorer(
                new RowEncoder(features, List.of(), marks, 0, FORMAT),
                new InJvmBroadcast<>(new StoredModel(Networks.stockConfigurationJson(NETWORK), parameters)));
    }

    private static List<Row> rows(int count) {
        List<Row> rows = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            rows.add(RowFactory.create(i / 100.0, i % 7, i, i % 3 == 0));
        }
        return rows;
    }

    private static List<Scored> scored(RowScorer scorer, List<Row> rows) {
        List<Scored> scored = new ArrayList<>();
        scorer.call(rows.iterator()).forEachRemaining(scored::add);
        return scored;
    }

    @Test
    void answersAreThoseOfAnEvaluationInTheOrderOfTheRows() {
        List<Row> rows = rows(620);
        List<Scored> scored = scored(scorer(PARAMETERS, Marks.none(RowEncoder.TEST)), rows);
        assertThat(scored).extracting(Scored::row).isEqualTo(rows);
        List<byte[]> examples = rows.stream()
                .map(row -> FORMAT.pack(new float[] {(float) row.getDouble(0), row.<Long>getAs(1)}, new float[] {0}))
                .toList();
        List<float[]> expected = new ArrayList<>();
        for (int[] chunk : new int[][] {{0, 250}, {250, 500}, {500, 620}}) {
            float[][] outputs =
                    Predictor.with(Networks.stockConfigurationJson(NETWORK), FORMAT, PARAMETERS, predictor -> predictor
                            .predict(examples.subList(chunk[0], chunk[1]))
                            .outputs());
            expected.addAll(Arrays.asList(outputs));
        }
        for (int i = 0; i < rows.size(); i++) {
            assertThat(scored.get(i).outputs()).containsExactly(expected.get(i));
        }
    }

    @Test
    void badRowsStandWhereTheyWereAndSayWhy() {
        List<Row> rows = rows(5);
        rows.set(1, RowFactory.create(null, 1, 1L, true));
        rows.set(3, RowFactory.create(1.0, 2, null, true));
        Marks ids = new Marks(new Mark("id", 2), null, null, null, null, RowEncoder.TEST);
        List<Scored> scored = scored(scorer(PARAMETERS, ids), rows);
        assertThat(scored)
                .extracting(Scored::bad)
                .containsExactly(
                        null,
                        "row with id 1, column 'x': expected a number, found null",
                        null,
                        "column 'id': expected a value, found null",
                        null);
        assertThat(scored).allMatch(each -> (each.outputs() == null) == (each.bad() != null));
    }

    @Test
    void rowsThatAreNotForTheTestArePassedOver() {
        List<Row> rows = rows(1000);
        Marks marked = new Marks(null, null, null, new Mark("test", 3), null, RowEncoder.TRAINING);
        assertThat(scored(scorer(PARAMETERS, marked), rows))
                .extracting(Scored::row)
                .isEqualTo(rows.stream().filter(row -> row.getBoolean(3)).toList());
    }

    /** A stream's rows come one after the other, and so do a file's that is larger than memory. */
    @Test
    void noMoreRowsAreTakenThanAreComputedTogether() {
        Iterator<Row> rows = rows(1000).iterator();
        Iterator<Scored> scored =
                scorer(PARAMETERS, Marks.none(RowEncoder.TEST)).call(rows);
        assertThat(scored.next().row().getLong(2)).isZero();
        assertThat(rows.next().getLong(2)).isEqualTo(250);
    }

    @Test
    void answersThatAreNoNumbersAreRefused() {
        float[] large = PARAMETERS.clone();
        Arrays.fill(large, 3e38f);
        assertThatThrownBy(() -> scored(scorer(large, Marks.none(RowEncoder.TEST)), rows(3)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("not all finite numbers");
    }
}
