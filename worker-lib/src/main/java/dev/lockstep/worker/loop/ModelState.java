package dev.lockstep.worker.loop;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.List;
import java.util.function.Function;

/**
 * A model on its way, or some of its elements.
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

    ModelState part(int place, int parts) {
        return new ModelState(parameters.part(place, parts), optimizer.part(place, parts));
    }

    static ModelState joined(List<ModelState> parts) {
        return of(joined(parts, ModelState::parameters), joined(parts, ModelState::optimizer));
    }

    private static float[] joined(List<ModelState> parts, Function<ModelState, FloatArray> array) {
        return FloatArray.joined(parts.stream().map(array).toList());
    }
}
