package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.report.Evaluation.Sample;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.StoredJson;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** The evaluation as read, and what is drawn of it: tables and pictures. */
class EvaluationTest {

    private static Evaluation read(String json) throws IOException {
        return Evaluation.of(StoredJson.of("evaluation.json", json));
    }

    private static BufferedImage picture(int[] shape, byte... values) throws IOException {
        String address = Picture.address(new Sample(0, 0, 0, new double[0], shape, values));
        String start = "data:image/png;base64,";
        assertThat(address).startsWith(start);
        return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(address.substring(start.length()))));
    }

    private static String rgb(BufferedImage image, int x, int y) {
        return "%06x".formatted(image.getRGB(x, y) & 0xFFFFFF);
    }

    @Test
    void readsAFile() throws IOException {
        Evaluation evaluation = read("""
                {"split": "test", "step": 940, "loss": 0.25, "confusion": [[8, 2], [1, 9]], "classes": ["cat", "dog"],
                 "samples": [{"index": 3, "label": 1, "predicted": 0, "probabilities": [0.75, 0.25],
                              "shape": [1, 1, 2], "values": "AP8="}]}""");

        assertThat(evaluation.split()).isEqualTo("test");
        assertThat(evaluation.step()).isEqualTo(940);
        assertThat(evaluation.scores().loss()).isEqualTo(0.25);
        assertThat(evaluation.scores().accuracy()).isEqualTo(0.85);
        assertThat(evaluation.classes()).containsExactly("cat", "dog");
        Sample sample = evaluation.samples().get(0);
        assertThat(sample.index()).isEqualTo(3);
        assertThat(sample.label()).isEqualTo(1);
        assertThat(sample.predicted()).isZero();
        assertThat(sample.probabilities()).containsExactly(0.75, 0.25);
        assertThat(sample.shape()).containsExactly(1, 1, 2);
        assertThat(sample.values()).containsExactly(0, 255);
    }

    @Test
    void doesWithoutWhatIsMissing() throws IOException {
        assertThat(read("{}").scores().classes()).isZero();
        assertThat(read("{\"confusion\": [[1, 2], [3]]}").scores().classes()).isZero();
        assertThat(read("{\"confusion\": [[1, 2], [3, 4]], \"classes\": [\"cat\"]}")
                        .classes())
                .containsExactly("cat", "1");
        assertThat(read("{\"samples\": [{\"label\": 2}]}").classes()).containsExactly("0", "1", "2");
    }

    @Test
    void scoresEveryClass() {
        Scores scores = Scores.of(0, new long[][] {{8, 2, 0}, {1, 9, 0}, {0, 0, 0}});

        String table =
                new ClassTable(scores, List.of("cat", "dog", "<i>")).html().toString();

        assertThat(table.replaceAll("<i class=\"bar\"[^>]*></i>", ""))
                .contains("<th scope=\"row\">cat</th><td>0.8889</td><td>0.8000</td><td>0.8421</td><td>10</td>")
                .contains("<th scope=\"row\">dog</th><td>0.8182</td><td>0.9000</td><td>0.8571</td><td>10</td>")
                .contains("<th scope=\"row\">&lt;i&gt;</th><td>–</td><td>–</td><td>–</td><td>0</td>")
                .contains("<th scope=\"row\">mean</th><td>0.8535</td><td>0.8500</td><td>0.8496</td><td>20</td>");
        assertThat(table).contains("--share:0.889");
    }

    @Test
    void heatsTheCellsOfTheConfusionMatrix() {
        String table = new ConfusionTable(Scores.of(0, new long[][] {{75, 25}, {0, 100}}), List.of("cat", "dog"))
                .html()
                .toString();

        assertThat(table)
                .contains("<th scope=\"row\">cat</th><td class=\"right\" style=\"--share:0.87\">75</td>"
                        + "<td class=\"wrong\" style=\"--share:0.5\">25</td>")
                .contains("<th scope=\"row\">dog</th><td class=\"none\">0</td>"
                        + "<td class=\"right\" style=\"--share:1\">100</td>");
    }

    @Test
    void listsMistakesOfManyClasses() {
        long[][] confusion = new long[41][41];
        Arrays.setAll(confusion, i -> new long[41]);
        confusion[7][7] = 100;
        confusion[7][3] = 5;
        confusion[40][0] = 6;
        List<String> names = IntStream.range(0, 41).mapToObj(i -> "c" + i).toList();

        String table = new ConfusionTable(Scores.of(0, confusion), names).html().toString();

        assertThat(table)
                .contains("<tbody><tr><th scope=\"row\">c40</th><td>c0</td><td>6</td></tr>"
                        + "<tr><th scope=\"row\">c7</th><td>c3</td><td>5</td></tr></tbody>");
    }

    @Test
    void drawsOneChannelInGrey() throws IOException {
        BufferedImage image =
                picture(new int[] {1, 2, 3}, (byte) 0, (byte) 1, (byte) 127, (byte) 128, (byte) 200, (byte) -1);

        assertThat(image.getWidth()).isEqualTo(3);
        assertThat(image.getHeight()).isEqualTo(2);
        int[] values = image.getRaster().getPixels(0, 0, 3, 2, (int[]) null);
        assertThat(values).containsExactly(0, 1, 127, 128, 200, 255);
    }

    @Test
    void drawsThreeChannelsInColour() throws IOException {
        BufferedImage image =
                picture(new int[] {3, 1, 2}, (byte) 255, (byte) 1, (byte) 128, (byte) 2, (byte) 0, (byte) 3);

        assertThat(rgb(image, 0, 0)).isEqualTo("ff8000");
        assertThat(rgb(image, 1, 0)).isEqualTo("010203");
    }

    @Test
    void makesALargePictureSmaller() throws IOException {
        byte[] values = new byte[224 * 225];
        values[0] = (byte) 200;
        values[1] = 100;

        BufferedImage image = picture(new int[] {1, 224, 225}, values);

        assertThat(image.getWidth()).isEqualTo(75);
        assertThat(image.getHeight()).isEqualTo(74);
        assertThat(image.getRaster().getSample(0, 0, 0)).isEqualTo(300 / 9);
    }

    @Test
    void drawsNoPictureOfOtherValues() throws IOException {
        for (int[] shape : new int[][] {{}, {4}, {1, 2, 3}, {0, 2, 2}, {1, 0, 4}, {-1, -2, 2}, {1, 4, 0}}) {
            assertThat(Picture.address(new Sample(0, 0, 0, new double[0], shape, new byte[4])))
                    .isNull();
        }
    }

    @Test
    void takesMemoryForWhatIsThereAlone() throws IOException {
        String rows = "[]" + ",[]".repeat(29_999);
        assertThat(read("{\"confusion\": [" + rows + "]}").scores().classes()).isZero();
        for (String label : List.of("2000000000", "-1", "100000")) {
            assertThatThrownBy(() -> read("{\"samples\": [{\"predicted\": " + label + "}]}"))
                    .isInstanceOf(DamagedFileException.class)
                    .hasMessageContaining("a sample is said to be of class " + label);
        }
        int[] round = {1 << 22, 1 << 21, 1 << 21}; // whose product is 0 for a long
        assertThat(Picture.address(new Sample(0, 0, 0, new double[0], round, new byte[0])))
                .isNull();
    }
}
