package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Local response normalisation beside its formula in double precision, and that formula's finite differences. */
class FastResponseNormTest {
    private static final int BATCH = 5;
    private static final int CHANNELS = 9;
    private static final int HEIGHT = 4;
    private static final int WIDTH = 3;
    private static final int PIXELS = BATCH * HEIGHT * WIDTH;
    private static final LayerWorkspaceMgr WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

    private record Norm(int n, double k, double alpha, double beta) {
        /** Krizhevsky et al. 2012, 3.3, over the channels of one pixel. */
        double[] of(double[] x) {
            double[] y = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                double sum = 0;
                for (int j = Math.max(0, i - n / 2); j <= Math.min(x.length - 1, i + n / 2); j++) {
                    sum += x[j] * x[j];
                }
                y[i] = x[i] / Math.pow(k + alpha * sum, beta);
            }
            return y;
        }

        /** The derivatives of the sum of dy y, by central differences. */
        double[] gradient(double[] x, double[] dy) {
            double step = 1e-5;
            double[] gradient = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                double[] near = x.clone();
                near[i] = x[i] + step;
                double above = product(of(near), dy);
                near[i] = x[i] - step;
                gradient[i] = (above - product(of(near), dy)) / (2 * step);
            }
            return gradient;
        }

        private static double product(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                sum += a[i] * b[i];
            }
            return sum;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5, 2, 0.0001, 0.75, NCHW",
        "5, 2, 0.5, 0.75, NCHW",
        "5, 1, 1.5, 0.75, NHWC",
        "3, 0.5, 1, 0.5, NCHW",
        "4, 1, 0.7, 1.3, NHWC",
        "1, 1, 0.9, 0.75, NCHW",
        "19, 1, 0.3, 0.6, NCHW"
    })
    void isTheFormulaAndItsExactGradient(int n, double k, double alpha, double beta, CNN2DFormat format) {
        Norm norm = new Norm(n, k, alpha, beta);
        var conf = new LocalResponseNormalization.Builder(k, n, alpha, beta).build();
        Nets nets = new Nets(n, InputType.convolutional(HEIGHT, WIDTH, CHANNELS, format), List.of(conf));
        Layer layer = nets.fast.getLayer(0);
        assertThat(layer).isInstanceOf(FastResponseNorm.class);
        INDArray x = nets.examples(BATCH);
        INDArray dy = nets.examples(BATCH);
        layer.setInput(x, WORKSPACES);
        double[][] actual = pixels(layer.activate(true, WORKSPACES), format);
        double[][] actualGradient =
                pixels(layer.backpropGradient(dy, WORKSPACES).getSecond(), format);
        double[][] in = pixels(x, format);
        double[][] delta = pixels(dy, format);
        for (int pixel = 0; pixel < PIXELS; pixel++) {
            assertClose(actual[pixel], norm.of(in[pixel]));
            assertClose(actualGradient[pixel], norm.gradient(in[pixel], delta[pixel]));
        }
    }

    /** {@code [pixel][channel]}. */
    private static double[][] pixels(INDArray image, CNN2DFormat format) {
        INDArray channelsLast = format == CNN2DFormat.NHWC ? image : image.permute(0, 2, 3, 1);
        return channelsLast.dup('c').reshape('c', PIXELS, CHANNELS).toDoubleMatrix();
    }

    private static void assertClose(double[] actual, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-5));
        }
    }
}
