package dev.lockstep.worker.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.GeneratedSplit.Polynomial;
import dev.lockstep.worker.source.GeneratedSplit.Rule;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made up. */
class GeneratedSplitTest {

    private static GeneratedSplit split(
            Rule rule, double least, double below, int steps, Polynomial polynomial, ExampleFormat format, int size) {
        return new GeneratedSplit(rule, least, below, 1, steps, polynomial, 3, format, size, 0, size);
    }

    private static float[] features(ExampleFormat format, byte[] packed) {
        float[] values = new float[format.steps(packed) * format.features().size()];
        format.readFeatures(packed, values, 0);
        return values;
    }

    @ParameterizedTest
    @CsvSource({"OR, 0, 1, 1, 1", "AND, 0, 0, 0, 1", "XOR, 0, 1, 1, 0"})
    void pairsOfBitsInTheirTurn(Rule rule, float of00, float of01, float of10, float of11) {
        ExampleFormat format = ExampleFormat.floats(Shape.vector(2), 1);
        Block block = split(rule, 0, 1, 1, null, format, 6).read(0, 6);
        float[] told = {of00, of01, of10, of11, of00, of01};
        for (int i = 0; i < 6; i++) {
            assertThat(features(format, block.packed(i))).containsExactly(i >> 1 & 1, i & 1);
            assertThat(format.target(block.packed(i))).containsExactly(told[i]);
        }
    }

    @Test
    void powersAndTheirPolynomial() {
        ExampleFormat format = ExampleFormat.floats(Shape.vector(3), 1);
        Polynomial polynomial = new Polynomial(List.of(5.0, 1.2, -3.4, 5.6), 0);
        int size = 200;
        Block block = split(Rule.POLYNOMIAL, -2, 3, 1, polynomial, format, size).read(0, size);
        double least = 9;
        double most = -9;
        for (int i = 0; i < size; i++) {
            float[] powers = features(format, block.packed(i));
            double x = powers[0];
            least = Math.min(least, x);
            most = Math.max(most, x);
            assertThat((double) powers[1]).isCloseTo(x * x, within(1e-5));
            assertThat((double) powers[2]).isCloseTo(x * x * x, within(1e-4));
            assertThat((double) format.target(block.packed(i))[0])
                    .isCloseTo(5 + 1.2 * x - 3.4 * x * x + 5.6 * x * x * x, within(1e-4));
        }
        assertThat(least).isBetween(-2.0, -1.8);
        assertThat(most).isBetween(2.8, 3.0);
    }

    @Test
    void itsNoiseIsNormal() {
        ExampleFormat format = ExampleFormat.floats(Shape.vector(1), 1);
        int size = 4000;
        Block block = split(Rule.POLYNOMIAL, 0, 1, 1, new Polynomial(List.of(1.0, 2.0), 0.5), format, size)
                .read(0, size);
        double sum = 0;
        double squares = 0;
        int inside = 0;
        for (int i = 0; i < size; i++) {
            double noise = format.target(block.packed(i))[0] - 1 - 2 * features(format, block.packed(i))[0];
            sum += noise;
            squares += noise * noise;
            inside += Math.abs(noise) < 0.5 ? 1 : 0;
        }
        assertThat(sum / size).isCloseTo(0, within(0.03)); // nearly four of its standard deviations
        assertThat(Math.sqrt(squares / size)).isCloseTo(0.5, within(0.02));
        assertThat((double) inside / size).isCloseTo(0.6827, within(0.03));
    }

    /** Of a sine each value times 2 cos(2 pi f) is the sum of its neighbours. */
    @Test
    void aToneIsASineOfItsClass() {
        ExampleFormat format = new ExampleFormat(
                ExampleFormat.Element.FLOAT,
                Shape.sequence(1),
                new ExampleFormat.Target(ExampleFormat.Target.Kind.CLASS, 5));
        Block block = new GeneratedSplit(Rule.TONES, 0, 1e-6, 8, 12, null, 3, format, 60, 0, 60).read(0, 60);
        int[] lengths = new int[13];
        int[] classes = new int[5];
        for (int i = 0; i < 60; i++) {
            float[] tone = features(format, block.packed(i));
            int own = ExampleFormat.classOf(block.packed(i));
            lengths[tone.length]++;
            classes[own]++;
            double twice = 2 * Math.cos(2 * Math.PI * 0.4 * (own + 1) / 5);
            for (int t = 1; t < tone.length - 1; t++) {
                assertThat((double) tone[t - 1] + tone[t + 1]).isCloseTo(twice * tone[t], within(1e-5));
            }
        }
        assertThat(lengths[8]).isPositive();
        assertThat(lengths[12]).isPositive();
        assertThat(IntStream.rangeClosed(8, 12).map(length -> lengths[length]).sum())
                .isEqualTo(60);
        assertThat(classes).doesNotContain(0);
    }

    @Test
    void theCosineOfTheSamePlace() {
        ExampleFormat format =
                new ExampleFormat(Element.FLOAT, Shape.sequence(1), new Target(Target.Kind.VALUES, 1, true));
        Block block = split(Rule.SINE_TO_COSINE, 1, 3, 4, null, format, 5).read(0, 5);
        for (int i = 0; i < 5; i++) {
            float[] sines = features(format, block.packed(i));
            float[] cosines = format.target(block.packed(i));
            assertThat(sines).hasSize(4);
            assertThat(cosines).hasSize(4);
            for (int t = 0; t < 4; t++) {
                double place = 1 + (i + t) * 2.0 / 8; // five windows of four need eight distances
                assertThat((double) sines[t]).isCloseTo(Math.sin(place), within(1e-7));
                assertThat((double) cosines[t]).isCloseTo(Math.cos(place), within(1e-7));
            }
        }
    }

    @Test
    void sequencesHaveAsManyStepsAsIsAskedFor() {
        ExampleFormat format = new ExampleFormat(Element.FLOAT, Shape.sequence(3), new Target(Target.Kind.CLASS, 2));
        GeneratedSplit whole = new GeneratedSplit(Rule.SEQUENCES, 0, 1, 6, 6, null, 3, format, 40, 0, 40);
        Block block = whole.read(0, 40);
        for (int i = 0; i < 40; i++) {
            float[] values = features(format, block.packed(i));
            assertThat(values).hasSize(6 * 3);
            double first = 0;
            double second = 0;
            for (int t = 0; t < 6; t++) {
                first += values[3 * t];
                second += values[3 * t + 1];
            }
            assertThat(ExampleFormat.classOf(block.packed(i))).isEqualTo(second > first ? 1 : 0);
        }
    }
}
