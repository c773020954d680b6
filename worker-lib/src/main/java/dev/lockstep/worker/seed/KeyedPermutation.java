package dev.lockstep.worker.seed;

import java.io.Serializable;

/**
 * A pseudo-random permutation of {@code [0, size)} that is computed, not stored: every task can ask where one example
 * goes without holding the whole order, so an epoch of any size costs no memory and nothing is sent.
 *
 * <p>A balanced Feistel network over the smallest even number of bits that holds {@code size}, walked until it lands
 * inside (Black, Rogaway: "Ciphers with arbitrary finite domains", 2002: "cycle walking"; fewer than 4 turns on average).
 *
 * @param key chooses the permutation
 * @param size the number of elements, at least 1
 */
public record KeyedPermutation(long key, long size) implements Serializable {
    private static final int ROUNDS = 6;

    public KeyedPermutation {
        if (size < 1) {
            throw new IllegalArgumentException("a permutation needs at least 1 element, found " + size);
        }
    }

    /**
     * The element at a position; over all positions each element comes exactly once.
     *
     * @param position in {@code [0, size)}
     * @throws IndexOutOfBoundsException when it is outside
     */
    public long at(long position) {
        if (position < 0 || position >= size) {
            throw new IndexOutOfBoundsException("position " + position + " of a permutation of " + size);
        }
        int halfBits = halfBits();
        long halfMask = (1L << halfBits) - 1;
        long value = position;
        do {
            long left = value >>> halfBits;
            long right = value & halfMask;
            for (int round = 0; round < ROUNDS; round++) {
                long next = left ^ (mixed(right, round) & halfMask);
                left = right;
                right = next;
            }
            value = (left << halfBits) | right;
        } while (value >= size);
        return value;
    }

    /**
     * The position of an element: the other way round.
     *
     * @param element in {@code [0, size)}
     * @throws IndexOutOfBoundsException when it is outside
     */
    public long positionOf(long element) {
        if (element < 0 || element >= size) {
            throw new IndexOutOfBoundsException("element " + element + " of a permutation of " + size);
        }
        int halfBits = halfBits();
        long halfMask = (1L << halfBits) - 1;
        long value = element;
        do {
            long left = value >>> halfBits;
            long right = value & halfMask;
            for (int round = ROUNDS - 1; round >= 0; round--) {
                long before = right ^ (mixed(left, round) & halfMask);
                right = left;
                left = before;
            }
            value = (left << halfBits) | right;
        } while (value >= size);
        return value;
    }

    private int halfBits() {
        return Math.max(1, (65 - Long.numberOfLeadingZeros(Math.max(1, size - 1))) / 2);
    }

    private long mixed(long half, int round) {
        return SplitMix64.mix(key ^ SplitMix64.mix((half << 3) ^ round));
    }
}
