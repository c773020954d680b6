package dev.lockstep.worker.loop;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.reduce.FloatArray;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Some values of a model on their way.
 *
 * @param of which of its two flat vectors they are
 * @param at the place of the first one in it, from 0
 * @param values float32, one behind the other
 */
@DefaultSerializer(JavaSerializer.class)
public record ModelPiece(Of of, int at, FloatArray values) implements Serializable {

    /** What a model is made of. */
    public enum Of {
        PARAMETERS,
        OPTIMIZER
    }

    /** Pieces of so many bytes at most; not copies. */
    public static List<ModelPiece> cut(ModelState model, long bytes) {
        List<ModelPiece> pieces = new ArrayList<>(new ModelPiece(Of.PARAMETERS, 0, model.parameters()).cut(bytes));
        pieces.addAll(new ModelPiece(Of.OPTIMIZER, 0, model.optimizer()).cut(bytes));
        return pieces;
    }

    /** The same of a piece. */
    List<ModelPiece> cut(long bytes) {
        long floats = Math.max(1, bytes / Float.BYTES);
        int parts = (int) ((length() + floats - 1) / floats);
        return IntStream.range(0, parts).mapToObj(place -> part(place, parts)).toList();
    }

    /** One of so many parts; not a copy. */
    private ModelPiece part(int place, int parts) {
        int from = (int) ((long) length() * place / parts);
        return new ModelPiece(of, at + from, values.part(place, parts));
    }

    /** How many values these are. */
    public int length() {
        return (int) (values.bytes() / Float.BYTES);
    }
}
