package dev.lockstep.worker.loop;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.loop.ModelPiece.Of;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A model on its way.
 *
 * @param parameters float32 in the model's flat order
 * @param optimizer the optimizer's state, float32 in the model's flat order; empty where there is none, or nobody who is
 *     sent it takes a step
 */
@DefaultSerializer(JavaSerializer.class)
public record ModelState(FloatArray parameters, FloatArray optimizer) implements Serializable {

    /** @param optimizer empty for none; neither is copied */
    public static ModelState of(float[] parameters, float[] optimizer) {
        return new ModelState(FloatArray.of(parameters), FloatArray.of(optimizer));
    }

    static ModelState of(Replica replica) {
        return of(replica.parameters(), replica.optimizerState());
    }

    /** Makes it the model of a replica, whose optimizer state stays where this one has none. */
    public void install(Replica replica) {
        replica.setParameters(parameters.values());
        if (optimizer.bytes() > 0) {
            replica.setOptimizerState(optimizer.values());
        }
    }

    /**
     * Puts pieces together, in whatever order they come. Those that are copied are empty then.
     *
     * @throws IllegalStateException when one is missing before another, or there twice
     */
    static ModelState joined(List<ModelPiece> pieces) {
        return of(joined(pieces, Of.PARAMETERS), joined(pieces, Of.OPTIMIZER));
    }

    private static float[] joined(List<ModelPiece> pieces, Of of) {
        List<FloatArray> values = new ArrayList<>();
        int at = 0;
        for (ModelPiece piece : pieces.stream()
                .filter(any -> any.of() == of && any.length() > 0)
                .sorted(Comparator.comparingInt(ModelPiece::at))
                .toList()) {
            if (piece.at() != at) {
                throw new IllegalStateException(
                        "a piece of the model (" + of + ") is at " + piece.at() + ", the one before it ends at " + at);
            }
            values.add(piece.values());
            at += piece.length();
        }
        return values.isEmpty() ? new float[0] : FloatArray.joined(values);
    }
}
