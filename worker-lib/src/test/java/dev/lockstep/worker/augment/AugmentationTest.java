package dev.lockstep.worker.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.seed.SplitMix64;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AugmentationTest {

    static Stream<Augmentation> all() {
        return Stream.of(
                new Augmentation.RandomCrop(2),
                new Augmentation.HorizontalFlip(0.5),
                new Augmentation.Rotation(30),
                new Augmentation.Contrast(0.5),
                new Augmentation.Brightness(0.3),
                new Augmentation.Erasing(0.5, 0.5),
                new Augmentation.MixUp(0.4));
    }

    /** n examples whose values are 1, 2, 3, ... over 1000, so that each can be told from the others. */
    private static Examples numbered(int count, int channels, int height, int width) {
        int size = channels * height * width;
        float[] values = new float[count * size + 3]; // what is behind belongs to nobody
        for (int i = 0; i < count * size; i++) {
            values[i] = (i + 1) / 1000f;
        }
        float[] labels = new float[count * 2];
        for (int i = 0; i < count; i++) {
            labels[2 * i + i % 2] = 1;
        }
        return new Examples(count, channels, height, width, 2, values, labels, null);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theSeedDecidesAndNothingElse(Augmentation augmentation) {
        Examples one = numbered(6, 2, 5, 4);
        Examples same = numbered(6, 2, 5, 4);
        Examples other = numbered(6, 2, 5, 4);
        augmentation.apply(one, new SplitMix64(1));
        augmentation.apply(same, new SplitMix64(1));
        augmentation.apply(other, new SplitMix64(2));
        assertThat(one.values()).isEqualTo(same.values()).isNotEqualTo(other.values());
        assertThat(one.labels()).isEqualTo(same.labels());
        for (float value : one.values()) {
            assertThat(value).isBetween(0f, 1f);
        }
        assertThat(Arrays.copyOfRange(one.values(), 240, 243)).containsOnly(0f);
    }

    /** Each of the 9 x 9 offsets of a padding of 4, the last ones too, and about equally often. */
    @Test
    void aRandomCropReachesEveryOffset() {
        int draws = 8100;
        Map<String, Integer> seen = new TreeMap<>();
        SplitMix64 random = new SplitMix64(7);
        for (int draw = 0; draw < draws; draw++) {
            float[] values = new float[81];
            values[4 * 9 + 4] = 1; // the middle pixel stays inside wherever it goes
            Examples examples = new Examples(1, 1, 9, 9, 1, values, new float[] {1}, null);
            new Augmentation.RandomCrop(4).apply(examples, random);
            int at = 0;
            while (values[at] == 0) {
                at++;
            }
            seen.merge(at / 9 + "," + at % 9, 1, Integer::sum);
        }
        assertThat(seen).hasSize(81).containsKeys("0,0", "8,8", "0,8", "8,0");
        assertThat(seen.values()).allSatisfy(count -> assertThat(count).isBetween(60, 145)); // 100 expected
    }

    @Test
    void aCropMovesAllChannelsTogetherAndFillsWithZeros() {
        Examples examples = numbered(1, 2, 3, 3);
        float[] before = examples.values().clone();
        long seed = 0;
        while (new SplitMix64(seed).nextLong(3) != 2) {
            seed++; // one row down
        }
        SplitMix64 offsets = new SplitMix64(seed);
        int down = (int) offsets.nextLong(3) - 1;
        int right = (int) offsets.nextLong(3) - 1;
        new Augmentation.RandomCrop(1).apply(examples, new SplitMix64(seed));
        for (int i = 0; i < 18; i++) {
            int row = i / 3 % 3 + down;
            int column = i % 3 + right;
            boolean inside = row >= 0 && row < 3 && column >= 0 && column < 3;
            assertThat(examples.values()[i]).isEqualTo(inside ? before[i / 9 * 9 + row * 3 + column] : 0);
        }
    }

    @Test
    void aFlipMirrorsEachRow() {
        Examples examples = numbered(1, 2, 1, 3);
        new Augmentation.HorizontalFlip(1).apply(examples, new SplitMix64(1));
        assertThat(Arrays.copyOf(examples.values(), 6)).containsExactly(.003f, .002f, .001f, .006f, .005f, .004f);
        int flipped = 0;
        Examples many = numbered(1000, 1, 1, 2);
        new Augmentation.HorizontalFlip(.25).apply(many, new SplitMix64(1));
        for (int i = 0; i < 1000; i++) {
            flipped += many.values()[2 * i] > many.values()[2 * i + 1] ? 1 : 0;
        }
        assertThat(flipped).isBetween(200, 300);
    }

    @Test
    void aRotationKeepsTheCentreAndTurnsAPoint() {
        float[] values = new float[25];
        values[2 * 5 + 4] = 1; // right of the centre
        values[2 * 5 + 2] = .5f; // the centre
        Examples examples = new Examples(1, 1, 5, 5, 1, values, new float[] {1}, null);
        new Augmentation.Rotation(90).apply(examples, new SplitMix64(3));
        double angle = Math.toRadians(-90 + 180 * new SplitMix64(3).nextDouble());
        assertThat(values[2 * 5 + 2]).isCloseTo(.5f, within(1e-6f));
        double row = 0;
        double column = 0;
        double sum = 0;
        for (int i = 0; i < 25; i++) {
            if (i != 12) {
                row += values[i] * (i / 5 - 2);
                column += values[i] * (i % 5 - 2);
                sum += values[i];
            }
        }
        assertThat(Math.atan2(row / sum, column / sum)).isCloseTo(angle, within(0.2));
    }

    @Test
    void contrastKeepsTheMeanAndBrightnessMovesIt() {
        float[] values = {.4f, .5f, .6f};
        new Augmentation.Contrast(.5)
                .apply(new Examples(1, 3, 1, 1, 1, values, new float[] {1}, null), new SplitMix64(5));
        float factor = (float) (.5 + new SplitMix64(5).nextDouble());
        assertThat(values[0]).isCloseTo(.5f - .1f * factor, within(1e-6f));
        assertThat(values[1]).isCloseTo(.5f, within(1e-6f));
        assertThat(values[2]).isCloseTo(.5f + .1f * factor, within(1e-6f));
        float[] bright = {.1f, .5f, 1f};
        new Augmentation.Brightness(.4)
                .apply(new Examples(1, 3, 1, 1, 1, bright, new float[] {1}, null), new SplitMix64(5));
        float shift = (float) (-.4 + .8 * new SplitMix64(5).nextDouble());
        assertThat(bright[1]).isCloseTo(.5f + shift, within(1e-6f));
        assertThat(bright[0]).isCloseTo(Math.max(0, .1f + shift), within(1e-6f));
    }

    @Test
    void erasingBlackensOneRectangle() {
        Examples examples = numbered(200, 2, 8, 8);
        new Augmentation.Erasing(1, .5).apply(examples, new SplitMix64(9));
        int largest = 0;
        for (int example = 0; example < 200; example++) {
            int erased = 0;
            int rows = 0;
            for (int row = 0; row < 8; row++) {
                int inRow = 0;
                for (int column = 0; column < 8; column++) {
                    int at = example * 128 + row * 8 + column;
                    assertThat(examples.values()[at] == 0).isEqualTo(examples.values()[at + 64] == 0);
                    inRow += examples.values()[at] == 0 ? 1 : 0;
                }
                erased += inRow;
                rows += inRow > 0 ? 1 : 0;
            }
            assertThat(erased).isBetween(1, 16);
            assertThat(erased % rows).isZero();
            largest = Math.max(largest, erased);
        }
        assertThat(largest).isEqualTo(16);
    }

    @Test
    void mixUpMixesWeightsAlike() {
        float[] values = {1, 2, 4, 8, 16};
        float[] weights = values.clone();
        new Augmentation.MixUp(.4).apply(new Examples(5, 1, 1, 1, 1, values, new float[5], weights), new SplitMix64(2));
        assertThat(weights).isEqualTo(values).isNotEqualTo(new float[] {1, 2, 4, 8, 16});
    }

    @Test
    void mixUpMixesValuesAndLabelsAlike() {
        int count = 4000;
        float[] values = new float[count];
        float[] labels = new float[2 * count];
        for (int i = 0; i < count; i++) {
            values[i] = i % 2;
            labels[2 * i + i % 2] = 1;
        }
        new Augmentation.MixUp(.4).apply(new Examples(count, 1, 1, 1, 2, values, labels, null), new SplitMix64(11));
        double mean = 0;
        double square = 0;
        int mixed = 0;
        for (int i = 0; i < count; i++) {
            assertThat(labels[2 * i + 1]).isEqualTo(values[i]);
            assertThat(labels[2 * i] + labels[2 * i + 1]).isCloseTo(1, within(1e-6f));
            if (values[i] != i % 2) { // the partner was of the other class: lambda can be seen
                double lambda = i % 2 == 1 ? values[i] : 1 - values[i];
                mean += lambda;
                square += lambda * lambda;
                mixed++;
            }
        }
        assertThat(mixed).isBetween(1700, 2300);
        mean /= mixed;
        assertThat(mean).isCloseTo(.5, within(.03));
        assertThat(square / mixed - mean * mean).as("Beta's variance").isCloseTo(1 / (4 * 1.8), within(.01));
    }
}
