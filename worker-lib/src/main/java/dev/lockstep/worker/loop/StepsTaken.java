package dev.lockstep.worker.loop;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What a task gives back that took steps.
 *
 * @param step how many steps of the run are done
 * @param pieces of the model after them
 * @param reports of each step; empty where they were told of before
 * @param arithmetic what computed the steps
 * @param diverged why they ended early, or null
 * @param optimizerSteps how several executors took them; null where there were none
 */
@DefaultSerializer(JavaSerializer.class)
public record StepsTaken(
        long step,
        List<ModelPiece> pieces,
        List<StepReport> reports,
        String arithmetic,
        String diverged,
        OptimizerSteps optimizerSteps)
        implements Serializable {

    /** With the whole model of a replica that takes steps alone. */
    public static StepsTaken alone(Replica replica, StepLoop.End end, List<StepReport> reports) {
        List<ModelPiece> whole = ModelPiece.cut(ModelState.of(replica), Long.MAX_VALUE >> 1);
        return new StepsTaken(end.step(), whole, reports, replica.arithmetic(), end.diverged(), null);
    }

    /** @param pieces of the model, that the others who take these steps do not give back */
    public static StepsTaken together(
            Replica replica, StepLoop.End end, List<ModelPiece> pieces, OptimizerSteps optimizerSteps) {
        return new StepsTaken(end.step(), pieces, List.of(), replica.arithmetic(), end.diverged(), optimizerSteps);
    }

    /** One of so many parts of the model, in little memory: Spark keeps several copies of a task's result. */
    public StepsTaken part(int place, int parts) {
        long bytes = pieces.stream().mapToLong(piece -> piece.values().bytes()).sum();
        List<ModelPiece> all = pieces.stream()
                .flatMap(piece -> piece.cut(1 + bytes / parts).stream())
                .toList();
        List<ModelPiece> some = IntStream.range(0, all.size())
                .filter(i -> i % parts == place)
                .mapToObj(all::get)
                .toList();
        return new StepsTaken(step, some, reports, arithmetic, diverged, optimizerSteps);
    }

    /** What all who took the steps give back, and all parts of it, together. */
    public static StepsTaken joined(List<StepsTaken> parts) {
        StepsTaken any = parts.get(0);
        if (parts.stream().anyMatch(part -> part.step != any.step)) {
            throw new IllegalStateException("tasks of a gang have taken different steps: "
                    + parts.stream().map(StepsTaken::step).distinct().toList());
        }
        List<ModelPiece> pieces =
                parts.stream().flatMap(part -> part.pieces.stream()).toList();
        return new StepsTaken(any.step, pieces, any.reports, any.arithmetic, diverged(parts), any.optimizerSteps);
    }

    /** The model, when all of its pieces are here. They may be empty then. */
    public ModelState model() {
        return ModelState.joined(pieces);
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
