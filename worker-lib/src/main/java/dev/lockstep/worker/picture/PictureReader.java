package dev.lockstep.worker.picture;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.Shape;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Makes examples of pictures: of any size in, of one size out, grey or colours, the same bytes on every machine.
 *
 * <ul>
 *   <li>PNG: every depth, palette and interlacing. Of 16 bits the nearest of 8 is taken. Gamma and colour profiles are
 *       passed over.
 *   <li>JPEG: baseline, extended and progressive, of 8 bits; grey, YCbCr, RGB, CMYK and YCCK, which as usual is taken for
 *       inverted. Decoded as libjpeg-turbo does by default, to the bit. One that is cut short is refused.
 *   <li>Where it is transparent black is seen. EXIF's orientation is obeyed, after the change of size.
 *   <li>Grey is (19595 red + 38470 green + 7471 blue) / 65536, rounded, before the change of size.
 * </ul>
 *
 * @param shape channels (1 for grey, 3 for red, green and blue), height and width of an example
 * @param fit how a picture of another shape is brought to this one
 */
public record PictureReader(Shape shape, Fit fit) implements Serializable {

    /** How a picture comes to the shape of an example. */
    public enum Fit {
        /** The largest part of that shape, from its middle. */
        CROP,
        /** All of it, narrower or wider than it was. */
        STRETCH
    }

    /** Whoever has no PNG or JPEG is told what they have. */
    private enum Other {
        GIF("47494638"),
        BMP("424d"),
        TIFF("49492a00"),
        BIG_ENDIAN_TIFF("4d4d002a"),
        RIFF("52494646"),
        JPEG_2000("0000000c6a5020"),
        PDF("25504446"),
        GZIP("1f8b");

        private final byte[] start;

        Other(String start) {
            this.start = HexFormat.of().parseHex(start);
        }
    }

    private static final int TOLD = 8;

    public PictureReader {
        if (!gives(shape)) {
            throw new IllegalArgumentException("pictures have 1 or 3 channels, a height and a width, found " + shape);
        }
    }

    /** Whether pictures can come in this shape. */
    public static boolean gives(Shape shape) {
        return shape.isImage() && (shape.channels() == 1 || shape.channels() == 3);
    }

    /**
     * Decodes a PNG or JPEG.
     *
     * @param name what messages call the picture
     * @return {@code [channels][height][width]}, an unsigned byte each
     * @throws DataException when it is none, or damaged, or has more than 100 million pixels
     */
    public byte[] decode(String name, byte[] encoded) {
        return read(name, () -> {
            if (Png.isOne(encoded)) {
                return Png.decode(encoded);
            }
            if (Jpeg.isOne(encoded)) {
                return Jpeg.decode(encoded);
            }
            throw new BadPicture("it is no PNG or JPEG: found %s", kind(encoded));
        });
    }

    /**
     * Takes a row of Spark's {@code image} column.
     *
     * @param name what messages call the picture
     * @param channels 1, 3 or 4: grey; blue, green, red; and alpha
     * @param mode OpenCV's type: 0, 16 or 24
     * @param data {@code [height][width][channels]}
     * @return {@code [channels][height][width]}, an unsigned byte each
     * @throws DataException when the sizes do not fit
     */
    public byte[] ofPixels(String name, int height, int width, int channels, int mode, byte[] data) {
        return read(
                name, () -> new DecodedPicture(RawPixels.of(height, width, channels, mode, data), Orientation.UPRIGHT));
    }

    private byte[] read(String name, Supplier<DecodedPicture> decoding) {
        try {
            DecodedPicture picture = decoding.get();
            Orientation orientation = picture.orientation();
            Pixels pixels = picture.pixels();
            int height = orientation.swapped() ? shape.width() : shape.height();
            int width = orientation.swapped() ? shape.height() : shape.width();
            Resampler.Box box =
                    fit == Fit.CROP ? Resampler.Box.middle(pixels, width, height) : Resampler.Box.all(pixels);
            byte[] planes = Resampler.resample(pixels, box, shape.channels(), height, width);
            return orientation.upright(planes, shape.channels(), height, width);
        } catch (BadPicture e) {
            throw new DataException(Excerpt.of(name) + " cannot be read as a picture: " + e.getMessage()
                    + "; get it again or take it out");
        }
    }

    private static String kind(byte[] encoded) {
        for (Other other : Other.values()) {
            int length = other.start.length;
            if (encoded.length >= length && Arrays.equals(encoded, 0, length, other.start, 0, length)) {
                return other.name().replace('_', ' ');
            }
        }
        if (encoded.length == 0) {
            return "0 bytes";
        }
        return String.format(Locale.ROOT, "%,d bytes that begin with ", encoded.length)
                + HexFormat.ofDelimiter(" ").formatHex(encoded, 0, Math.min(TOLD, encoded.length));
    }
}
