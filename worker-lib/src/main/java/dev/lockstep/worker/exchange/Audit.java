package dev.lockstep.worker.exchange;

import dev.lockstep.worker.loop.OwnShards.Shard;
import dev.lockstep.worker.loop.TrainingTask;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.tally.Tally;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/**
 * Which shards are computed twice, by two tasks, so that a processor that computes wrongly, and says nothing, is found
 * out: what a shard gives depends on nothing but the shard, so two that differ in a bit mean a fault.
 *
 * @param share of the shards, in [0, 1]; which ones, the seed law says
 */
public record Audit(SeedLaw seeds, double share) implements Serializable {
    public static final Audit NONE = new Audit(new SeedLaw(0), 0);

    static final int DIGEST_BYTES = 32;

    private static final int CHUNK_VALUES = 1 << 14;

    boolean isNone() {
        return share == 0;
    }

    /** @param step a round's first */
    boolean includes(long step, int shard) {
        return (seeds.seed(Purpose.AUDIT, 0, step, shard) >>> 11) * 0x1p-53 < share;
    }

    /** SHA-256 of all bits that a shard gave; zeros for a shard without examples. */
    public static byte[] digest(PartialSum sum) {
        if (sum == null) {
            return new byte[DIGEST_BYTES];
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            float[] values = sum.gradient();
            ByteBuffer chunk = buffer(CHUNK_VALUES * Float.BYTES);
            for (int from = 0; from < values.length; from += CHUNK_VALUES) {
                int count = Math.min(CHUNK_VALUES, values.length - from);
                chunk.clear().asFloatBuffer().put(values, from, count);
                digest.update(chunk.limit(count * Float.BYTES));
            }
            ByteBuffer tally = buffer(Tally.bytes(sum.tally().sums().length));
            sum.tally().writeTo(tally);
            return digest.digest(Arrays.copyOf(tally.array(), tally.position()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The same of what a shard gives from the model in a replica: for whoever is to say which of two is right.
     *
     * @param steps a round
     */
    public static byte[] digest(TrainingTask steps, Replica replica, int shard, PlacedExamples examples) {
        byte[][] digest = new byte[1][];
        Shard seen = new Shard(shard, examples, sum -> digest[0] = digest(sum), true);
        steps.compute(replica, step -> List.of(seen).iterator(), steps.fromStep());
        return digest[0];
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
