package dev.lockstep.worker.loop;

import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Which shards a task computes. By the tree, the sum does not depend on it. */
@FunctionalInterface
public interface OwnShards {

    /**
     * One of them.
     *
     * @param number from 0
     * @param examples where its examples are
     * @param witness sees what it gave before that is added up: null for a shard without examples, whose array is used again
     *     otherwise
     * @param again whether another task adds it up: here it is computed for the witness alone
     */
    record Shard(int number, PlacedExamples examples, Consumer<PartialSum> witness, boolean again) {
        private static final Consumer<PartialSum> NOBODY = sum -> {};

        /** One that nobody looks at before it is added up. */
        public Shard(int number, PlacedExamples examples) {
            this(number, examples, NOBODY, false);
        }

        /** Whether what it gave must be there for itself. */
        boolean isWatched() {
            return witness != NOBODY || again;
        }
    }

    /**
     * Those of a round, each told when it is asked for: it may depend on how fast the others are.
     *
     * @param step the round's first
     */
    Iterator<Shard> ofRound(long step);

    /** The same ones in every round. */
    static OwnShards of(Span shards, PlacedExamples examples) {
        return step -> IntStream.range(shards.from(), shards.to())
                .mapToObj(shard -> new Shard(shard, examples))
                .iterator();
    }
}
