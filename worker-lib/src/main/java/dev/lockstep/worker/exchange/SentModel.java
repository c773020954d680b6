package dev.lockstep.worker.exchange;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.loop.ModelPiece;
import dev.lockstep.worker.loop.ModelPiece.Of;
import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.IntPredicate;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskKilledException;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.KnownSizeEstimation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model on its way to the tasks of a gang, piece by piece. A task takes those that it needs, and its JVM keeps none that all of
 * its tasks have had: a large model and its optimizer's state would else lie there several times, for as long as the gang is.
 */
public final class SentModel implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(SentModel.class);
    /** Pieces that stay a while: other executors fetch from those who have them, and not all from the driver. */
    private static final int LEFT_TO_OTHERS = 2;

    private final List<Sent> pieces; // which this object forgets one by one

    /** One of them, and where it is. */
    private record Sent(Of of, int at, int length, Broadcast<SentPiece> broadcast) implements Serializable {}

    /** What is broadcast of it. */
    @DefaultSerializer(JavaSerializer.class)
    public record SentPiece(ModelPiece piece) implements Serializable, KnownSizeEstimation {
        private static final long OBJECTS = 128;

        /** Spark's store of blocks would count the array that several pieces are of for each of them. */
        @Override
        public long estimatedSize() {
            return OBJECTS + piece.values().bytes();
        }
    }

    /** Pieces of so many bytes at most. */
    public static List<SentPiece> cut(ModelState model, long bytes) {
        return ModelPiece.cut(model, bytes).stream().map(SentPiece::new).toList();
    }

    /**
     * @param pieces of the whole model
     * @param broadcasts of each of them
     */
    public SentModel(List<SentPiece> pieces, List<Broadcast<SentPiece>> broadcasts) {
        this.pieces = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            ModelPiece piece = pieces.get(i).piece();
            this.pieces.add(new Sent(piece.of(), piece.at(), piece.length(), broadcasts.get(i)));
        }
    }

    /**
     * Makes it the model of a replica, as far as that {@linkplain Replica#keepOptimizerState keeps} it; to be called once.
     *
     * @param last told of each piece when it was had, whether all tasks of this JVM have had it
     */
    void install(Replica replica, IntPredicate last) {
        Deque<Broadcast<SentPiece>> had = new ArrayDeque<>();
        for (int i = 0; i < pieces.size(); i++) {
            Sent sent = pieces.set(i, null);
            if (sent.of() == Of.PARAMETERS) {
                replica.setParameters(value(sent.broadcast()), sent.at());
            } else if (replica.keepsOptimizerState(sent.at(), sent.at() + sent.length())) {
                replica.takeOptimizerState(value(sent.broadcast()), sent.at());
            }
            if (last.test(i)) {
                had.add(sent.broadcast());
            }
            if (had.size() > LEFT_TO_OTHERS) {
                forget(had.remove());
            }
        }
        had.forEach(SentModel::forget);
    }

    /** Asked for by the thread of a task, Spark would hold on to what it has until the task ends. */
    private static float[] value(Broadcast<SentPiece> broadcast) {
        if (broadcast instanceof InJvmBroadcast) {
            return broadcast.value().piece().values().values();
        }
        FutureTask<float[]> reading =
                new FutureTask<>(() -> broadcast.value().piece().values().values());
        start(reading);
        try {
            return reading.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TaskKilledException("interrupted while a model was read");
        }
    }

    /** Deletes what this JVM has of a piece, some time: a gang does not wait for that, and does without it. */
    private static void forget(Broadcast<SentPiece> broadcast) {
        if (!(broadcast instanceof InJvmBroadcast)) {
            long id = broadcast.id();
            start(() -> {
                try {
                    SparkEnv.get().blockManager().removeBroadcast(id, true);
                } catch (RuntimeException e) {
                    LOG.info("a piece of a model stays until its gang has ended: {}", e.toString());
                }
            });
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "piece of a model");
        thread.setDaemon(true);
        thread.start();
    }
}
