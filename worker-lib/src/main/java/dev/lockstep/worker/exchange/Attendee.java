package dev.lockstep.worker.exchange;

import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.step.Arithmetic;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a member brings to the meeting of its gang, and learns there of every other, by rank.
 *
 * @param executor Spark's name of its JVM
 * @param host the machine, for messages
 * @param arithmetic what computes there ({@link dev.lockstep.worker.step.Replica#arithmetic()})
 * @param pace of its JVM, in the gang before
 */
record Attendee(String executor, String host, String arithmetic, Pace pace) {

    /** Where it is, for messages. */
    String place() {
        return place(executor, host);
    }

    static String place(String executor, String host) {
        return "executor " + executor + " at " + host;
    }

    byte[] bytes() {
        byte[][] texts = {utf8(executor), utf8(host), utf8(arithmetic)};
        int length = Pace.BYTES;
        for (byte[] text : texts) {
            length += Integer.BYTES + text.length;
        }
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        for (byte[] text : texts) {
            bytes.putInt(text.length).put(text);
        }
        pace.writeTo(bytes);
        return bytes.array();
    }

    static List<Attendee> all(ByteBuffer answer) {
        List<Attendee> all = new ArrayList<>();
        while (answer.hasRemaining()) {
            all.add(read(answer));
        }
        return all;
    }

    static Attendee read(ByteBuffer message) {
        return new Attendee(text(message), text(message), text(message), Pace.read(message));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer message) {
        byte[] text = new byte[message.getInt()];
        message.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /**
     * @param before what computed the steps so far, or null
     * @throws ConfigurationException when not all would compute those bits; the same from every member
     */
    static void requireSameArithmetic(List<Attendee> all, String before) {
        Attendee first = all.get(0);
        for (int rank = 1; rank < all.size(); rank++) {
            Attendee other = all.get(rank);
            if (!other.arithmetic().equals(first.arithmetic())) {
                throw new ConfigurationException("the executors would not compute the same bits: task 0 on "
                        + first.place() + " computes with " + first.arithmetic() + ", task " + rank + " on "
                        + other.place() + " with " + other.arithmetic()
                        + "; choose what all machines have in LOCKSTEP_OPENBLAS_CORE and LOCKSTEP_KERNELS, for the"
                        + " driver and as spark.executorEnv settings");
            }
        }
        Arithmetic.goOn(before, first.arithmetic(), "task 0 on " + first.place());
    }
}
