package dev.lockstep.jobs.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.dl4j.Networks;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The course's matrices, and what they are for. */
class UnfoldingTest {

    private static double[] counted(int size) {
        return IntStream.range(0, size).mapToDouble(i -> i).toArray();
    }

    @Test
    void theCoursesCaseIsAMatrixOf8x9() {
        double[][] matrix = new Unfolding(new int[] {2, 1, 4, 4}, 3, 1, 0).im2col(counted(32));
        assertThat(matrix).hasNumberOfRows(8);
        assertThat(matrix[0]).containsExactly(0, 1, 2, 4, 5, 6, 8, 9, 10);
        assertThat(matrix[3]).containsExactly(5, 6, 7, 9, 10, 11, 13, 14, 15);
        assertThat(matrix[4]).containsExactly(16, 17, 18, 20, 21, 22, 24, 25, 26); // the second image
    }

    @Test
    void outputSizes() {
        Unfolding padded = new Unfolding(new int[] {1, 1, 6, 6}, 2, 1, 1);
        assertThat(padded.outputHeight()).isEqualTo(7);
        assertThat(padded.outputWidth()).isEqualTo(7);
        Unfolding strided = new Unfolding(new int[] {1, 3, 7, 5}, 3, 2, 1);
        assertThat(strided.outputHeight()).isEqualTo(4);
        assertThat(strided.outputWidth()).isEqualTo(3);
        assertThat(strided.columns()).isEqualTo(27);
        assertThatThrownBy(() -> new Unfolding(new int[] {1, 1, 2, 2}, 3, 1, 0))
                .hasMessageContaining("kernel 3x3 is larger than its input of 2x2");
    }

    /** The product of the matrix and the kernels, a column each, is what the convolution layer gives. */
    @Test
    void aConvolutionIsAProduct() {
        for (int[] window : new int[][] {{3, 1, 0}, {3, 1, 1}, {2, 2, 0}, {3, 2, 1}}) {
            Unfolding unfolding = new Unfolding(new int[] {2, 3, 6, 5}, window[0], window[1], window[2]);
            MultiLayerNetwork network = new MultiLayerNetwork(Networks.stack(
                    RunConfigParser.parse(ConfigFactory.parseString(String.format(
                                    "network { input = [3, 6, 5], layers = [{ type = convolution, filters = 4, kernel = %d,"
                                            + " stride = %d, padding = %d }, { type = output }] }",
                                    window[0], window[1], window[2])))
                            .network(),
                    1));
            network.init();
            double[] images = counted(2 * 3 * 6 * 5);
            INDArray output = network.feedForward(
                            Nd4j.createFromArray(images).castTo(DataType.FLOAT).reshape('c', 2, 3, 6, 5))
                    .get(1)
                    .permute(0, 2, 3, 1) // [N, OH, OW, F]
                    .dup('c')
                    .reshape('c', unfolding.rows(), 4);
            INDArray kernels =
                    network.getParam("0_W").castTo(DataType.DOUBLE).dup('c').reshape('c', 4, unfolding.columns());
            INDArray product = Nd4j.createFromArray(unfolding.im2col(images)).mmul(kernels.transpose());
            assertThat(product.distance2(output.castTo(DataType.DOUBLE))).isLessThan(1e-3);
        }
    }

    /** Without the transpose no row is a window; both matrices hold the same values. */
    @Test
    void theTransposeIsNeeded() {
        Unfolding unfolding = new Unfolding(new int[] {1, 1, 4, 4}, 3, 1, 0);
        double[][] without = unfolding.withoutTranspose(counted(16));
        assertThat(without[0]).containsExactly(0, 1, 4, 5, 1, 2, 5, 6, 2); // the first tap of every window comes first
        assertThat(Arrays.stream(without).flatMapToDouble(Arrays::stream).sum())
                .isEqualTo(Arrays.stream(unfolding.im2col(counted(16)))
                        .flatMapToDouble(Arrays::stream)
                        .sum());
    }

    /** Each pixel comes back once for each window that sees it; the product of both is symmetric: <im2col x, y> = <x, col2im y>. */
    @Test
    void col2imIsTheAdjoint() {
        Unfolding unfolding = new Unfolding(new int[] {1, 2, 4, 4}, 3, 1, 1);
        double[] x = counted(32);
        double[][] y = new double[unfolding.rows()][];
        double left = 0;
        double[][] unfolded = unfolding.im2col(x);
        for (int row = 0; row < y.length; row++) {
            int r = row;
            y[row] = IntStream.range(0, unfolding.columns())
                    .mapToDouble(c -> Math.sin(r * 31 + c))
                    .toArray();
            for (int c = 0; c < y[row].length; c++) {
                left += unfolded[row][c] * y[row][c];
            }
        }
        double[] back = unfolding.col2im(y);
        double right =
                IntStream.range(0, x.length).mapToDouble(i -> x[i] * back[i]).sum();
        assertThat(right).isCloseTo(left, within(1e-9));
    }
}
