package dev.lockstep.worker.exchange;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The examples of one shard in some steps, taken from where they lie.
 *
 * @param byPlace of each step, by the shard's first place
 */
@DefaultSerializer(JavaSerializer.class)
public record ShardExamples(Map<Long, List<byte[]>> byPlace) implements PlacedExamples, Serializable {

    /** @param examples of a task that has the shard */
    public static ShardExamples of(
            TrainingPlacement placement, PlacedExamples examples, long fromStep, long toStep, int shard) {
        Map<Long, List<byte[]>> byPlace = new TreeMap<>();
        for (long step = fromStep; step < toStep; step++) {
            byPlace.put(placement.first(step, shard), new ArrayList<>(placement.shard(examples, step, shard)));
        }
        return new ShardExamples(byPlace);
    }

    @Override
    public List<byte[]> between(long from, long to) {
        return byPlace.get(from);
    }
}
