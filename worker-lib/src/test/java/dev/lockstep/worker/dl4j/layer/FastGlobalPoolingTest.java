package dev.lockstep.worker.dl4j.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.math.Workbench;
import dev.lockstep.worker.natives.Natives;
import java.util.Random;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.layers.pooling.GlobalPoolingLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The mean over the steps of sequences beside DL4J's. Images: {@link FastLayersPropertyTest}. */
class FastGlobalPoolingTest {
    private static final LayerWorkspaceMgr WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

    private final NeuralNetConfiguration conf = new NeuralNetConfiguration.Builder()
            .layer(new org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer(PoolingType.AVG))
            .build();
    private final GlobalPoolingLayer stock = new GlobalPoolingLayer(conf, DataType.FLOAT);
    private final FastGlobalPooling fast = new FastGlobalPooling(conf, DataType.FLOAT, new Workbench());

    @BeforeAll
    static void oneThread() {
        Natives.ready();
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,5,7", "3,1,9", "5,4,64", "64,128,64", "7,33,130", "2,3,1000", "40,300,12"})
    void theMeanOfStepsHasDl4jsBits(int examples, int channels, int steps) {
        Random random = new Random(examples + 31L * channels + 977L * steps);
        INDArray mask = Nd4j.create(DataType.FLOAT, examples, steps);
        for (int n = 0; n < examples; n++) {
            int length = n == 0 ? steps : 1 + random.nextInt(steps);
            for (int t = 0; t < length; t++) {
                mask.putScalar(n, t, 1);
            }
        }
        INDArray x = gaussian(random, examples, channels, steps);
        INDArray timeFirst = x.permute(2, 0, 1).dup('c').permute(1, 2, 0);
        INDArray epsilon = gaussian(random, examples, channels);
        for (INDArray input : new INDArray[] {x, timeFirst}) {
            assertThat(activations(fast, input, mask)).isEqualTo(activations(stock, input, mask));
            INDArray dx = fast.backpropGradient(epsilon, WORKSPACES).getSecond();
            assertThat(TimeFirst.is(dx)).isTrue();
            INDArray expected = stock.backpropGradient(epsilon, WORKSPACES).getSecond();
            assertThat(bits(dx)).isEqualTo(bits(expected.add(0))); // behind the ends DL4J has -0, too
        }
        assertThat(fast.passes().forward()).isEqualTo(2);
        assertThat(fast.passes().stockForward()).isZero();
    }

    private static float[] activations(GlobalPoolingLayer layer, INDArray input, INDArray mask) {
        layer.setInput(input, WORKSPACES);
        layer.setMaskArray(mask);
        return bits(layer.activate(true, WORKSPACES));
    }

    private static INDArray gaussian(Random random, long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextGaussian());
        }
        return array;
    }

    private static float[] bits(INDArray array) {
        return array.dup('c').data().asFloat();
    }
}
