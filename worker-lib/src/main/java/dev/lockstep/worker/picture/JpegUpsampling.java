package dev.lockstep.worker.picture;

import java.util.Arrays;

/**
 * Brings a row of a component to the picture's width and height. Where it has half of either, a sample is 3/4 of the nearest
 * and 1/4 of the next nearest along each axis, as libjpeg's "fancy upsampling" has it, its rounding included; else samples
 * are repeated.
 */
final class JpegUpsampling {
    private JpegUpsampling() {}

    /**
     * @param across how many of the picture's pixels a sample stands for across
     * @param y the picture's row
     */
    static void row(JpegComponent component, int across, int down, int y, byte[] into) {
        byte[] samples = component.samples;
        int near = y / down * component.stride;
        int width = component.width;
        if (down == 2 && (across == 1 || across == 2 && width > 2)) {
            int next = y % 2 == 0 ? Math.max(0, y / 2 - 1) : Math.min(component.height - 1, y / 2 + 1);
            int far = next * component.stride;
            if (across == 1) {
                int bias = 1 + y % 2;
                for (int x = 0; x < width; x++) {
                    into[x] = (byte) ((mixed(samples, near, far, x) + bias) >> 2);
                }
            } else {
                both(samples, near, far, width, into);
            }
        } else if (down == 1 && across == 2 && width > 2) {
            across(samples, near, width, into);
        } else if (across == 1) {
            System.arraycopy(samples, near, into, 0, width);
        } else {
            for (int x = 0; x < width; x++) {
                Arrays.fill(into, x * across, (x + 1) * across, samples[near + x]);
            }
        }
    }

    private static int mixed(byte[] samples, int near, int far, int x) {
        return 3 * (samples[near + x] & 0xff) + (samples[far + x] & 0xff);
    }

    private static void both(byte[] samples, int near, int far, int width, byte[] into) {
        int here = mixed(samples, near, far, 0);
        int before = here;
        for (int x = 0; x < width; x++) {
            int after = x + 1 < width ? mixed(samples, near, far, x + 1) : here;
            into[2 * x] = (byte) ((3 * here + before + 8) >> 4);
            into[2 * x + 1] = (byte) ((3 * here + after + 7) >> 4);
            before = here;
            here = after;
        }
    }

    private static void across(byte[] samples, int from, int width, byte[] into) {
        for (int x = 0; x < width; x++) {
            int here = 3 * (samples[from + x] & 0xff);
            int before = samples[from + Math.max(0, x - 1)] & 0xff;
            int after = samples[from + Math.min(width - 1, x + 1)] & 0xff;
            into[2 * x] = (byte) ((here + before + 1) >> 2);
            into[2 * x + 1] = (byte) ((here + after + 2) >> 2);
        }
    }
}
