package dev.lockstep.driver.exchange;

import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.Provenance.Fault;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.exchange.Audit;
import dev.lockstep.worker.exchange.Dispute;
import dev.lockstep.worker.exchange.Dispute.Opinion;
import dev.lockstep.worker.exchange.ShardExamples;
import dev.lockstep.worker.loop.ModelState;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.seed.SeedLaw;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when two tasks computed a shard to different bits: the driver computes it, too, names who was wrong, and has
 * that executor replaced. The driver, and not a third executor, because there is always one; it has the model, as the steps
 * up to there are to be taken again anyway.
 */
final class Inquiry {
    private static final Logger LOG = LoggerFactory.getLogger(Inquiry.class);

    private static final Duration DEADLINE = Duration.ofMinutes(30);
    /** So often in a row an inquiry may come to no later step than one before. */
    private static final int MOST = 3;

    private final JavaSparkContext spark;
    private final SeedLaw seeds;
    private final double share;
    private final Steps steps;
    private long furthest = -1;
    private int inVain;

    /** Takes steps again, which nobody is told of. */
    interface Steps {
        /** @return the state after some of them, or the one given when they are to stop */
        TrainingState take(TrainingState from, long toStep);
    }

    /** @param share of the shards that two tasks compute */
    Inquiry(JavaSparkContext spark, SeedLaw seeds, double share, Steps steps) {
        this.spark = spark;
        this.seeds = seeds;
        this.share = share;
        this.steps = steps;
    }

    /**
     * Finds out who was wrong.
     *
     * @param from the state that the disputed gang began with
     * @return the same state, which knows of the fault: to be gone on from
     * @throws IllegalStateException when it is found again and again
     */
    TrainingState into(Dispute dispute, NetworkDefinition network, Segment segment, TrainingState from) {
        inVain = dispute.step() > furthest ? 0 : inVain + 1;
        furthest = Math.max(furthest, dispute.step());
        if (inVain == MOST) {
            throw new IllegalStateException("train.audit: " + dispute + ", after " + MOST
                    + " faults that were no later; a machine cannot be trusted: take it out of the cluster");
        }
        TrainingState state = from;
        while (state.step() < dispute.step()) {
            TrainingState next;
            try {
                next = steps.take(state, dispute.step());
            } catch (DisputedException e) {
                return into(e.dispute(), network, segment, from);
            }
            if (next.step() == state.step()) {
                return from; // they are to stop
            }
            state = next;
        }
        Opinion wrong = wrong(dispute, digest(dispute, network, segment, state));
        String host = wrong == null ? null : wrong.host();
        tell(dispute, wrong, from.step());
        if (wrong != null && !SparkApplication.isOneProcess(spark.master())) {
            spark.sc().killAndReplaceExecutor(wrong.executor());
        }
        return from.with(from.provenance()
                .with(new Fault(dispute.step(), dispute.shard(), wrong == null ? null : wrong.executor(), host)));
    }

    private static Opinion wrong(Dispute dispute, String right) {
        if (dispute.one().digest().equals(right)) {
            return dispute.other();
        }
        return dispute.other().digest().equals(right) ? dispute.one() : null;
    }

    /** What the driver says of the shard; null when it computes other bits than executors do. */
    private String digest(Dispute dispute, NetworkDefinition network, Segment segment, TrainingState state) {
        TrainingTask task =
                segment.task(network, seeds, dispute.step(), segment.rounds().end(dispute.step()));
        PlacedExamples examples = examples(dispute.shard(), task, segment);
        return task.with(() -> ModelState.of(state.parameters(), state.optimizer()), replica -> {
            String arithmetic = state.provenance().arithmetic();
            boolean comparable = arithmetic == null || arithmetic.equals(replica.arithmetic());
            return comparable ? HexFormat.of().formatHex(Audit.digest(task, replica, dispute.shard(), examples)) : null;
        });
    }

    private PlacedExamples examples(int shard, TrainingTask task, Segment segment) {
        TrainingPlacement placement = segment.placement();
        int holder = IntStream.range(0, placement.tasks())
                .filter(any -> placement.shards(any).from() <= shard
                        && shard < placement.shards(any).to())
                .findFirst()
                .orElseThrow();
        long from = task.fromStep();
        long to = task.toStep();
        return Jobs.collect(
                        spark,
                        segment.examples()
                                .mapPartitionsWithIndex(
                                        (partition, placed) -> partition == holder
                                                ? List.of(ShardExamples.of(placement, placed.next(), from, to, shard))
                                                        .iterator()
                                                : Collections.emptyIterator(),
                                        true),
                        "examples of shard " + shard + " for an audit",
                        DEADLINE)
                .get(0);
    }

    private void tell(Dispute dispute, Opinion wrong, long began) {
        String who = wrong == null
                ? "; the driver finds neither right"
                : ": " + wrong.place()
                        + " was wrong, by the driver's own computing; what it computed before was audited for "
                        + 100 * share + " % of the shards only";
        LOG.warn("train.audit: {}{}; steps from {} on are taken again", dispute, who, began);
    }
}
