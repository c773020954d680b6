package dev.lockstep.worker.seed;

import java.io.Serializable;

/**
 * Where every random number of a run comes from: a seed is a pure function of (run seed, purpose, epoch, step, unit),
 * where the unit is a shard or an example. Nothing else may seed a generator: no rank, thread, partition or clock.
 *
 * @param runSeed the experiment's seed, any value
 */
public record SeedLaw(long runSeed) implements Serializable {

    /** What a random number is for. The number is part of the law: never change one that has been released. */
    public enum Purpose {
        INITIAL_WEIGHTS(1),
        EPOCH_ORDER(2),
        SAMPLING(3),
        VALIDATION_SPLIT(4),
        DROPOUT(5),
        AUGMENTATION(6),
        BOOTSTRAP(19),
        SEARCH(20),
        AUDIT(21),
        TEACHER_FORCING(22),
        NEGATIVES(23),
        BUCKETS(24),
        EPISODE(30),
        EXAMINATION(31),
        REPLAY(32);

        private final long number;

        Purpose(long number) {
            this.number = number;
        }
    }

    /**
     * The seed for one use.
     *
     * @param epoch from 0; 0 where it does not matter
     * @param step from 0 within the run; 0 where it does not matter
     * @param unit the shard or the example, from 0; 0 where it does not matter
     */
    public long seed(Purpose purpose, long epoch, long step, long unit) {
        long hash = SplitMix64.mix(runSeed);
        hash = SplitMix64.mix(hash ^ purpose.number);
        hash = SplitMix64.mix(hash ^ epoch);
        hash = SplitMix64.mix(hash ^ step);
        return SplitMix64.mix(hash ^ unit);
    }

    /** The seed of something that happens once a run. */
    public long seed(Purpose purpose) {
        return seed(purpose, 0, 0, 0);
    }
}
