package dev.lockstep.worker.picture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.picture.PictureReader.Fit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What libjpeg-turbo, libpng and Pillow make of pictures, to the bit: how they were made says make.py beside them. */
class GoldenPicturesTest {

    /**
     * A picture as it is to come out.
     *
     * @param pixels the first, the middle and the last one, their channels apart by colons
     */
    record Golden(String file, Shape shape, Fit fit, String sha256, String pixels) {
        @Override
        public String toString() {
            return file + " as " + shape + " " + fit;
        }
    }

    static Stream<Golden> golden() throws IOException {
        return new String(bytes("golden.tsv"), StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .map(line -> line.split("\t"))
                .map(cells -> new Golden(
                        cells[0],
                        new Shape(Integer.parseInt(cells[1]), Integer.parseInt(cells[2]), Integer.parseInt(cells[3])),
                        Fit.valueOf(cells[4].toUpperCase(Locale.ROOT)),
                        cells[5],
                        cells[6]));
    }

    static byte[] bytes(String file) throws IOException {
        try (InputStream in = GoldenPicturesTest.class.getResourceAsStream("/pictures/" + file)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @MethodSource("golden")
    void isWhatOthersMakeOfIt(Golden golden) throws IOException, NoSuchAlgorithmException {
        byte[] pixels = new PictureReader(golden.shape, golden.fit).decode(golden.file, bytes(golden.file));

        int plane = golden.shape.height() * golden.shape.width();
        assertThat(IntStream.of(0, plane / 2, plane - 1)
                        .mapToObj(at -> IntStream.range(0, golden.shape.channels())
                                .mapToObj(channel -> String.valueOf(pixels[channel * plane + at] & 0xff))
                                .collect(Collectors.joining(":")))
                        .collect(Collectors.joining(" ")))
                .isEqualTo(golden.pixels);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pixels)))
                .isEqualTo(golden.sha256);
    }
}
