package dev.lockstep.worker.exchange;

import dev.lockstep.worker.loop.ModelPiece;
import dev.lockstep.worker.loop.ModelPiece.Of;
import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepLoop;
import dev.lockstep.worker.loop.StepsTaken;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.model.TrainableModel.StatePiece;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.settings.JvmSettings;
import dev.lockstep.worker.step.Replica;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
     * @param here where to leave what this member gives back, by its rank, when the driver is in this JVM: Spark would write it
     *     to disk and read it twice; null when it is not
     * @return what this member gives back, in parts by their places: the member of rank 0 the parameters, and each what it alone
     *     knows of the optimizer's state; and how a training diverged
     */
    public Iterator<Tuple2<Integer, StepsTaken>> run(
            SentModel model, Iterator<PlacedExamples> examples, Broadcast<Map<Integer, StepsTaken>> here) {
        TaskContext task = TaskContext.get();
        return gang.join(task, member -> {
            PlacedExamples placed = examples.next();
            return steps.with(replica -> {
                StepListener listener = task.partitionId() == 0 ? member::report : step -> {};
                OwnShards shards = meet(member, replica, placed, model);
                if (isSlow(task)) {
                    shards = twice(replica, shards);
                }
                StepLoop.End end = steps.steps(replica, shards, member, listener);
                List<ModelPiece> pieces = pieces(replica, member, task.partitionId() == 0);
                if (pieces.isEmpty() && end.diverged() == null) {
                    return List.<Tuple2<Integer, StepsTaken>>of().iterator();
                }
                member.flush();
                StepsTaken taken = StepsTaken.together(replica, end, pieces, member.optimizerSteps());
                if (here != null) {
                    here.value().put(task.partitionId(), taken);
                    return List.<Tuple2<Integer, StepsTaken>>of().iterator();
                }
                return IntStream.range(0, parts)
                        .mapToObj(part -> new Tuple2<>(part, taken.part(part, parts)))
                        .iterator();
            });
        });
    }

    private static List<ModelPiece> pieces(Replica replica, Member member, boolean first) {
        List<ModelPiece> pieces = new ArrayList<>();
        if (first) {
            pieces.add(new ModelPiece(Of.PARAMETERS, 0, FloatArray.of(replica.parameters())));
            pieces.add(piece(replica.carriedStates()));
        }
        if (member.givesBack()) {
            replica.model().keptOptimizerState().forEach(state -> pieces.add(piece(state)));
        }
        return pieces;
    }

    private static ModelPiece piece(StatePiece state) {
        return new ModelPiece(Of.OPTIMIZER, state.at(), FloatArray.of(state.values()));
    }

    private OwnShards meet(Member member, Replica replica, PlacedExamples examples, SentModel model) {
        int sums = 1 + replica.metrics().sums();
        boolean shared = !steps.rounds().average() && replica.sharesSteps();
        return member.meet(
                steps.rounds().vectorLength(replica),
                sums,
                replica.arithmetic(),
                arithmetic,
                examples,
                shared ? replica.elements() : null,
                (colleagues, last) -> {
                    replica.keepOptimizerState(colleagues);
                    model.install(replica, last);
                });
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
