package dev.lockstep.driver.state;

import dev.lockstep.worker.reduce.FloatArray;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * All that carries over from one step to the next.
 *
 * @param step optimizer steps done, from 0
 * @param parameters float32 in DL4J's flat order, batch norm's running statistics included
 * @param optimizer the optimizer's state, float32 in DL4J's flat order; empty for plain SGD
 * @param memory what the evaluations so far have led to
 * @param provenance what computed it
 */
public record TrainingState(long step, float[] parameters, float[] optimizer, Memory memory, Provenance provenance) {

    /** A state that remembers nothing and that nobody computed. */
    public TrainingState(long step, float[] parameters, float[] optimizer) {
        this(step, parameters, optimizer, Memory.NOTHING, Provenance.NONE);
    }

    public TrainingState with(Memory other) {
        return new TrainingState(step, parameters, optimizer, other, provenance);
    }

    public TrainingState with(Provenance other) {
        return new TrainingState(step, parameters, optimizer, memory, other);
    }

    /** The same state, for others to go on from in other bits. */
    public TrainingState opened() {
        return with(provenance.opened(step));
    }

    /** The state after more steps, which were computed with this arithmetic. */
    public TrainingState after(long stepsDone, float[] newParameters, float[] newOptimizer, String arithmetic) {
        return new TrainingState(stepsDone, newParameters, newOptimizer, memory, provenance.by(arithmetic));
    }

    /** Of parameters and optimizer state together. */
    public long byteCount() {
        return Float.BYTES * ((long) parameters.length + optimizer.length);
    }

    /** SHA-256 of the parameters as little-endian float32, in hexadecimal. */
    public String parametersSha256() {
        return FloatArray.of(parameters).sha256();
    }

    /** SHA-256 of the optimizer's state as little-endian float32, in hexadecimal. */
    public String optimizerSha256() {
        return FloatArray.of(optimizer).sha256();
    }

    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
