package dev.lockstep.worker.picture;

import dev.lockstep.worker.picture.PngHeader.Pass;
import java.util.Arrays;

/**
 * The pixels of a PNG, brought to a byte a sample row by row, what is transparent before black.
 *
 * @param unpacked rows without their filters
 * @param seen the palette's colours as they are seen, or nothing
 * @param clear the sample, one a channel, whose pixels are transparent; or nothing
 */
record PngPixels(PngHeader header, byte[] unpacked, byte[] seen, int[] clear) implements Pixels {

    static PngPixels of(PngHeader header, byte[] unpacked, byte[] palette, byte[] transparency) {
        if (header.hasPalette()) {
            byte[] seen = new byte[palette.length];
            for (int i = 0; i < palette.length; i++) {
                int alpha = i / 3 < transparency.length ? transparency[i / 3] & 0xff : 255;
                seen[i] = Blend.onBlack(palette[i] & 0xff, alpha);
            }
            return new PngPixels(header, unpacked, seen, new int[0]);
        }
        int[] clear = new int[header.channels() % 2 == 1 ? transparency.length / 2 : 0];
        for (int i = 0; i < clear.length; i++) {
            clear[i] = (transparency[2 * i] & 0xff) << 8 | transparency[2 * i + 1] & 0xff;
        }
        return new PngPixels(header, unpacked, new byte[0], clear);
    }

    @Override
    public int width() {
        return header.width();
    }

    @Override
    public int height() {
        return header.height();
    }

    @Override
    public int channels() {
        return header.hasPalette() || header.channels() > 2 ? 3 : 1;
    }

    @Override
    public void row(int y, byte[] into) {
        for (Pass pass : header.passes()) {
            if (pass.hasRow(y)) {
                row(pass, pass.row((y - pass.top()) / pass.down()), into);
            }
        }
    }

    private void row(Pass pass, int from, byte[] into) {
        int channels = channels();
        if (header.depth() == 8 && header.channels() == channels && clear.length == 0 && pass.across() == 1) {
            System.arraycopy(unpacked, from, into, 0, pass.bytes());
            return;
        }
        int[] samples = new int[header.channels()];
        for (int column = 0; column < pass.columns(); column++) {
            for (int i = 0; i < samples.length; i++) {
                samples[i] = sample(from, column * samples.length + i);
            }
            int at = (pass.left() + column * pass.across()) * channels;
            if (header.hasPalette()) {
                if (3 * samples[0] >= seen.length) {
                    throw new BadPicture(
                            "a pixel has colour %d of a palette of %d, which begins at 0", samples[0], seen.length / 3);
                }
                System.arraycopy(seen, 3 * samples[0], into, at, 3);
                continue;
            }
            int alpha = Arrays.equals(samples, clear) ? 0 : samples.length > channels ? toByte(samples[channels]) : 255;
            for (int i = 0; i < channels; i++) {
                into[at + i] = Blend.onBlack(toByte(samples[i]), alpha);
            }
        }
    }

    private int sample(int from, int index) {
        int depth = header.depth();
        if (depth == 8) {
            return unpacked[from + index] & 0xff;
        }
        if (depth == 16) {
            return (unpacked[from + 2 * index] & 0xff) << 8 | unpacked[from + 2 * index + 1] & 0xff;
        }
        int bit = index * depth;
        return unpacked[from + bit / 8] >> (8 - depth - bit % 8) & (1 << depth) - 1;
    }

    /** The nearest share of 255 to a share of all that a sample's bits can say. */
    private int toByte(int sample) {
        if (header.depth() == 8) {
            return sample;
        }
        int most = (1 << header.depth()) - 1;
        return (2 * 255 * sample + most) / (2 * most);
    }
}
