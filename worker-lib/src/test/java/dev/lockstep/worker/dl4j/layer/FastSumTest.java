package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.math.Workbench;
import dev.lockstep.worker.natives.Natives;
import java.util.Random;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.ElementWiseVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Our sum beside DL4J's. */
class FastSumTest {
    private static final LayerWorkspaceMgr WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

    private final Random random = new Random(3);

    @BeforeAll
    static void oneThread() {
        Natives.ready();
    }

    private static ElementWiseVertex stock(int inputs) {
        VertexIndices[] from = new VertexIndices[inputs];
        for (int i = 0; i < inputs; i++) {
            from[i] = new VertexIndices(i, 0);
        }
        return new ElementWiseVertex(
                null, "sum", inputs, from, new VertexIndices[0], ElementWiseVertex.Op.Add, DataType.FLOAT);
    }

    private static FastSum fast(int inputs) {
        return new FastSum(stock(inputs), ElementWiseVertex.Op.Add, new Workbench());
    }

    private INDArray random(long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian());
        }
        return array;
    }

    private INDArray images() {
        return BatchLast.of(random(7, 11, 13, 9), WORKSPACES, ArrayType.ACTIVATIONS);
    }

    private static float[] bits(INDArray array) {
        return array.dup('c').data().asFloat();
    }

    private static INDArray forward(ElementWiseVertex vertex, INDArray... inputs) {
        for (int i = 0; i < inputs.length; i++) {
            vertex.setInput(i, inputs[i], WORKSPACES);
        }
        return vertex.doForward(true, WORKSPACES);
    }

    private static INDArray[] backward(ElementWiseVertex vertex, INDArray gradient) {
        vertex.setEpsilon(gradient);
        return vertex.doBackward(false, WORKSPACES).getSecond();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void imagesHaveDl4jsBitsAndStayBatchLast(int inputs) {
        INDArray[] images = new INDArray[inputs];
        for (int i = 0; i < inputs; i++) {
            images[i] = images();
        }
        FastSum fast = fast(inputs);
        INDArray sum = forward(fast, images);
        assertThat(BatchLast.is(sum)).isTrue();
        assertThat(bits(sum)).isEqualTo(bits(forward(stock(inputs), images)));

        INDArray gradient = images();
        INDArray[] gradients = backward(fast, gradient);
        assertThat(gradients).hasSize(inputs).allSatisfy(given -> {
            assertThat(BatchLast.is(given)).isTrue();
            assertThat(bits(given)).isEqualTo(bits(gradient));
        });
        assertThat(fast.passes().forward()).isEqualTo(1);
        assertThat(fast.passes().backward()).isEqualTo(1);
        assertThat(fast.passes().stockForward()).isZero();
    }

    /** A graph adds to an input's gradient in place what its other readers give. */
    @Test
    void noGradientSharesMemoryWithAnother() {
        INDArray gradient = images();
        float[] before = bits(gradient);
        FastSum fast = fast(2);
        forward(fast, images(), images());
        INDArray[] gradients = backward(fast, gradient);
        gradients[0].addi(1);
        assertThat(bits(gradients[1])).isEqualTo(before);
        assertThat(bits(gradient)).isEqualTo(before);
    }

    @Test
    void inputsMayLieInDifferentOrders() {
        INDArray[] images = {
            images(), random(7, 11, 13, 9), random(9, 13, 11, 7).permute(3, 2, 1, 0)
        };
        FastSum fast = fast(3);
        assertThat(bits(forward(fast, images))).isEqualTo(bits(forward(stock(3), images)));
        INDArray gradient = random(7, 11, 13, 9);
        assertThat(backward(fast, gradient))
                .allSatisfy(given -> assertThat(bits(given)).isEqualTo(bits(gradient)));
        INDArray[] vectors = {random(7, 50).dup('f'), random(7, 50)};
        assertThat(bits(forward(fast(2), vectors))).isEqualTo(bits(forward(stock(2), vectors)));
    }

    private INDArray timeFirst() {
        return TimeFirst.of(random(7, 11, 13), WORKSPACES, ArrayType.ACTIVATIONS);
    }

    /** As where a block's shortcut comes from the network's own input. */
    @Test
    void aSumLiesAsLayersOfSequencesDoThoughItsFirstInputDoesNot() {
        INDArray[] inputs = {random(7, 11, 13), timeFirst()};
        FastSum fast = fast(2);
        INDArray sum = forward(fast, inputs);
        assertThat(TimeFirst.is(sum)).isTrue();
        assertThat(bits(sum)).isEqualTo(bits(forward(stock(2), inputs)));
        INDArray gradient = timeFirst();
        assertThat(backward(fast, gradient)).allSatisfy(given -> {
            assertThat(TimeFirst.is(given)).isTrue();
            assertThat(bits(given)).isEqualTo(bits(gradient));
        });
    }

    /** What other readers of an input give, in whatever order it lies. */
    @Test
    void moreIsAddedToAGradientInPlace() {
        for (INDArray more : new INDArray[] {
            timeFirst(), random(7, 11, 13), random(13, 11, 7).permute(2, 1, 0)
        }) {
            FastSum fast = fast(2);
            forward(fast, timeFirst(), timeFirst());
            INDArray gradient = timeFirst();
            INDArray[] gradients = backward(fast, gradient);
            INDArray added = gradients[0].addi(more);
            assertThat(bits(added)).isEqualTo(bits(gradient.add(more)));
            assertThat(added).isSameAs(gradients[0]);
            assertThat(bits(gradients[1])).isEqualTo(bits(gradient));
        }
    }

    @Test
    void whatIsBroadcastIsDl4jsAndCounted() {
        INDArray[] inputs = {random(7, 11), random(7, 1)};
        FastSum fast = fast(2);
        ElementWiseVertex stock = stock(2);
        assertThat(bits(forward(fast, inputs))).isEqualTo(bits(forward(stock, inputs)));
        INDArray gradient = random(7, 11);
        INDArray[] expected = backward(stock, gradient);
        INDArray[] actual = backward(fast, gradient);
        assertThat(bits(actual[0])).isEqualTo(bits(expected[0]));
        assertThat(bits(actual[1])).isEqualTo(bits(expected[1])).hasSize(7);
        assertThat(fast.passes().forward()).isZero();
        assertThat(fast.passes().stockForward()).isEqualTo(1);
        assertThat(fast.passes().stockBackward()).isEqualTo(1);
    }
}
