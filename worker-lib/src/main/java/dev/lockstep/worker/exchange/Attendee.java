package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Address;
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
 * @param arithmetic what computes there ({@link dev.lockstep.worker.step.Replica#arithmetic()})
 */
record Attendee(Address address, String arithmetic) {

    byte[] bytes() {
        byte[] host = address.host().getBytes(StandardCharsets.UTF_8);
        byte[] name = arithmetic.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(3 * Integer.BYTES + host.length + name.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(address.port())
                .putInt(host.length)
                .put(host)
                .putInt(name.length)
                .put(name)
                .array();
    }

    static List<Attendee> all(ByteBuffer answer) {
        List<Attendee> all = new ArrayList<>();
        while (answer.hasRemaining()) {
            int port = answer.getInt();
            String host = text(answer);
            all.add(new Attendee(new Address(host, port), text(answer)));
        }
        return all;
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
                        + first.address() + " computes with " + first.arithmetic() + ", task " + rank + " on "
                        + other.address() + " with " + other.arithmetic()
                        + "; choose what all machines have in LOCKSTEP_OPENBLAS_CORE and LOCKSTEP_KERNELS, for the"
                        + " driver and as spark.executorEnv settings");
            }
        }
        Arithmetic.goOn(before, first.arithmetic(), "task 0 on " + first.address());
    }
}
