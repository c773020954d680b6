package dev.lockstep.worker.exchange;

import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepLoop;
import dev.lockstep.worker.loop.StepsTaken;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.settings.JvmSettings;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * What each task of a gang does: it takes all steps, with the shards that become its own when it meets the others.
 *
 * @param parts in which the model comes back
 * @param arithmetic what computed the steps so far, or null
 */
public record GangTask(Gang gang, TrainingTask steps, int parts, String arithmetic) implements Serializable {

    /** For benchmarks: who computes each shard twice, as if its core had half the speed. */
    private static final String SLOW = JvmSettings.slowTask();

    /**
     * Takes the steps; when they fail here, so does the gang, and the driver hears why.
     *
     * @param examples one element
     * @param here where to leave what the member of rank 0 ends with, when the driver is in this JVM: Spark would write it to
     *     disk and read it twice; null when it is not
     * @return from the member of rank 0 what it ends with, in parts by their places; from the others, nothing but how
     *     a training diverged
     */
    public Iterator<Tuple2<Integer, StepsTaken>> run(
            Supplier<ModelState> model,
            Iterator<PlacedExamples> examples,
            Broadcast<AtomicReference<StepsTaken>> here) {
        TaskContext task = TaskContext.get();
        return gang.join(task, member -> {
            PlacedExamples placed = examples.next();
            return steps.with(model, replica -> {
                StepListener listener = task.partitionId() == 0 ? member::report : step -> {};
                OwnShards shards = meet(member, replica, placed);
                if (isSlow(task)) {
                    shards = twice(replica, shards);
                }
                StepLoop.End end = steps.steps(replica, shards, member, listener);
                if (task.partitionId() > 0) { // but of what is no number, who computed it knows more
                    return end.diverged() == null
                            ? List.<Tuple2<Integer, StepsTaken>>of().iterator()
                            : List.of(new Tuple2<>(0, StepsTaken.withoutModel(replica, end)))
                                    .iterator();
                }
                member.flush();
                StepsTaken taken = StepsTaken.by(replica, end, List.of());
                if (here != null) {
                    here.value().set(taken);
                    return List.<Tuple2<Integer, StepsTaken>>of().iterator();
                }
                return IntStream.range(0, parts)
                        .mapToObj(part -> new Tuple2<>(part, taken.part(part, parts)))
                        .iterator();
            });
        });
    }

    private OwnShards meet(Member member, Replica replica, PlacedExamples examples) {
        int sums = 1 + replica.metrics().sums();
        OwnShards shards =
                member.meet(steps.rounds().vectorLength(replica), sums, replica.arithmetic(), arithmetic, examples);
        if (!steps.rounds().average() && replica.sharesSteps()) {
            member.share(replica);
        }
        return shards;
    }

    private static boolean isSlow(TaskContext task) {
        return SLOW.equals(String.valueOf(task.partitionId()))
                || SLOW.equals("executor-" + SparkEnv.get().executorId());
    }

    private OwnShards twice(Replica replica, OwnShards shards) {
        return step -> {
            Iterator<OwnShards.Shard> each = shards.ofRound(step);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                @Override
                public OwnShards.Shard next() {
                    OwnShards.Shard shard = each.next();
                    steps.compute(replica, once -> List.of(shard).iterator(), step)
                            .forEach(replica::recycle);
                    return shard;
                }
            };
        };
    }
}
