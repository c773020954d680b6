package dev.lockstep.worker.table;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What examples are sorted by: bytes whose order, each taken as unsigned, is that of the ids, and of equal ids that of a
 * digest of the example. Their order so depends on nothing but themselves.
 */
final class RowKey {
    /** One for each thread: to find one takes longer than to use it. */
    private static final ThreadLocal<MessageDigest> SHA = ThreadLocal.withInitial(() -> {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    });

    private RowKey() {}

    /**
     * @param part 1 for training, 2 for validation, 3 for the test: examples of a part lie together
     * @param id of the row: a number, a text or bytes; null where the table has none
     * @param digest of the example
     */
    static byte[] of(int part, Object id, byte[] digest) {
        ByteArrayOutputStream key = new ByteArrayOutputStream(64);
        key.write(part);
        if (id != null) {
            key.writeBytes(bytes(id));
        }
        key.writeBytes(digest);
        return key.toByteArray();
    }

    /** SHA-256 of what an example is made of. */
    static byte[] digest(byte[]... parts) {
        MessageDigest sha = SHA.get();
        for (byte[] part : parts) {
            sha.update(part);
        }
        return sha.digest();
    }

    static byte[] bytes(Object id) {
        if (id instanceof Float || id instanceof Double) {
            long bits = Double.doubleToLongBits(((Number) id).doubleValue() + 0.0); // one zero
            return ascending(bits ^ (bits >> 63 & Long.MAX_VALUE));
        }
        if (id instanceof Number number) {
            return ascending(number.longValue());
        }
        byte[] text = id instanceof byte[] bytes ? bytes : String.valueOf(id).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream key = new ByteArrayOutputStream(text.length + 2);
        for (byte each : text) { // a word that begins another one comes before it
            key.write(each);
            if (each == 0) {
                key.write(1);
            }
        }
        key.write(0);
        key.write(0);
        return key.toByteArray();
    }

    /** Unsigned in the order of signed ones. */
    private static byte[] ascending(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value ^ Long.MIN_VALUE).array();
    }
}
