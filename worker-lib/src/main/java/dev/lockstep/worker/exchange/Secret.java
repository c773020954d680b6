package dev.lockstep.worker.exchange;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;

/**
 * 256 bits that prove who belongs to a run. They are drawn on the driver, reach tasks inside their closures, and are
 * nowhere else: in no setting, log, page or event log. Not of the seed law, and no number that is trained depends on them.
 */
final class Secret implements Serializable {
    private static final long serialVersionUID = 1L;

    static final int BYTES = 32;

    private final byte[] bytes = new byte[BYTES];

    private Secret() {}

    static Secret random() {
        Secret secret = new Secret();
        new SecureRandom().nextBytes(secret.bytes);
        return secret;
    }

    ByteBuffer writeTo(ByteBuffer message) {
        return message.put(bytes);
    }

    /** Reads the first bytes of a message: whether they are this secret. Takes as long whatever they are. */
    boolean begins(ByteBuffer message) {
        byte[] found = new byte[Math.min(BYTES, message.remaining())];
        message.get(found);
        return MessageDigest.isEqual(bytes, found);
    }

    @Override
    public String toString() {
        return "(a secret)";
    }
}
