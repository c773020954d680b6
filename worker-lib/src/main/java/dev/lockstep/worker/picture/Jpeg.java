package dev.lockstep.worker.picture;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a JPEG (ITU-T T.81, with JFIF's and Adobe's conventions of colour): Huffman-coded, of 8 bits a sample, baseline,
 * extended or progressive. What is between the pieces is passed over, as libjpeg does; what is missing or impossible is
 * an error, which for libjpeg it is not always.
 */
final class Jpeg {
    private static final int START = 0xd8;
    private static final int END = 0xd9;
    private static final int SCAN = 0xda;
    private static final int QUANTISATION = 0xdb;
    private static final int HUFFMAN = 0xc4;
    private static final int RESTART_INTERVAL = 0xdd;
    private static final int BASELINE = 0xc0;
    private static final int EXTENDED = 0xc1;
    private static final int PROGRESSIVE = 0xc2;
    private static final int APP0 = 0xe0;
    private static final int APP1 = 0xe1;
    private static final int APP14 = 0xee;
    private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.ISO_8859_1);
    /** Adobe's byte that says what was done to the colours. */
    private static final int TRANSFORM = 11;

    private static final int TABLES = 4;

    private final byte[] bytes;
    private int at;
    /** Where the segment that is being read ends. */
    private int end;

    private final int[][] quantisation = new int[TABLES][];
    private final HuffmanTable[] dc = new HuffmanTable[TABLES];
    private final HuffmanTable[] ac = new HuffmanTable[TABLES];
    private JpegFrame frame;
    private int restartInterval;
    private boolean jfif;
    private Integer adobe;
    private Orientation orientation = Orientation.UPRIGHT;

    private Jpeg(byte[] bytes) {
        this.bytes = bytes;
    }

    static boolean isOne(byte[] bytes) {
        return bytes.length >= 3 && bytes[0] == (byte) 0xff && bytes[1] == (byte) START && bytes[2] == (byte) 0xff;
    }

    static DecodedPicture decode(byte[] bytes) {
        Jpeg jpeg = new Jpeg(bytes);
        jpeg.at = 2;
        jpeg.readSegments();
        jpeg.frame.finish();
        return new DecodedPicture(new JpegPixels(jpeg.frame, jpeg.colours()), jpeg.orientation);
    }

    private void readSegments() {
        while (frame == null || !frame.isComplete()) {
            int marker = nextMarker();
            if (marker == END) {
                if (frame != null && frame.mayEnd()) {
                    return;
                }
                throw new BadPicture("it ends at byte %,d before all of it was told", at);
            }
            if (isAlone(marker)) {
                continue;
            }
            openSegment();
            switch (marker) {
                case QUANTISATION -> readQuantisation();
                case HUFFMAN -> readHuffman();
                case RESTART_INTERVAL -> restartInterval = u16();
                case BASELINE, EXTENDED, PROGRESSIVE -> readFrame(marker == PROGRESSIVE);
                case SCAN -> readScan();
                case APP0 -> jfif |= begins(JFIF);
                case APP1 -> {
                    if (begins(EXIF)) {
                        orientation = Orientation.ofExif(bytes, at + EXIF.length, end - at - EXIF.length);
                    }
                }
                case APP14 -> {
                    if (begins(ADOBE) && end - at > TRANSFORM) {
                        adobe = bytes[at + TRANSFORM] & 0xff;
                    }
                }
                default -> refuseOtherFrames(marker);
            }
            at = Math.max(at, end);
        }
    }

    /** What has neither length nor content: restarts that are not in a scan, a second start, and 0x01. */
    private static boolean isAlone(int marker) {
        return marker >= 0xd0 && marker <= START || marker == 0x01;
    }

    private int nextMarker() {
        while (at < bytes.length - 1) {
            int next = bytes[at + 1] & 0xff;
            if (bytes[at] == (byte) 0xff && next != 0 && next != 0xff) {
                at += 2;
                return next;
            }
            at++;
        }
        throw BadPicture.cutShort(frame == null ? "the picture's sizes" : "all of the picture", bytes.length);
    }

    private void openSegment() {
        end = bytes.length;
        int length = u16();
        end = at - 2 + length;
        if (length < 2) {
            throw new BadPicture("a segment at byte %,d has a length of %d: expected 2 or more", at - 2, length);
        }
        if (end > bytes.length) {
            throw BadPicture.cutShort(String.format("%,d bytes from byte %,d on", length, at - 2), bytes.length);
        }
    }

    private int u8() {
        if (at >= end) {
            throw end == bytes.length
                    ? BadPicture.cutShort("more", end)
                    : new BadPicture("the segment that ends at byte %,d is too short for what it says", end);
        }
        return bytes[at++] & 0xff;
    }

    private int u16() {
        int high = u8();
        return high << 8 | u8();
    }

    private boolean begins(byte[] name) {
        return end - at >= name.length && Arrays.equals(bytes, at, at + name.length, name, 0, name.length);
    }

    private void readQuantisation() {
        while (at < end) {
            int which = u8();
            int[] table = new int[64];
            for (int k = 0; k < table.length; k++) {
                table[HuffmanTable.NATURAL[k]] = which >> 4 == 0 ? u8() : u16();
            }
            quantisation[number(which & 15, "quantisation")] = table;
        }
    }

    private void readHuffman() {
        while (at < end) {
            int which = u8();
            int[] counts = new int[17];
            int symbols = 0;
            for (int length = 1; length <= 16; length++) {
                counts[length] = u8();
                symbols += counts[length];
            }
            if (symbols > end - at) {
                throw new BadPicture("a Huffman table has %d symbols: expected at most %d", symbols, end - at);
            }
            byte[] values = Arrays.copyOfRange(bytes, at, at + symbols);
            at += symbols;
            HuffmanTable[] tables = which >> 4 == 0 ? dc : ac;
            tables[number(which & 15, "Huffman")] = HuffmanTable.of(counts, values);
        }
    }

    private static int number(int found, String kind) {
        if (found >= TABLES) {
            throw new BadPicture("it has a %s table %d: expected 0 to %d", kind, found, TABLES - 1);
        }
        return found;
    }

    private void readFrame(boolean progressive) {
        if (frame != null) {
            throw new BadPicture("it says its sizes twice");
        }
        int bits = u8();
        if (bits != 8) {
            throw new BadPicture("it has %d bits a sample: expected 8", bits);
        }
        int height = u16();
        int width = u16();
        Pixels.checkSize(width, height);
        int count = u8();
        if (count != 1 && count != 3 && count != 4) {
            throw new BadPicture("it has %d components: expected 1, 3 or 4", count);
        }
        List<JpegFrame.Told> components = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int id = u8();
            int sampling = u8();
            components.add(new JpegFrame.Told(id, sampling >> 4, sampling & 15, number(u8(), "quantisation")));
        }
        frame = JpegFrame.of(width, height, progressive, components, bytes.length);
    }

    private void readScan() {
        if (frame == null) {
            throw new BadPicture("it has pixels before it says its sizes");
        }
        int count = u8();
        if (count < 1 || count > frame.components().size()) {
            throw new BadPicture(
                    "a scan has %d components: expected 1 to %d",
                    count, frame.components().size());
        }
        List<JpegScan.Part> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            JpegComponent component = frame.component(u8());
            int tables = u8();
            component.take(quantisation);
            parts.add(new JpegScan.Part(
                    component, dc[number(tables >> 4, "Huffman")], ac[number(tables & 15, "Huffman")]));
        }
        int first = u8();
        int last = u8();
        int places = u8();
        JpegBits bits = new JpegBits(bytes, end);
        JpegScan.Share share = frame.progressive()
                ? JpegScan.Share.of(first, last, places >> 4, places & 15, count)
                : JpegScan.Share.ALL;
        new JpegScan(frame, parts, share, restartInterval, bits).read();
        at = bits.position();
    }

    private static void refuseOtherFrames(int marker) {
        String kind =
                switch (marker) {
                    case 0xc3, 0xc7, 0xcb, 0xcf -> "lossless";
                    case 0xc5, 0xc6, 0xcd, 0xce -> "hierarchical";
                    case 0xc9, 0xca, 0xcc -> "arithmetically coded";
                    case 0xdc -> "of a height that is told after its pixels";
                    default -> null;
                };
        if (kind != null) {
            throw new BadPicture("it is %s: expected a JPEG that is Huffman-coded, baseline or progressive", kind);
        }
    }

    /** As libjpeg takes them, but for CMYK, which is taken for inverted, as Adobe writes it, whoever wrote it. */
    private JpegPixels.Colouring colours() {
        return switch (frame.components().size()) {
            case 1 -> JpegPixels.Colouring.GREY;
            case 3 -> {
                boolean rgb = adobe != null ? adobe == 0 : frame.isNamed('R', 'G', 'B');
                yield !jfif && rgb ? JpegPixels.Colouring.RGB : JpegPixels.Colouring.YCC;
            }
            default -> adobe != null && adobe == 2 ? JpegPixels.Colouring.YCCK : JpegPixels.Colouring.CMYK;
        };
    }
}
