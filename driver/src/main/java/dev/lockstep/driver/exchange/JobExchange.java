package dev.lockstep.driver.exchange;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.Releases;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.loop.AllReduce;
import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.loop.PartwiseSum;
import dev.lockstep.worker.loop.PartwiseSum.Share;
import dev.lockstep.worker.loop.PartwiseSum.Told;
import dev.lockstep.worker.loop.StepListener;
import dev.lockstep.worker.loop.StepLoop;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Arithmetic;
import dev.lockstep.worker.step.Replica;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.apache.spark.HashPartitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * One Spark job a round: the driver sends the model, the tasks cut their partial sums into parts and shuffle them, each
 * part is added up along the tree by one task, and the driver puts the parts together and ends the round, by an optimizer
 * step or by taking the average over. So the driver is sent one vector, however many tasks there are. Asks nothing special
 * of the cluster: Spark itself repeats what a lost executor computed.
 */
final class JobExchange implements Exchange {
    private static final Duration STEP_DEADLINE = Duration.ofMinutes(30);

    private final JavaSparkContext spark;
    private final SeedLaw seeds;

    JobExchange(JavaSparkContext spark, SeedLaw seeds) {
        this.spark = spark;
        this.seeds = seeds;
    }

    @Override
    public int tasks(int slots, int shards) {
        return Math.min(slots, shards);
    }

    @Override
    public TrainingState run(
            NetworkDefinition network,
            Segment segment,
            TrainingState state,
            long toStep,
            StepListener listener,
            BooleanSupplier stop) {
        Jobs.requireRoom(spark, state.byteCount());
        return Replica.with(network, seeds, replica -> {
            ModelState.of(state.parameters(), state.optimizer()).install(replica);
            Tasks tasks = new Tasks(network, segment, replica, state, stop);
            StepLoop.End end = new StepLoop(segment.rounds(), tasks, listener)
                    .run(replica, segment.placement().plan(), tasks::begin, state.step(), toStep);
            if (end.diverged() != null) {
                throw new DivergenceException(end.diverged());
            }
            return state.after(end.step(), replica.parameters(), replica.optimizerState(), tasks.arithmetic);
        });
    }

    /** Those that compute the shards of the rounds, for the driver: it finishes the rounds. */
    private final class Tasks implements AllReduce {
        private final NetworkDefinition network;
        private final Segment segment;
        private final Replica replica;
        private final BooleanSupplier stop;
        private String arithmetic;
        private long first;
        private double computing;

        Tasks(NetworkDefinition network, Segment segment, Replica replica, TrainingState state, BooleanSupplier stop) {
            this.network = network;
            this.segment = segment;
            this.replica = replica;
            this.stop = stop;
            this.arithmetic = state.provenance().arithmetic();
        }

        /** The driver computes no shards. */
        List<PartialSum> begin(long step) {
            first = step;
            return List.of();
        }

        @Override
        public PartialSum allReduce(long last, List<PartialSum> none) {
            float[] optimizer =
                    segment.rounds().average() || replica.carriesStates() ? replica.optimizerState() : new float[0];
            TrainingTask task = segment.task(network, seeds, first, last + 1);
            List<PartwiseSum.Part> parts = Jobs.broadcasting(
                    spark, ModelState.of(replica.parameters(), optimizer), model -> parts(task, model));
            computing = 0;
            for (Told told : parts.get(0).told()) {
                arithmetic = Arithmetic.goOn(arithmetic, told.arithmetic(), "task " + told.task());
                computing = Math.max(computing, told.seconds());
            }
            return PartwiseSum.joined(parts);
        }

        private List<PartwiseSum.Part> parts(TrainingTask task, Broadcast<ModelState> model) {
            BatchPlan plan = segment.placement().plan();
            int shards = plan.shards();
            JavaPairRDD<Integer, Share> shares = segment.examples()
                    .mapPartitionsToPair(part -> task.shares(TaskContext.getPartitionId(), model::value, part.next())
                            .map(share -> new Tuple2<>(share.part(), share))
                            .iterator())
                    .partitionBy(new HashPartitioner(segment.placement().tasks()));
            try {
                return Jobs.collect(
                        spark,
                        shares.values().mapPartitions(all -> List.of(PartwiseSum.add(shards, all))
                                .iterator()),
                        "step " + first + " (epoch " + plan.epoch(first) + ")",
                        STEP_DEADLINE);
            } finally {
                Releases.release(shares);
            }
        }

        @Override
        public double computing(double own) {
            return computing;
        }

        @Override
        public boolean stopped() {
            return stop.getAsBoolean();
        }
    }
}
