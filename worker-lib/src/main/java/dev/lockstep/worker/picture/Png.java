package dev.lockstep.worker.picture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a PNG (W3C, Portable Network Graphics, third edition): checks the chunks, unpacks the pixels and undoes the filters.
 */
final class Png {
    private static final byte[] SIGNATURE = HexFormat.of().parseHex("89504e470d0a1a0a");

    /** Besides its data a chunk has a length, a type and a check sum. */
    private static final int AROUND = 12;

    private static final int HEADER = 13;
    /** Deflated data do not grow by more. */
    private static final int MOST_GROWTH = 1_032;

    private static final int LARGEST_PALETTE = 256;

    private final byte[] bytes;
    private final List<Chunk> data = new ArrayList<>();
    private PngHeader header;
    private byte[] palette = new byte[0];
    private byte[] transparency = new byte[0];
    private Orientation orientation = Orientation.UPRIGHT;

    /** A chunk's data lie from {@code at} on. */
    private record Chunk(String type, int at, int length) {
        boolean isCritical() {
            return Character.isUpperCase(type.charAt(0));
        }
    }

    private Png(byte[] bytes) {
        this.bytes = bytes;
    }

    static boolean isOne(byte[] bytes) {
        return bytes.length >= SIGNATURE.length
                && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    static DecodedPicture decode(byte[] bytes) {
        Png png = new Png(bytes);
        png.readChunks();
        byte[] rows = png.inflate();
        png.header.unfilter(rows);
        return new DecodedPicture(PngPixels.of(png.header, rows, png.palette, png.transparency), png.orientation);
    }

    private void readChunks() {
        int at = SIGNATURE.length;
        for (Chunk chunk = chunk(at); !chunk.type.equals("IEND"); chunk = chunk(at)) {
            if (header == null != chunk.type.equals("IHDR")) {
                throw new BadPicture("expected one chunk IHDR, the first, found %s", chunk.type);
            }
            switch (chunk.type) {
                case "IHDR" -> header = header(chunk);
                case "PLTE" -> palette = checked(chunk);
                case "tRNS" -> transparency = checked(chunk);
                case "IDAT" -> {
                    check(chunk);
                    data.add(chunk);
                }
                case "eXIf" -> orientation = Orientation.ofExif(bytes, chunk.at, chunk.length);
                default -> {
                    if (chunk.isCritical()) {
                        throw new BadPicture("it has a chunk %s that the standard does not know", chunk.type);
                    }
                }
            }
            at = chunk.at + chunk.length + AROUND - 8;
        }
        if (header == null || data.isEmpty()) {
            throw new BadPicture("expected chunks IHDR and IDAT, found none before IEND");
        }
        if (palette.length % 3 != 0
                || palette.length > 3 * LARGEST_PALETTE
                || header.hasPalette() && palette.length == 0) {
            throw new BadPicture("its palette has %d bytes: expected 3 for each of 1 to 256 colours", palette.length);
        }
        if (!header.hasPalette() && transparency.length > 0 && transparency.length != 2 * header.channels()) {
            throw new BadPicture(
                    "its chunk tRNS has %d bytes: expected %d", transparency.length, 2 * header.channels());
        }
    }

    private Chunk chunk(int at) {
        if (bytes.length - at < AROUND) {
            throw BadPicture.cutShort("a chunk", bytes.length);
        }
        long length = Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(at));
        String type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
        if (!type.chars().allMatch(c -> c < 128 && Character.isLetter(c))) {
            throw new BadPicture(
                    "expected a chunk at byte %,d, found one of type %s",
                    at, HexFormat.of().formatHex(bytes, at + 4, at + 8));
        }
        if (length > bytes.length - at - AROUND) {
            throw BadPicture.cutShort(
                    String.format("%,d bytes of chunk %s from byte %,d on", length, type, at), bytes.length);
        }
        return new Chunk(type, at + 8, (int) length);
    }

    private PngHeader header(Chunk chunk) {
        check(chunk);
        if (chunk.length != HEADER) {
            throw new BadPicture("its header has %d bytes: expected %d", chunk.length, HEADER);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, chunk.at, HEADER);
        long width = Integer.toUnsignedLong(in.getInt());
        long height = Integer.toUnsignedLong(in.getInt());
        Pixels.checkSize(width, height);
        return PngHeader.of((int) width, (int) height, in.get(), in.get(), in.get(), in.get(), in.get());
    }

    private byte[] checked(Chunk chunk) {
        check(chunk);
        return Arrays.copyOfRange(bytes, chunk.at, chunk.at + chunk.length);
    }

    private void check(Chunk chunk) {
        CRC32 sum = new CRC32();
        sum.update(bytes, chunk.at - 4, chunk.length + 4);
        int expected = ByteBuffer.wrap(bytes).getInt(chunk.at + chunk.length);
        if ((int) sum.getValue() != expected) {
            throw new BadPicture(
                    "its chunk %s is damaged: expected check sum %08x, found %08x",
                    chunk.type, expected, sum.getValue());
        }
    }

    /** All rows, each with its filter before it; they are taken only as far as memory for them is believable. */
    private byte[] inflate() {
        long expected = header.unpacked();
        long packed = data.stream().mapToLong(Chunk::length).sum();
        if (expected > packed * MOST_GROWTH) {
            throw BadPicture.cutShort(String.format("%,d bytes of pixels", expected), (int) packed);
        }
        byte[] rows = new byte[Math.toIntExact(expected)];
        int filled = 0;
        Inflater inflater = new Inflater();
        try {
            for (Chunk chunk : data) {
                inflater.setInput(bytes, chunk.at, chunk.length);
                while (filled < rows.length && !inflater.needsInput() && !inflater.finished()) {
                    int n = inflater.inflate(rows, filled, rows.length - filled);
                    if (n == 0 && inflater.needsDictionary()) {
                        throw new BadPicture("its pixels are packed with a dictionary, which a PNG has none of");
                    }
                    filled += n;
                }
            }
        } catch (DataFormatException e) {
            throw new BadPicture("its packed pixels are damaged: %s after %,d bytes", e.getMessage(), filled);
        } finally {
            inflater.end();
        }
        if (filled < rows.length) {
            throw new BadPicture("it has %,d bytes of pixels: expected %,d", filled, rows.length);
        }
        return rows;
    }
}
