package dev.lockstep.worker.picture;

/** A value of 255ths times a share of 255ths, rounded to the nearest. */
final class Blend {
    private Blend() {}

    /** What is seen of a value of that opacity before black, which is 0: what crops and convolutions put around a picture. */
    static byte onBlack(int value, int alpha) {
        return (byte) (alpha == 255 ? value : (2 * value * alpha + 255) / 510);
    }
}
