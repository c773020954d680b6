package dev.lockstep.worker.step;

import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.seed.SplitMix64;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What computes somewhere, as far as it is part of the bits, as a text: whose layers, OpenBLAS's kernels, and a digest of a
 * sample gradient of the network itself, in which the processor's instructions, oneDNN's choice among them, the C
 * library and the JDK have their part too.
 */
public final class Arithmetic {
    private static final int DIGITS = 16;
    /** Of a sample sequence whose every step is told. */
    private static final int STEPS = 3;

    private static final int PIECE = 1 << 18;

    private Arithmetic() {}

    /**
     * Checks that steps can go on where others ended.
     *
     * @param before what computed those, or null when there are none
     * @param here what would compute the next ones
     * @param who would
     * @return {@code here}
     * @throws ConfigurationException when the bits would be of neither
     */
    public static String goOn(String before, String here, String who) {
        if (before != null && !before.equals(here)) {
            throw new ConfigurationException("the steps so far were computed with " + before + ", but " + who
                    + " computes with " + here + ": other bits; go on where they were computed, or with the same"
                    + " LOCKSTEP_KERNELS and LOCKSTEP_OPENBLAS_CORE, or with --other-kernels in bits of neither");
        }
        return here;
    }

    /** Of a replica, whose parameters change. */
    static String of(Replica replica, NetworkDefinition definition) {
        replica.setSampleParameters();
        List<byte[]> examples = List.of(sample(definition, 1), sample(definition, 2));
        var gradient = replica.gradient(new StepId(0, 0, examples.size()), 0, examples);
        String digest = digest(gradient.gradient());
        replica.recycle(gradient);
        return Dl4jModel.kernelsHere() + ", sample gradient " + digest;
    }

    private static String digest(float[] values) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            ByteBuffer piece = ByteBuffer.allocate(PIECE * Float.BYTES);
            for (int from = 0, count; from < values.length; from += count) {
                count = Math.min(PIECE, values.length - from);
                for (int i = from; i < from + count; i++) {
                    piece.putInt(Float.floatToIntBits(values[i])); // there are many ways to be not a number
                }
                sha.update(piece.flip());
                piece.clear();
            }
            return HexFormat.of().formatHex(sha.digest()).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** An example as {@link dev.lockstep.worker.data.Block#packed} makes it, of values from 0 to 1. */
    static byte[] sample(NetworkDefinition definition, long seed) {
        SplitMix64 random = new SplitMix64(seed);
        ExampleFormat format = definition.format();
        int values = definition.input().size();
        int label = (int) random.nextLong(definition.classes());
        if (format.element() == ExampleFormat.Element.BYTE) {
            byte[] bytes = new byte[values];
            for (int i = 0; i < values; i++) {
                bytes[i] = (byte) random.nextLong();
            }
            return format.pack(label, bytes, 0);
        }
        int steps = format.target().everyStep() ? STEPS : 1;
        float[] floats = new float[values * steps];
        int tokens = definition.tokens();
        for (int i = 0; i < floats.length; i++) {
            floats[i] = tokens > 0 ? random.nextLong(tokens) : (float) random.nextDouble();
        }
        boolean classes = format.target().kind() == ExampleFormat.Target.Kind.CLASS;
        boolean acts = definition.reinforcement() != null;
        int targets = acts ? format.target().values() : definition.classes();
        float[] target = new float[steps * (classes && steps > 1 ? 1 : targets)];
        target[acts || classes && steps > 1 ? 0 : label] = 1;
        return format.pack(floats, target);
    }
}
