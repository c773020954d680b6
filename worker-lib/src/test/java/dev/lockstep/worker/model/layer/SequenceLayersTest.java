package dev.lockstep.worker.model.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.SequenceKernel;
import dev.lockstep.worker.math.Sequences;
import dev.lockstep.worker.math.Sight;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.Node;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.layer.Convolution1d.Padding;
import dev.lockstep.worker.model.layer.TransformerBlock.Norm;
import dev.lockstep.worker.natives.Natives;
import dev.lockstep.worker.text.TextVocabulary;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What layers of sequences are, in numbers that were not computed by them. */
class SequenceLayersTest {
    private static final Shape ONE = Shape.sequence(1);

    /** Two sequences side by side, of three steps and of one; what is behind an end is 7. */
    private static final int[] LENGTHS = {3, 1};

    private static final float[] X = {1, 10, 2, 7, 3, 7};

    @BeforeAll
    static void natives() {
        Natives.ready();
    }

    private static NativeFloats memory(float... values) {
        NativeFloats memory = NativeFloats.allocate(values.length);
        memory.write(0, values, 0, values.length);
        return memory;
    }

    private static float[] read(Sequences of) {
        float[] values = new float[of.memory().length()];
        of.memory().read(0, values, 0, values.length);
        return values;
    }

    private static Sequences sequences(float... values) {
        return new Sequences(memory(values), 3, 1, LENGTHS);
    }

    static Stream<Arguments> convolutions() {
        return Stream.of(
                Arguments.of(3, 1, Padding.SAME, new float[] {210, 321, 432, 43}),
                Arguments.of(3, 1, Padding.CAUSAL, new float[] {100, 210, 321, 432}),
                Arguments.of(2, 2, Padding.CAUSAL, new float[] {10, 20, 31, 42}),
                Arguments.of(3, 2, Padding.SAME, new float[] {310, 420, 31, 42}),
                Arguments.of(4, 1, Padding.SAME, new float[] {3210, 4321, 432, 43}),
                Arguments.of(1, 1, Padding.SAME, new float[] {1, 2, 3, 4}));
    }

    /** Of 1, 2, 3, 4 with taps 1, 10, 100, ... the digits say where each tap lies. */
    @ParameterizedTest
    @MethodSource("convolutions")
    void aConvolutionsTapsLieWhereItSays(int kernel, int dilation, Padding padding, float[] expected) {
        Convolution1d layer = new Convolution1d(1, kernel, dilation, padding, ActivationFunction.IDENTITY);
        float[] taps = new float[kernel];
        for (int k = 0; k < kernel; k++) {
            taps[k] = (float) Math.pow(10, k);
        }
        int[] length = {4};
        Sequences y = new Sequences(memory(7, 7, 7, 7), 4, 1, length);
        layer.sequences(ONE)
                .forward(new Sequences(memory(1, 2, 3, 4), 4, 1, length), List.of(memory(taps), memory(0)), y, false);
        assertThat(read(y)).containsExactly(expected);
    }

    /** W [kernel][filters][in]: at t - 1 the inputs count 1 and 10 for one filter, 2 and 20 for the other; at t a hundred times. */
    @Test
    void aConvolutionsWeightsLieByTapFilterAndInput() {
        Convolution1d layer = new Convolution1d(2, 2, 1, Padding.CAUSAL, ActivationFunction.RELU);
        Shape input = Shape.sequence(2);
        assertThat(layer.output(input)).isEqualTo(Shape.sequence(2));
        assertThat(layer.parameters(input).stream().map(OwnLayer.Parameter::length))
                .containsExactly(8, 2);
        int[] length = {2};
        Sequences y = new Sequences(memory(7, 7, 7, 7), 2, 2, length);
        layer.sequences(input)
                .forward(
                        new Sequences(memory(1, 2, 3, 4), 2, 2, length),
                        List.of(memory(1, 10, 2, 20, 100, 1000, 200, 2000), memory(0.5f, -5000)),
                        y,
                        false);
        assertThat(read(y)).containsExactly(2100.5f, 0, 4321.5f, 3642);
    }

    /** 1, 2, 3 becomes 3, 2, 1; 10 stays; nothing comes out behind an end. So do slopes. */
    @Test
    void theStepsOfEachFromItsEnd() {
        SequenceKernel kernel = new Reverse().sequences(ONE);
        Sequences y = sequences(new float[6]);
        kernel.forward(sequences(X), List.of(), y, true);
        assertThat(read(y)).containsExactly(3, 10, 2, 0, 1, 0);
        Sequences dx = sequences(new float[6]);
        kernel.backward(sequences(X), List.of(), sequences(X), List.of(), dx);
        assertThat(read(dx)).containsExactly(3, 10, 2, 0, 1, 0);
    }

    @Test
    void theLastStepOfEach() {
        SequenceKernel kernel = new LastStep().sequences(ONE);
        Sequences y = new Sequences(memory(7, 7), 1, 1, new int[] {1, 1});
        kernel.forward(sequences(X), List.of(), y, true);
        assertThat(read(y)).containsExactly(3, 10);
        Sequences dx = sequences(7, 7, 7, 7, 7, 7);
        Sequences dy = new Sequences(memory(5, 6), 1, 1, new int[] {1, 1});
        kernel.backward(sequences(X), List.of(), dy, List.of(), dx);
        assertThat(read(dx)).containsExactly(0, 6, 0, 0, 5, 0);
    }

    @Test
    void theLastStepOfEachAtAllOfItsSteps() {
        SequenceKernel kernel = new RepeatLastStep().sequences(ONE);
        Sequences y = sequences(7, 7, 7, 7, 7, 7);
        kernel.forward(sequences(X), List.of(), y, true);
        assertThat(read(y)).containsExactly(3, 10, 3, 0, 3, 0);
        Sequences dx = sequences(7, 7, 7, 7, 7, 7);
        kernel.backward(sequences(X), List.of(), sequences(1, 16, 2, 99, 4, 99), List.of(), dx);
        assertThat(read(dx)).containsExactly(0, 16, 0, 0, 7, 0);
    }

    @Test
    void placesAreSinesAndCosines() {
        SequenceKernel kernel = new PositionalEncoding().sequences(Shape.sequence(4));
        int[] lengths = {2, 1};
        float[] x = new float[16];
        Sequences y = new Sequences(memory(x.clone()), 2, 4, lengths);
        kernel.forward(new Sequences(memory(x), 2, 4, lengths), List.of(), y, true);
        float sin = 0.84147098f;
        float cos = 0.54030231f;
        float sinOf100th = 0.00999983f;
        float cosOf100th = 0.99995f;
        assertThat(read(y))
                .containsExactly(
                        new float[] {0, 1, 0, 1, 0, 1, 0, 1, sin, cos, sinOf100th, cosOf100th, 0, 0, 0, 0},
                        within(1e-7f));
    }

    /** Whatever is below, they say the same, and nothing goes back to it. */
    @Test
    void placesAloneAreOfTheStepAndNothingElse() {
        SequenceKernel kernel = new PositionalEncoding(PositionalEncoding.Alone.ON).sequences(Shape.sequence(2));
        int[] lengths = {2, 1};
        Sequences x = new Sequences(memory(5, 6, 7, 8, 9, 10, Float.NaN, Float.NaN), 2, 2, lengths);
        Sequences y = new Sequences(memory(7, 7, 7, 7, 7, 7, 7, 7), 2, 2, lengths);
        kernel.forward(x, List.of(), y, true);
        assertThat(read(y)).containsExactly(new float[] {0, 1, 0, 1, 0.84147098f, 0.54030231f, 0, 0}, within(1e-7f));
        Sequences dx = new Sequences(memory(7, 7, 7, 7, 7, 7, 7, 7), 2, 2, lengths);
        kernel.backward(x, List.of(), y, List.of(), dx);
        assertThat(read(dx)).containsOnly(0);
    }

    private static List<String> nodes(Norm norm) {
        TransformerBlock block = new TransformerBlock(2, 8, Attention.Mask.CAUSAL, norm, 0.1, ActivationFunction.RELU);
        List<Node> nodes = block.nodes("b", List.of("x"), List.of(Shape.sequence(6)));
        return nodes.stream()
                .map(node -> node.name() + " " + node.layer().type() + " " + node.inputs())
                .toList();
    }

    @Test
    void aBlockWithTheNormBefore() {
        assertThat(nodes(Norm.BEFORE))
                .containsExactly(
                        "b.attention-norm layer-norm [x]",
                        "b.attention attention [b.attention-norm]",
                        "b.attention-dropout dropout [b.attention]",
                        "b.attention-sum sum [x, b.attention-dropout]",
                        "b.dense-norm layer-norm [b.attention-sum]",
                        "b.dense.0 dense [b.dense-norm]",
                        "b.dense.1 dense [b.dense.0]",
                        "b.dense-dropout dropout [b.dense.1]",
                        "b sum [b.attention-sum, b.dense-dropout]");
    }

    @Test
    void aBlockWithTheNormAfter() {
        assertThat(nodes(Norm.AFTER))
                .containsExactly(
                        "b.attention attention [x]",
                        "b.attention-dropout dropout [b.attention]",
                        "b.attention-sum sum [x, b.attention-dropout]",
                        "b.attention-norm layer-norm [b.attention-sum]",
                        "b.dense.0 dense [b.attention-norm]",
                        "b.dense.1 dense [b.dense.0]",
                        "b.dense-dropout dropout [b.dense.1]",
                        "b.dense-sum sum [b.attention-norm, b.dense-dropout]",
                        "b layer-norm [b.dense-sum]");
    }

    @Test
    void aBlocksLayersAreWhatItWasTold() {
        TransformerBlock block =
                new TransformerBlock(2, 8, Attention.Mask.CAUSAL, Norm.AFTER, 0, ActivationFunction.TANH);
        List<Node> nodes = block.nodes("b", List.of("x"), List.of(Shape.sequence(6)));
        assertThat(nodes.stream().map(Node::layer))
                .containsExactly(
                        new Attention(2, Attention.Mask.CAUSAL),
                        new Sum(),
                        new LayerNorm(1e-5),
                        new Dense(8, ActivationFunction.TANH),
                        new Dense(6, ActivationFunction.IDENTITY),
                        new Sum(),
                        new LayerNorm(1e-5));
    }

    @Test
    void aDecodersBlockIsTheseLayers() {
        DecoderBlock block = new DecoderBlock(2, 8, Norm.BEFORE, 0, ActivationFunction.RELU);
        List<Shape> shapes = List.of(Shape.sequence(6), Shape.sequence(6), ONE);
        List<Node> nodes = block.nodes("b", List.of("x", "e", "input"), shapes);
        assertThat(nodes.stream().map(node -> node.name() + " " + node.part() + " " + node.inputs()))
                .startsWith(
                        "b.attention-norm LayerNorm[epsilon=1.0E-5] [x]",
                        "b.attention Attention[heads=2, mask=TARGET] [b.attention-norm, input]",
                        "b.attention-sum Sum[] [x, b.attention]",
                        "b.cross-attention-norm LayerNorm[epsilon=1.0E-5] [b.attention-sum]",
                        "b.cross-attention CrossAttention[heads=2, mask=SOURCE] [b.cross-attention-norm, e, input]",
                        "b.cross-attention-sum Sum[] [b.attention-sum, b.cross-attention]")
                .hasSize(10);
        assertThat(block.nodes("b", List.of("x", "e"), shapes.subList(0, 2))
                        .get(4)
                        .part())
                .isEqualTo(new CrossAttention(2, Attention.Mask.NONE));
        assertThatThrownBy(() -> block.nodes("b", List.of("x"), shapes.subList(0, 1)))
                .hasMessageContaining("the encoder's end");
    }

    @Test
    void aMarkBeginsATarget() {
        assertThat(Sight.MARK).isEqualTo(TextVocabulary.BOS);
    }
}
