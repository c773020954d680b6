package dev.lockstep.worker.tally;

import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * What some examples have shown, added up.
 *
 * @param examples how many there are, at least 1
 * @param weight of all of them together: where none is said, as many as they are
 * @param sums over the examples: of their losses, each times its weight, then those of each metric, in an order that a run
 *     does not change; not to be changed
 */
public record Tally(int examples, double weight, double[] sums) implements Serializable {
    private static final int LOSS = 0;

    /** @param metrics the sums of the metrics alone */
    public static Tally of(int examples, double weight, double lossSum, double[] metrics) {
        double[] sums = new double[1 + metrics.length];
        sums[LOSS] = lossSum;
        System.arraycopy(metrics, 0, sums, 1, metrics.length);
        return new Tally(examples, weight, sums);
    }

    /** This + right, sum by sum, in this order. */
    public Tally plus(Tally right) {
        double[] all = sums.clone();
        for (int i = 0; i < all.length; i++) {
            all[i] += right.sums[i];
        }
        return new Tally(examples + right.examples, weight + right.weight, all);
    }

    public double lossSum() {
        return sums[LOSS];
    }

    /** The sums of the metrics alone. */
    public double[] metrics() {
        return java.util.Arrays.copyOfRange(sums, 1, sums.length);
    }

    /** The bytes that a tally of so many sums takes in a message. */
    public static int bytes(int sums) {
        return Integer.BYTES + Double.BYTES + sums * Double.BYTES;
    }

    public void writeTo(ByteBuffer message) {
        message.putInt(examples).putDouble(weight);
        for (double sum : sums) {
            message.putDouble(sum);
        }
    }

    /** @param count how many sums there are */
    public static Tally read(ByteBuffer message, int count) {
        int examples = message.getInt();
        double weight = message.getDouble();
        double[] sums = new double[count];
        for (int i = 0; i < count; i++) {
            sums[i] = message.getDouble();
        }
        return new Tally(examples, weight, sums);
    }
}
