package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.exchange.SentModel.SentPiece;
import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.ParameterRange;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.TrainableModel.StatePiece;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Elements;
import dev.lockstep.worker.step.Replica;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.IntStream;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag$;

/** 25 parameters, 50 values of optimizer state, in pieces of 5: 0 to 4 are parameters, 5 to 14 are state. */
class SentModelTest {
    private static final int PARAMETERS = 25;

    private final Set<Integer> read = new ConcurrentSkipListSet<>();
    private final Replica replica = new Replica(
            new NetworkSpec(
                    Shape.vector(4),
                    List.of(new Output(5, ActivationFunction.SOFTMAX, LossFunction.CROSS_ENTROPY)),
                    new WeightInit.He(),
                    new Adam(.01, .9, .999, 1e-8),
                    0,
                    0),
            new SeedLaw(1));

    /** Tells who looks. */
    private final class Watched extends Broadcast<SentPiece> {
        private static final long serialVersionUID = 1L;
        private final SentPiece piece;

        Watched(int number, SentPiece piece) {
            super(number, ClassTag$.MODULE$.apply(SentPiece.class));
            this.piece = piece;
        }

        @Override
        public SentPiece getValue() {
            read.add((int) id());
            if (piece == null) {
                throw new IllegalStateException("the driver is gone");
            }
            return piece;
        }

        @Override
        public void doUnpersist(boolean blocking) {}

        @Override
        public void doDestroy(boolean blocking) {}
    }

    private static float[] numbered(int length) {
        float[] values = new float[length];
        IntStream.range(0, length).forEach(i -> values[i] = i + .5f);
        return values;
    }

    private SentModel sent() {
        List<SentPiece> pieces =
                SentModel.cut(ModelState.of(numbered(PARAMETERS), numbered(2 * PARAMETERS)), 5 * Float.BYTES);
        List<Broadcast<SentPiece>> broadcasts = new ArrayList<>();
        pieces.forEach(piece -> broadcasts.add(new Watched(broadcasts.size(), piece)));
        return new SentModel(pieces, broadcasts);
    }

    @Test
    void aTaskTakesWhatItNeedsAndTellsOfEachPiece() {
        List<Integer> had = new ArrayList<>();
        replica.keepOptimizerState(new Stepping(List.of(new ParameterRange(7, 12))));
        sent().install(replica, piece -> {
            had.add(piece);
            return false;
        });
        assertThat(read).containsExactly(0, 1, 2, 3, 4, 6, 7, 11, 12); // two moments, 7 to 11 and 32 to 36
        assertThat(had).isEqualTo(IntStream.range(0, 15).boxed().toList());
        assertThat(replica.parameters()).isEqualTo(numbered(PARAMETERS));
        List<StatePiece> kept = replica.model().keptOptimizerState();
        assertThat(kept).extracting(StatePiece::at).containsExactly(7, PARAMETERS + 7);
        assertThat(kept).allSatisfy(piece -> assertThat(piece.values())
                .isEqualTo(Arrays.copyOfRange(numbered(2 * PARAMETERS), piece.at(), piece.at() + 5)));
    }

    @Test
    void whoStepsAloneTakesAllOfIt() {
        replica.keepOptimizerState(Colleagues.NONE);
        sent().install(replica, piece -> false);
        assertThat(read).hasSize(15);
        assertThat(replica.parameters()).isEqualTo(numbered(PARAMETERS));
        assertThat(replica.optimizerState()).isEqualTo(numbered(2 * PARAMETERS));
    }

    @Test
    void whatSparkSaysOfAPieceThatIsLostIsToldOn() {
        List<SentPiece> pieces =
                SentModel.cut(ModelState.of(numbered(PARAMETERS), new float[0]), PARAMETERS * Float.BYTES);
        SentModel lost = new SentModel(pieces, List.of(new Watched(0, null)));
        assertThatThrownBy(() -> lost.install(replica, piece -> false)).hasMessage("the driver is gone");
    }

    /** One of two who step together. */
    private record Stepping(List<ParameterRange> own) implements Colleagues {
        @Override
        public int size() {
            return 2;
        }

        @Override
        public int place() {
            return 0;
        }

        @Override
        public Elements elements(int place) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void meet(String what) {}
    }
}
