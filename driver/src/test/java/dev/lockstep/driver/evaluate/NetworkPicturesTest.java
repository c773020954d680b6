package dev.lockstep.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.evaluate.PictureSheet.Kind;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What there is to look at of a network, and of its answers. */
class NetworkPicturesTest {
    private static final float NAN = Float.NaN;

    private static NetworkSpec network(String more) {
        NetworkSpec network =
                RunConfigParser.parse(ConfigFactory.parseString("""
                network { input = [1, 2, 2], classes = 2, layers = [
                  { type = convolution, filters = 2, kernel = 1 }, { type = output }] }
                """ + more)).network();
        return network.of(ExampleFormat.bytes(network.input(), 2));
    }

    private static byte[] example(int... pixels) {
        byte[] packed = new byte[Integer.BYTES + pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            packed[Integer.BYTES + i] = (byte) pixels[i];
        }
        return packed;
    }

    @Test
    void filtersAndWhatTheyMakeOfAnExample() {
        // W [2, 1, 1, 1], b [2], then the output's.
        float[] parameters = new float[2 + 2 + 8 * 2 + 2];
        float[] first = {0.5f, -1, 0, 1};
        List<byte[]> examples = List.of(example(0, 51, 102, 255));
        NetworkSpec network = network("");
        // DL4J has a convolution's bias before its weights.
        System.arraycopy(first, 2, parameters, 0, 2);
        System.arraycopy(first, 0, parameters, 2, 2);
        List<PictureSheet> sheets = NetworkPictures.of(network, parameters, examples, new SeedLaw(1));
        assertThat(sheets)
                .extracting(PictureSheet::kind)
                .containsExactly(Kind.FILTERS, Kind.EXAMPLE, Kind.FEATURE_MAPS);
        PictureSheet filters = sheets.get(0);
        assertThat(filters.shape()).containsExactly(2, 1, 1, 1);
        assertThat(filters.low()).isEqualTo(-1);
        assertThat(filters.high()).isEqualTo(1);
        assertThat(filters.values()).containsExactly((byte) 191, (byte) 0);
        assertThat(sheets.get(1).values()).containsExactly((byte) 0, (byte) 51, (byte) 102, (byte) 255);
        PictureSheet maps = sheets.get(2);
        assertThat(maps.of()).isEqualTo("0");
        assertThat(maps.shape()).containsExactly(2, 1, 2, 2);
        assertThat(maps.high()).isEqualTo(1);
        assertThat(maps.low()).isEqualTo(0);
        // x / 2, and 1 - x
        assertThat(maps.values())
                .containsExactly(0, (byte) 26, (byte) 51, (byte) 128, (byte) 255, (byte) 204, (byte) 153, 0);
    }

    @Test
    void augmentedExamplesBeginWithTheOriginal() {
        NetworkSpec network = network("data.augment = [{ type = horizontal-flip }]");
        List<PictureSheet> sheets = NetworkPictures.of(
                network, new float[22], List.of(example(0, 51, 102, 255), example(1, 2, 3, 4)), new SeedLaw(1));
        assertThat(sheets).hasSize(5);
        PictureSheet drawn = sheets.get(3);
        assertThat(drawn.kind()).isEqualTo(Kind.AUGMENTED);
        assertThat(drawn.shape()).containsExactly(8, 1, 2, 2);
        byte[] plain = {0, 51, 102, (byte) 255};
        byte[] flipped = {51, 0, (byte) 255, 102};
        for (int draw = 0; draw < 8; draw++) {
            assertThat(Arrays.copyOfRange(drawn.values(), 4 * draw, 4 * draw + 4))
                    .isIn(plain, flipped);
        }
        assertThat(Arrays.copyOf(drawn.values(), 4)).isEqualTo(plain);
        assertThat(drawn.values()).containsSequence(flipped);
    }

    @Test
    void aSheetHasAsManyValuesAsItsShapeSays() {
        assertThatThrownBy(() -> new PictureSheet(Kind.FILTERS, "0", 0, 1, new int[] {1, 1, 2, 2}, new byte[3]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        new PictureSheet(Kind.FILTERS, "0", 0, 1, new int[] {65536, 65536, 65536, 65536}, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void valuesAreSpread() {
        Spread spread = Spread.of(new float[] {-1, 3, NAN, 1, 3});
        assertThat(spread.low()).isEqualTo(-1);
        assertThat(spread.high()).isEqualTo(3);
        assertThat(spread.notFinite()).isEqualTo(1);
        assertThat(spread.counts()).hasSize(40);
        assertThat(spread.counts()[0]).isEqualTo(1);
        assertThat(spread.counts()[20]).isEqualTo(1);
        assertThat(spread.counts()[39]).isEqualTo(2);
        assertThat(spread.mean()).isEqualTo(1.5);
        assertThat(spread.deviation()).isEqualTo(Math.sqrt((6.25 + 2.25 + 0.25 + 2.25) / 4));
        assertThat(Spread.of(new float[] {2, 2}).counts()[0]).isEqualTo(2);
        Spread none = Spread.of(new float[] {NAN});
        assertThat(none.low()).isNaN();
        assertThat(none.counts()).containsOnly(0);
    }

    private static Answer answer(int label, float positive) {
        return new Answer(0, new byte[0], new float[] {1 - label, label}, new float[] {1 - positive, positive});
    }

    @Test
    void everyThresholdOfTwoClasses() {
        Roc roc = Roc.of(List.of(answer(1, .9f), answer(0, .7f), answer(1, .7f), answer(0, .1f)));
        assertThat(roc.found()).containsExactly(0, .5, 1, 1);
        assertThat(roc.fallout()).containsExactly(0, 0, .5, 1);
        assertThat(roc.precision()).containsExactly(new double[] {1, 1, 2 / 3.0, .5}, within(1e-12));
        assertThat(roc.area()).isEqualTo(.5 * .75 + .5);
        assertThat(Roc.of(List.of(answer(1, .9f)))).as("all of one class").isNull();
    }
}
