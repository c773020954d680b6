package dev.lockstep.worker.loop;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/**
 * What a task gives back that took steps.
 *
 * @param step how many steps of the run are done
 * @param model after them, or some of its elements
 * @param reports of each step; empty where they were told of before
 * @param arithmetic what computed the steps
 * @param diverged why they ended early, or null
 */
@DefaultSerializer(JavaSerializer.class)
public record StepsTaken(long step, ModelState model, List<StepReport> reports, String arithmetic, String diverged)
        implements Serializable {

    public static StepsTaken by(Replica replica, StepLoop.End end, List<StepReport> reports) {
        return new StepsTaken(end.step(), ModelState.of(replica), reports, replica.arithmetic(), end.diverged());
    }

    /** As {@link #by}, without the model: of one that is as good as another's. */
    public static StepsTaken withoutModel(Replica replica, StepLoop.End end) {
        ModelState none = ModelState.of(new float[0], new float[0]);
        return new StepsTaken(end.step(), none, List.of(), replica.arithmetic(), end.diverged());
    }

    /** One of so many parts of the model, in little memory: Spark keeps several copies of a task's result. */
    public StepsTaken part(int place, int parts) {
        return new StepsTaken(step, model.part(place, parts), reports, arithmetic, diverged);
    }

    /** All parts together. */
    public static StepsTaken joined(List<StepsTaken> parts) {
        StepsTaken any = parts.get(0);
        ModelState model =
                ModelState.joined(parts.stream().map(StepsTaken::model).toList());
        return new StepsTaken(any.step, model, any.reports, any.arithmetic, diverged(parts));
    }

    /** Who has computed what is no number knows most of it. */
    private static String diverged(List<StepsTaken> parts) {
        return parts.stream()
                .map(StepsTaken::diverged)
                .filter(Objects::nonNull)
                .max(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
                .orElse(null);
    }

    /** @throws DivergenceException when that ended the steps */
    public void requireConverging() {
        if (diverged != null) {
            throw new DivergenceException(diverged);
        }
    }
}
