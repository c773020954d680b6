package dev.lockstep.worker.exchange;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How fast an executor computed in a gang, and how the shards of a batch are dealt out by that: to contiguous ranges, as
 * long as executors are fast. By the tree, the sum does not depend on it.
 *
 * @param gang in which it was measured; 0 for none
 * @param speed of all its tasks together, in shards a second of computing
 */
record Pace(long gang, double speed) {
    static final Pace UNKNOWN = new Pace(0, 0);

    static final int BYTES = Long.BYTES + Double.BYTES;

    /** What must be gained for ranges of other lengths: they are not aligned, so that more sums are sent. */
    private static final double WORTH_IT = 0.9;
    /** What an aligned border may cost. */
    private static final double ALIGNED = 1.05;

    void writeTo(ByteBuffer message) {
        message.putLong(gang).putDouble(speed);
    }

    static Pace read(ByteBuffer message) {
        return new Pace(message.getLong(), message.getDouble());
    }

    /**
     * How many shards each executor had better take.
     *
     * @param equal what they take otherwise; together all shards
     * @param tasks of each executor, none of which may be without a shard
     * @param paces of each executor
     * @return empty when not all of them are known of one gang, or little would be gained
     */
    static Optional<int[]> deal(int[] equal, int[] tasks, List<Pace> paces) {
        long gang = paces.get(0).gang();
        if (paces.stream().anyMatch(pace -> pace.gang() != gang || pace.speed() <= 0)) {
            return Optional.empty();
        }
        double[] speeds = paces.stream().mapToDouble(Pace::speed).toArray();
        int[] counts = tasks.clone();
        for (int left = Arrays.stream(equal).sum() - Arrays.stream(tasks).sum(); left > 0; left--) {
            int soonest = 0;
            for (int executor = 1; executor < counts.length; executor++) {
                if ((counts[executor] + 1) / speeds[executor] < (counts[soonest] + 1) / speeds[soonest]) {
                    soonest = executor;
                }
            }
            counts[soonest]++;
        }
        double best = seconds(counts, speeds);
        if (best > WORTH_IT * seconds(equal, speeds)) {
            return Optional.empty();
        }
        align(counts, tasks, speeds, ALIGNED * best);
        return Optional.of(counts);
    }

    /** Moves each border to where the largest subtree ends or begins, as far as nobody takes too long for it. */
    private static void align(int[] counts, int[] tasks, double[] speeds, double limit) {
        int border = 0;
        for (int executor = 0; executor + 1 < counts.length; executor++) {
            border += counts[executor];
            int left = counts[executor];
            int right = counts[executor + 1];
            int low = Math.max(tasks[executor], left + right - (int) (limit * speeds[executor + 1]));
            int high = Math.min(left + right - tasks[executor + 1], (int) (limit * speeds[executor]));
            int best = left;
            for (int count = low; count <= high; count++) {
                if (aligned(border - left + count) > aligned(border - left + best)) {
                    best = count;
                }
            }
            border += best - left;
            counts[executor] = best;
            counts[executor + 1] = left + right - best;
        }
    }

    private static int aligned(int border) {
        return Integer.numberOfTrailingZeros(border);
    }

    /** What the slowest takes for a step. */
    private static double seconds(int[] counts, double[] speeds) {
        return IntStream.range(0, counts.length)
                .mapToDouble(executor -> counts[executor] / speeds[executor])
                .max()
                .orElseThrow();
    }
}
