package dev.lockstep.worker.plan;

import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.KeyedPermutation;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import dev.lockstep.worker.step.StepId;
import java.io.Serializable;

/**
 * Which example is where in a run: (step, position in the global batch) to example, and position to shard. A pure
 * function of the seed and four numbers, so any task can ask it and nothing needs to be sent.
 *
 * @param examples training examples, at least 1
 * @param batchSize examples a global batch, in [1, examples] unless they are drawn with replacement
 * @param shards contiguous parts of a batch, at least 1
 * @param buckets of what is as long, where batches are of one length; else any
 * @param firstStep the first step of {@code firstEpoch}; there are no steps before it
 * @param firstEpoch the epoch that the plan begins with: above 0 for a network that was trained before
 */
public record BatchPlan(
        SeedLaw seeds,
        long examples,
        int batchSize,
        int shards,
        Sampling sampling,
        Buckets buckets,
        long firstStep,
        int firstEpoch)
        implements Serializable {

    /** A plan whose examples are all as long as each other. */
    public BatchPlan(
            SeedLaw seeds,
            long examples,
            int batchSize,
            int shards,
            Sampling sampling,
            long firstStep,
            int firstEpoch) {
        this(seeds, examples, batchSize, shards, sampling, Buckets.ONE, firstStep, firstEpoch);
    }

    /** A plan from step 0 of epoch 0. */
    public BatchPlan(SeedLaw seeds, long examples, int batchSize, int shards, Sampling sampling) {
        this(seeds, examples, batchSize, shards, sampling, 0, 0);
    }

    public BatchPlan {
        if (examples < 1 || batchSize < 1 || shards < 1) {
            throw new IllegalArgumentException("examples, batch size and shards must be at least 1: " + examples + ", "
                    + batchSize + ", " + shards);
        }
    }

    /** The same plan for examples that are numbered from the shortest to the longest. */
    public BatchPlan with(Buckets lengths) {
        return new BatchPlan(seeds, examples, batchSize, shards, sampling, lengths, firstStep, firstEpoch);
    }

    /** Whether each example has one place in an epoch, and the last batch may be short. */
    boolean takesEachOnce() {
        return sampling == Sampling.EPOCH || sampling == Sampling.BUCKETS;
    }

    public long stepsPerEpoch() {
        return sampling == Sampling.STREAMS
                ? Math.max(1, examples / batchSize)
                : (examples + batchSize - 1) / batchSize;
    }

    /** @param step from 0 within the run */
    public StepId id(long step) {
        return new StepId(step, epoch(step), batchSize(step));
    }

    /** The epoch, from 0, that a step belongs to. */
    public int epoch(long step) {
        return Math.toIntExact(firstEpoch + (step - firstStep) / stepsPerEpoch());
    }

    private long placeInEpoch(long step) {
        return (step - firstStep) % stepsPerEpoch() * batchSize;
    }

    /** The examples of a step's batch: the last one of an epoch may be short. */
    public int batchSize(long step) {
        if (!takesEachOnce()) {
            return batchSize;
        }
        return (int) Math.min(batchSize, examples - placeInEpoch(step));
    }

    /**
     * The example at a position of a step's batch.
     *
     * @param position in [0, {@link #batchSize(long)})
     * @return in [0, examples)
     */
    public long example(long step, int position) {
        int epoch = epoch(step);
        long place = placeInEpoch(step) + position;
        return switch (sampling) {
            case EPOCH -> new KeyedPermutation(seeds.seed(Purpose.EPOCH_ORDER, epoch, 0, 0), examples).at(place);
            case BUCKETS -> buckets.number(seeds, epoch, this, place);
            case WITH_REPLACEMENT ->
                new SplitMix64(seeds.seed(Purpose.SAMPLING, epoch, step, position)).nextLong(examples);
            case STREAMS -> (position * stepsPerEpoch() + (step - firstStep) % stepsPerEpoch()) % examples;
        };
    }

    /**
     * Where an example comes in an epoch that takes each once: step * batch size + position.
     *
     * @param example in [0, examples)
     */
    long place(int epoch, long example) {
        long place = sampling == Sampling.BUCKETS
                ? buckets.place(seeds, epoch, this, example)
                : new KeyedPermutation(seeds.seed(Purpose.EPOCH_ORDER, epoch, 0, 0), examples).positionOf(example);
        long step = firstStep + (epoch - firstEpoch) * stepsPerEpoch() + place / batchSize;
        return step * batchSize + place % batchSize;
    }

    /** The first step of the epoch after a step's. */
    public long nextEpoch(long step) {
        return firstStep + (epoch(step) + 1L - firstEpoch) * stepsPerEpoch();
    }

    /** The first position of a shard in a batch of this many examples; for shard = shards, one past the last position. */
    public int shardStart(int examplesOfBatch, int shard) {
        return (int) ((long) shard * examplesOfBatch / shards);
    }

    /** The shard of a position in a batch of this many examples. */
    public int shardOf(int examplesOfBatch, int position) {
        int shard = (int) ((long) position * shards / examplesOfBatch);
        while (shardStart(examplesOfBatch, shard + 1) <= position) {
            shard++;
        }
        return shard;
    }

    /**
     * The shards of one of several tasks: contiguous, as even as can be.
     *
     * @param task in [0, tasks)
     * @param tasks in [1, shards]
     */
    public Span shardsOfTask(int task, int tasks) {
        return new Span((int) ((long) task * shards / tasks), (int) ((task + 1L) * shards / tasks));
    }
}
