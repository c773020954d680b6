package dev.lockstep.worker.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.model.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MomentsTest {
    private static final ExampleFormat FORMAT =
            new ExampleFormat(Element.FLOAT, Shape.vector(3), new Target(Target.Kind.CLASS, 2)).withWeights();
    private static final boolean[] ALL = {true, true, true};

    private static byte[] row(double weight, double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return FORMAT.pack(floats, new float[] {1}, (float) weight);
    }

    private static Moments moments(List<byte[]> rows) {
        return Moments.of(List.of(Block.of(0, rows)).iterator(), FORMAT, rows.size());
    }

    private static Scaling scaling(Scaling.Kind kind, byte[]... rows) {
        return moments(List.of(rows)).scaling(kind, ALL);
    }

    @Test
    void meansAndDeviationsAreThoseOfThePopulation() {
        Scaling scaling = scaling(Scaling.Kind.STANDARDISE, row(1, 1, -5, 7), row(1, 2, 5, 7), row(1, 3, 0, 7));
        assertThat(scaling.shift()).containsExactly(2, 0, 7);
        assertThat(scaling.factor()).containsExactly((float) Math.sqrt(1.5), (float) Math.sqrt(3 / 50.0), 1);
    }

    @Test
    void theLeastIsZeroAndTheLargestOne() {
        Scaling scaling = scaling(Scaling.Kind.MIN_MAX, row(1, 1, -5, 7), row(1, 2, 5, 7), row(1, 3, 0, 7));
        assertThat(scaling.shift()).containsExactly(1, -5, 7);
        assertThat(scaling.factor()).containsExactly(0.5f, 0.1f, 1);
    }

    @Test
    void aRowThatWeighsTwoIsTwoRows() {
        byte[] heavy = row(2, 4, 1e-3, 1e30);
        byte[] twice = row(1, 4, 1e-3, 1e30);
        byte[] other = row(1, 7, 5e-3, 3e30);
        for (Scaling.Kind kind : Scaling.Kind.values()) {
            assertThat(scaling(kind, heavy, other)).isEqualTo(scaling(kind, twice, other, twice));
        }
    }

    /** Where sums of floats would have nothing left: a thousand beside a million million. */
    @Test
    void whatVariesLittleFarFromZeroIsScaledAsWell() {
        List<byte[]> rows = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            rows.add(row(1.5, 1e6 + 0.0625 * (i % 2), 0, 0));
        }
        Scaling scaling = moments(rows).scaling(Scaling.Kind.STANDARDISE, ALL);
        assertThat(scaling.factor()[0]).isCloseTo(32, within(1e-5f));
    }

    @Test
    void itIsTheSameHoweverRowsAreSharedOut() {
        Random random = new Random(3);
        List<byte[]> rows = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            rows.add(row(
                    1 + random.nextInt(3),
                    random.nextGaussian(),
                    Math.exp(15 * random.nextGaussian()),
                    random.nextFloat() - 1e4));
        }
        Scaling expected = moments(rows).scaling(Scaling.Kind.STANDARDISE, ALL);
        for (int parts : new int[] {2, 7, 200}) {
            Collections.shuffle(rows, random);
            Moments all = null;
            for (int i = 0; i < parts; i++) {
                Moments part = moments(rows.subList(i * 500 / parts, (i + 1) * 500 / parts));
                all = all == null ? part : part.plus(all);
            }
            assertThat(all.scaling(Scaling.Kind.STANDARDISE, ALL)).isEqualTo(expected);
        }
    }

    @Test
    void onlyWhatIsMeantIsScaledAndCounted() {
        List<byte[]> rows = List.of(row(1, 1, 2, 3), row(1, 3, 4, 5), row(1, 100, 100, 100));
        Moments some = Moments.of(List.of(Block.of(5, rows)).iterator(), FORMAT, 7);
        Scaling scaling = some.scaling(Scaling.Kind.STANDARDISE, new boolean[] {true, false, true});
        assertThat(scaling.shift()).containsExactly(2, 0, 4);
        assertThat(scaling.factor()).containsExactly(1, 1, 1);
    }

    @Test
    void eachStepOfASequenceCounts() {
        ExampleFormat sequences = new ExampleFormat(Element.FLOAT, Shape.sequence(2), new Target(Target.Kind.CLASS, 2));
        Block block = Block.of(
                0,
                List.of(
                        sequences.pack(new float[] {1, 10, 2, 20}, new float[] {0}),
                        sequences.pack(new float[] {6, 30}, new float[] {1})));
        Scaling scaling = Moments.of(List.of(block).iterator(), sequences, 2)
                .scaling(Scaling.Kind.STANDARDISE, new boolean[] {true, true});
        assertThat(scaling.shift()).containsExactly(3, 20);
        float[] read = new float[4];
        sequences.scaled(scaling).readFeatures(block.packed(0), read, 0);
        assertThat(read[1]).isEqualTo((10f - 20) * scaling.factor()[1]);
        assertThat(read[3]).isZero();
    }
}
