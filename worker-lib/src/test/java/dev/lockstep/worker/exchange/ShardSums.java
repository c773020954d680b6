package dev.lockstep.worker.exchange;

import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.ReductionTree;
import dev.lockstep.worker.reduce.RunningSums;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.reduce.TreeSum;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.tally.Tally;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Made-up sums of shards, whose order of addition shows in the bits, and what they come to along the tree. */
final class ShardSums {
    /** Of a tally: the loss and one metric. */
    static final int TALLY = 2;

    private final Schedule schedule;
    private final Map<Long, PartialSum> wholes = new HashMap<>();
    private final Map<Long, SimulatedReplica> replicas = new HashMap<>();

    ShardSums(Schedule schedule) {
        this.schedule = schedule;
    }

    /** A member's examples; those of every third can't be read by others. */
    PlacedExamples examples(int rank) {
        return new PlacedExamples() {
            @Override
            public List<byte[]> between(long from, long to) {
                throw new UnsupportedOperationException("none are read here");
            }

            @Override
            public boolean shared() {
                return rank % 3 < 2;
            }
        };
    }

    /**
     * Of the shards that a member computes, added up as far as they go together.
     *
     * @param computing before each
     */
    List<PartialSum> pieces(long step, OwnShards shards, Runnable computing) {
        RunningSums sums = new RunningSums(new ReductionTree(schedule.shards()), spent -> {});
        shards.ofRound(step).forEachRemaining(shard -> {
            computing.run();
            PartialSum leaf = leaf(step, shard.number());
            shard.witness().accept(leaf);
            if (!shard.again()) {
                sums.add(shard.number(), leaf);
            }
        });
        return sums.all();
    }

    /** Of all shards. */
    PartialSum whole(long step) {
        return wholes.computeIfAbsent(
                step, any -> TreeSum.of(new Span(0, schedule.shards()), shard -> leaf(step, shard)));
    }

    /** What a replica alone has after a step. */
    SimulatedReplica after(long step) {
        return replicas.computeIfAbsent(step, any -> {
            SimulatedReplica replica = new SimulatedReplica(schedule);
            for (long each = 0; each <= step; each++) {
                replica.step(each, whole(each), Colleagues.NONE);
            }
            return replica;
        });
    }

    /** @return null when the shard is empty; never all of a step */
    private PartialSum leaf(long step, int shard) {
        SplittableRandom random = new SplittableRandom(schedule.seed() * 1_000_003 + step * 1_009 + shard);
        boolean empty = random.nextDouble() < schedule.emptyShards();
        if (empty && shard != Math.floorMod(schedule.seed() + step, schedule.shards())) {
            return null;
        }
        float[] gradient = new float[schedule.parameters()];
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = (float) Math.scalb(random.nextDouble() - 0.5, random.nextInt(20));
        }
        int examples = 1 + random.nextInt(9);
        return new PartialSum(
                new Span(shard, shard + 1),
                gradient,
                Tally.of(examples, random.nextDouble(), random.nextDouble(), new double[] {random.nextDouble()}));
    }
}
