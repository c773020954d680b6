package dev.lockstep.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.ExampleFormat.Target.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an example is packed into, with a weight and without. */
class ExampleFormatTest {
    private static final ExampleFormat BYTES = ExampleFormat.bytes(Shape.vector(3), 9);
    private static final ExampleFormat FLOATS = ExampleFormat.floats(Shape.vector(2), 2);
    private static final ExampleFormat SEQUENCES =
            new ExampleFormat(Element.FLOAT, Shape.sequence(2), new Target(Target.Kind.CLASS, 4));

    private static byte[] bytes(int size, Consumer<ByteBuffer> content) {
        ByteBuffer buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        content.accept(buffer);
        assertThat(buffer.hasRemaining()).isFalse();
        return buffer.array();
    }

    @Test
    void aWeightIsBehindTheTarget() {
        byte[] values = {99, 1, 2, (byte) 255};
        assertThat(BYTES.pack(7, values, 1))
                .isEqualTo(bytes(7, of -> of.putInt(7).put(values, 1, 3)));
        assertThat(BYTES.withWeights().pack(7, values, 1, 2.5f))
                .isEqualTo(bytes(11, of -> of.putInt(7).putFloat(2.5f).put(values, 1, 3)));
        assertThat(FLOATS.withWeights().pack(new float[] {1, 2}, new float[] {3, 4}, .5f))
                .isEqualTo(bytes(20, of -> of.putFloat(3)
                        .putFloat(4)
                        .putFloat(.5f)
                        .putFloat(1)
                        .putFloat(2)));
        assertThat(SEQUENCES.withWeights().pack(new float[] {1, 2, 3, 4}, new float[] {3}, .5f))
                .isEqualTo(bytes(28, of -> of.putInt(3)
                        .putFloat(.5f)
                        .putInt(2)
                        .putFloat(1)
                        .putFloat(2)
                        .putFloat(3)
                        .putFloat(4)));
        assertThat(BYTES.withWeights().size()).isEqualTo(11);
        assertThat(SEQUENCES.withWeights().size()).as("one step").isEqualTo(20);
    }

    @Test
    void allElseIsReadAroundIt() {
        ExampleFormat format = SEQUENCES.withWeights();
        byte[] packed = format.pack(new float[] {1, 2, 3, 4}, new float[] {3}, 1e-30f);
        assertThat(format.weight(packed)).isEqualTo(1e-30f);
        assertThat(format.steps(packed)).isEqualTo(2);
        assertThat(ExampleFormat.classOf(packed)).isEqualTo(3);
        float[] features = new float[5];
        format.readFeatures(packed, features, 1);
        assertThat(features).containsExactly(0, 1, 2, 3, 4);
        float[] target = new float[4];
        format.readTarget(packed, target, 0);
        assertThat(target).containsExactly(0, 0, 0, 1);

        float[] pixels = new float[3];
        BYTES.withWeights().readFeatures(BYTES.withWeights().pack(7, new byte[] {0, 51, -1}, 0, 3), pixels, 0);
        assertThat(pixels).containsExactly(0, .2f, 1);
    }

    @Test
    void whatSaysNothingWeighs1() {
        byte[] values = {1, 2, 3};
        assertThat(BYTES.weight(BYTES.pack(7, values, 0))).isEqualTo(1);
        assertThat(BYTES.pack(7, values, 0, 1)).isEqualTo(BYTES.pack(7, values, 0));
        assertThat(BYTES.withWeights().weight(BYTES.withWeights().pack(7, values, 0)))
                .isEqualTo(1);
        assertThat(FLOATS.withWeights().weight(FLOATS.withWeights().pack(new float[] {1, 2}, new float[] {3, 4})))
                .isEqualTo(1);
        assertThat(BYTES.weighted()).isFalse();
        assertThat(BYTES.withWeights()).isNotEqualTo(BYTES);
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -0f, -1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void whatIsNoWeightIsRefused(float weight) {
        assertThat(ExampleFormat.isWeight(weight)).isFalse();
        assertThatThrownBy(() -> BYTES.withWeights().pack(7, new byte[3], 0, weight))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an example cannot weigh " + weight + "; expected a finite number above 0");
        assertThatThrownBy(() -> FLOATS.withWeights().pack(new float[2], new float[2], weight))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Else features would be read as targets, or targets written into the example before. */
    @ParameterizedTest
    @CsvSource({"0, 3", "2, 3", "4, 3", "5, 3"})
    void everyStepHasOneTarget(int told, int steps) {
        ExampleFormat classes = new ExampleFormat(Element.FLOAT, Shape.sequence(2), new Target(Kind.CLASS, 4, true));
        assertThatThrownBy(() -> classes.pack(new float[2 * steps], new float[told]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an example of 3 steps has targets of " + told + " values; expected 3");
        assertThat(classes.targets(classes.pack(new float[2 * steps], new float[steps])))
                .isEqualTo(3);
        if (told < 1 || told > steps) {
            assertThatThrownBy(() -> classes.withLeadIn().pack(new float[2 * steps], new float[told]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("an example of 3 steps has targets of " + told + " values; expected 1 to 3");
        } else {
            assertThat(classes.withLeadIn().leadIn(classes.withLeadIn().pack(new float[2 * steps], new float[told])))
                    .isEqualTo(steps - told);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4})
    void valuesToBeToldAreAsManyAsTheFormatSays(int values) {
        assertThatThrownBy(() -> FLOATS.pack(new float[2], new float[values]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an example of 1 steps has targets of " + values + " values; expected 2");
    }

    @Test
    void aSequenceHasAStep() {
        assertThatThrownBy(() -> SEQUENCES.pack(new float[0], new float[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an example has no step; expected at least one of timex2");
    }

    @Test
    void theSizeOfASequenceIsThatOfItsSteps() {
        ExampleFormat steps = new ExampleFormat(Element.FLOAT, Shape.sequence(2), new Target(Kind.VALUES, 3, true));
        assertThat(steps.withWeights().withLeadIn().size(5))
                .isEqualTo(steps.withWeights().withLeadIn().pack(new float[10], new float[15]).length);
        assertThat(SEQUENCES.size(5)).isEqualTo(SEQUENCES.pack(new float[10], new float[1]).length);
        assertThat(BYTES.size(1)).isEqualTo(BYTES.size());
    }

    @Test
    void aWeightNeedsAPlace() {
        assertThat(ExampleFormat.isWeight(Float.MIN_VALUE)).isTrue();
        assertThatThrownBy(() -> BYTES.pack(7, new byte[3], 0, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an example cannot weigh 2.0; expected 1: these have no weights");
    }
}
