package dev.lockstep.worker.evaluate;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.model.objective.Largest;
import java.io.Serializable;

/**
 * What the network said of one example.
 *
 * @param index the example's number in the set
 * @param example itself, packed as its format says
 * @param target what is right, {@code [targets]}, or {@code [steps][targets]}; of a class, one-hot
 * @param outputs the same; of classes and labels, probabilities
 */
@DefaultSerializer(JavaSerializer.class)
public record Answer(long index, byte[] example, float[] target, float[] outputs) implements Serializable {

    /** Whether all that the network said are numbers; else its parameters are too large, though each is one. */
    public boolean isFinite() {
        return isFinite(outputs);
    }

    /** Whether all of these are numbers. */
    public static boolean isFinite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    /** The class that is right. */
    public int label() {
        return Largest.of(target);
    }

    /** The class with the largest output; the first of them when several are equal. */
    public int predicted() {
        return Largest.of(outputs);
    }

    /** The same example with another answer. */
    public Answer with(float[] other) {
        return new Answer(index, example, target, other);
    }
}
