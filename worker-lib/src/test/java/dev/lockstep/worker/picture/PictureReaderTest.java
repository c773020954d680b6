package dev.lockstep.worker.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.picture.PictureReader.Fit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of pixels, and what is told of bytes that are no picture. */
class PictureReaderTest {
    private static final PictureReader SMALL = new PictureReader(new Shape(1, 2, 2), Fit.STRETCH);

    private static byte[] grey(int height, int width, Shape shape, Fit fit, int... pixels) {
        byte[] data = new byte[pixels.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) pixels[i];
        }
        return new PictureReader(shape, fit).ofPixels("p", height, width, 1, 0, data);
    }

    @Test
    void halfTheSizeAveragesFourPixelsAlongEachAxis() {
        // a triangle of weights 1, 3, 3, 1 eighths, of which the first falls off at the border: 3, 3, 1 sevenths
        assertThat(grey(1, 4, new Shape(1, 1, 2), Fit.STRETCH, 0, 70, 140, 210)).containsExactly(50, (byte) 160);
        assertThat(grey(4, 1, new Shape(1, 2, 1), Fit.STRETCH, 0, 70, 140, 210)).containsExactly(50, (byte) 160);
    }

    @Test
    void twiceTheSizeGoesStraightFromPixelToPixel() {
        assertThat(grey(1, 2, new Shape(1, 1, 4), Fit.STRETCH, 0, 100)).containsExactly(0, 25, 75, 100);
    }

    @Test
    void theMiddleIsCutOutOfTheLongerSide() {
        assertThat(grey(1, 5, new Shape(1, 1, 1), Fit.CROP, 1, 2, 30, 4, 5)).containsExactly(30);
        assertThat(grey(5, 1, new Shape(1, 1, 1), Fit.CROP, 1, 2, 30, 4, 5)).containsExactly(30);
        assertThat(grey(1, 4, new Shape(1, 1, 2), Fit.CROP, 10, 20, 30, 40)).containsExactly(20, 30);
    }

    /** Weights are rounded and their sums cut: neither may show. */
    @Test
    void oneShadeStaysWhatItIsAtEverySize() {
        for (int from = 1; from <= 40; from++) {
            byte[] data = new byte[from * from];
            for (int shade : new int[] {0, 1, 128, 254, 255}) {
                Arrays.fill(data, (byte) shade);
                for (int to = 1; to <= 40; to += 3) {
                    byte[] expected = new byte[to * to];
                    Arrays.fill(expected, (byte) shade);
                    assertThat(new PictureReader(new Shape(1, to, to), Fit.CROP).ofPixels("p", from, from, 1, 0, data))
                            .as("%d to %d of %d", from, to, shade)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void sparksPixelsAreBlueGreenRedAndMaybeAlpha() {
        PictureReader colours = new PictureReader(new Shape(3, 1, 2), Fit.CROP);
        assertThat(colours.ofPixels("p", 1, 2, 3, 16, new byte[] {1, 2, 3, 4, 5, 6}))
                .containsExactly(3, 6, 2, 5, 1, 4);
        assertThat(colours.ofPixels("p", 1, 2, 4, 24, new byte[] {1, 2, 3, -1, 100, 50, 7, 51}))
                .containsExactly(3, 1, 2, 10, 1, 20);
        assertThat(colours.ofPixels("p", 1, 2, 1, 0, new byte[] {9, -1})).containsExactly(9, -1, 9, -1, 9, -1);
        assertThat(new PictureReader(new Shape(1, 1, 1), Fit.CROP)
                        .ofPixels("p", 1, 1, 3, 16, new byte[] {10, 100, (byte) 200}))
                .as("(19595 * 200 + 38470 * 100 + 7471 * 10 + 32768) / 65536")
                .containsExactly((19595 * 200 + 38470 * 100 + 7471 * 10 + 32768) / 65536);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 2, 1, 0, 3, it has 3 bytes of pixels: expected 4 of 2 x 2 pixels of 1 channels",
        "2, 2, 1, 16, 4, 'it is of OpenCV''s type 16: expected 0, 1 channels of bytes'",
        "2, 2, 2, 8, 8, 'it has 2 channels: expected 1, 3 or 4'",
        "0, 2, 1, 0, 0, 'it says that it has 2 x 0 pixels: expected 1 to 65535 a side and at most 100,000,000 in all'",
        "20000, 20000, 1, 0, 0, 'it says that it has 20000 x 20000 pixels: expected 1 to 65535 a side and at most 100,000,000 in all'"
    })
    void pixelsThatDoNotFitTheirSizesAreRefused(
            int height, int width, int channels, int mode, int bytes, String message) {
        assertThatThrownBy(() -> SMALL.ofPixels("a/b.png", height, width, channels, mode, new byte[bytes]))
                .isInstanceOf(DataException.class)
                .hasMessage("a/b.png cannot be read as a picture: %s; get it again or take it out", message);
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'it is no PNG or JPEG: found 0 bytes'",
        "4749463839610100, it is no PNG or JPEG: found GIF",
        "424d3e000000, it is no PNG or JPEG: found BMP",
        "49492a0008000000, it is no PNG or JPEG: found TIFF",
        "68656c6c6f, 'it is no PNG or JPEG: found 5 bytes that begin with 68 65 6c 6c 6f'",
        "ffd8ff, 'it is cut short: expected the picture''s sizes, found the end after 3 bytes'",
        "89504e470d0a1a0a, 'it is cut short: expected a chunk, found the end after 8 bytes'"
    })
    void whatIsNoPictureIsNamed(String hex, String message) {
        assertThatThrownBy(() -> SMALL.decode("a/b.png", HexFormat.of().parseHex(hex)))
                .isInstanceOf(DataException.class)
                .hasMessage("a/b.png cannot be read as a picture: %s; get it again or take it out", message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"420.jpg", "progressive.jpg", "rgb-8.png", "grey-16-interlaced.png"})
    void cutShortItIsRefusedWhereverTheEndIs(String file) throws IOException {
        byte[] whole = GoldenPicturesTest.bytes(file);
        int needed = file.endsWith("jpg") ? whole.length - 2 : whole.length;
        for (int length = 3; length < needed; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> SMALL.decode("x", cut))
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(DataException.class)
                    .hasMessageNotContaining("\n");
        }
    }

    /** 100 million pixels in a file of a few bytes would be 300 MB. */
    @ParameterizedTest
    @CsvSource({
        "420.jpg, 'it is cut short: expected 9999 x 9999 pixels, which take 292,968 bytes or more'",
        "progressive.jpg, 'it is cut short: expected 9999 x 9999 pixels, which take 292,968 bytes or more'",
        "rgb-8.png, 'it is cut short: expected 299,950,002 bytes of pixels'"
    })
    void sizesThatTheFileCannotHoldTakeNoMemory(String file, String message) throws IOException {
        byte[] claims = GoldenPicturesTest.bytes(file);
        ByteBuffer in = ByteBuffer.wrap(claims);
        if (file.endsWith("jpg")) {
            int at = 0;
            while ((in.getShort(at) & 0xffff) != 0xffc0 && (in.getShort(at) & 0xffff) != 0xffc2) {
                at++;
            }
            in.putShort(at + 5, (short) 9999).putShort(at + 7, (short) 9999);
        } else {
            in.putInt(16, 9999).putInt(20, 9999);
            CRC32 sum = new CRC32();
            sum.update(claims, 12, 17);
            in.putInt(29, (int) sum.getValue());
        }
        assertThatThrownBy(() -> SMALL.decode("x", claims))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "c3, lossless",
        "c5, hierarchical",
        "c9, arithmetically coded",
    })
    void kindsOfJpegThatNobodyWritesAreNamed(String marker, String kind) throws IOException {
        byte[] bytes = GoldenPicturesTest.bytes("420.jpg");
        int at = 0;
        while (bytes[at] != (byte) 0xff || bytes[at + 1] != (byte) 0xc0) {
            at++;
        }
        bytes[at + 1] = (byte) Integer.parseInt(marker, 16);
        assertThatThrownBy(() -> SMALL.decode("x", bytes))
                .hasMessageContaining("it is %s: expected a JPEG that is Huffman-coded, baseline or progressive", kind);
    }

    @Test
    void bytesBetweenThePiecesOfAJpegArePassedOver() throws IOException {
        byte[] whole = GoldenPicturesTest.bytes("420.jpg");
        byte[] padded = Arrays.copyOf(whole, whole.length + 3);
        int end = whole.length - 2;
        System.arraycopy(whole, end, padded, end + 3, 2);
        padded[end] = 0;
        assertThat(SMALL.decode("x", padded)).isEqualTo(SMALL.decode("x", whole));
    }

    @Test
    void aPngsDamageIsFoundByItsCheckSums() throws IOException {
        byte[] bytes = GoldenPicturesTest.bytes("rgb-8.png");
        bytes[bytes.length / 2] ^= 1;
        assertThatThrownBy(() -> SMALL.decode("x", bytes))
                .hasMessageContaining("its chunk IDAT is damaged: expected check sum");
    }

    @Test
    void anExampleHasOneChannelOrThree() {
        assertThatThrownBy(() -> new PictureReader(new Shape(2, 4, 4), Fit.CROP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("pictures have 1 or 3 channels, a height and a width, found 2x4x4");
        assertThatThrownBy(() -> new PictureReader(Shape.vector(3), Fit.CROP))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
