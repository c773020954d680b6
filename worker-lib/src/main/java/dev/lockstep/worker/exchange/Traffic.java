package dev.lockstep.worker.exchange;

import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.util.ArrayList;
import java.util.List;

/**
 * What one executor of a gang sends, receives and adds up in a step: counted from the plan that the gang itself follows.
 * Spark's frame around each message is not counted.
 *
 * @param requests messages with this executor's sums of a slice, each to the slice's owner
 * @param answers messages with the whole sum of a slice that this executor owns, one to each other executor
 * @param bytesSent in requests and answers
 * @param bytesReceived in the others' requests and answers
 * @param additions of two floats
 */
public record Traffic(long requests, long answers, long bytesSent, long bytesReceived, long additions) {
    /** The loss, and the one metric of a classifier. */
    private static final int SUMS = 2;

    private static final long ANSWER_BYTES = Transport.Reply.BYTES + Tally.bytes(SUMS) + 1;

    /**
     * The traffic of each executor of a gang.
     *
     * @param shards of a global batch, at least 1
     * @param executors for each executor the shards of its tasks; together each shard once
     * @param parameters the length of a gradient, at least 1
     */
    public static List<Traffic> of(int shards, List<List<Span>> executors, int parameters) {
        ExchangePlan plan = new ExchangePlan(shards, executors, parameters, SUMS);
        int count = executors.size();
        long[] subtrees = new long[count];
        long allSubtrees = 0;
        for (int executor = 0; executor < count; executor++) {
            subtrees[executor] = plan.subtrees(executor).size();
            allSubtrees += subtrees[executor];
        }
        long[] ownSlices = new long[count];
        long[] ownFloats = new long[count];
        long slices = 0;
        for (ExchangePlan.Slice slice : plan.slices()) {
            ownSlices[slice.owner()]++;
            ownFloats[slice.owner()] += slice.length();
            slices++;
        }
        List<Traffic> traffic = new ArrayList<>();
        for (int executor = 0; executor < count; executor++) {
            long own = ownFloats[executor];
            long others = parameters - own;
            long sums = subtrees[executor];
            long othersSums = allSubtrees - sums;
            long requests = slices - ownSlices[executor];
            long answers = ownSlices[executor] * (count - 1);
            long held = executors.get(executor).stream()
                    .mapToLong(span -> span.to() - span.from())
                    .sum();
            traffic.add(new Traffic(
                    requests,
                    answers,
                    requests * (SliceBuffers.HEADER_BYTES + sums * Tally.bytes(SUMS))
                            + answers * ANSWER_BYTES
                            + Float.BYTES * (sums * others + own * (count - 1)),
                    answers * SliceBuffers.HEADER_BYTES
                            + ownSlices[executor] * othersSums * Tally.bytes(SUMS)
                            + requests * ANSWER_BYTES
                            + Float.BYTES * (othersSums * own + others),
                    (held - sums) * parameters + own * (allSubtrees - 1)));
        }
        return traffic;
    }
}
