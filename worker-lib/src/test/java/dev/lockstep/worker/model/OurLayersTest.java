package dev.lockstep.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.InstanceNorm;
import dev.lockstep.worker.model.layer.Layer;
import dev.lockstep.worker.model.layer.LayerNorm;
import dev.lockstep.worker.model.layer.Part;
import dev.lockstep.worker.model.layer.Residual;
import dev.lockstep.worker.model.layer.Residual.Shortcut;
import java.util.List;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The layers that DL4J lacks: what they compute, and that DL4J's JSON brings them back. */
class OurLayersTest {
    private static final Shape IMAGE = new Shape(2, 1, 2);

    private static NetworkSpec of(Part... layers) {
        return CourseNetworks.of(IMAGE, List.of(layers));
    }

    private static double[] normed(Layer norm) {
        Network network = Networks.build(of(norm, CourseNetworks.softmax(2)), 1, new Sgd(1), DataType.DOUBLE);
        INDArray x = Nd4j.createFromArray(1.0, 3, 5, 11, 2, 2, 2, 6).reshape(2, 2, 1, 2);
        network.layers().get(0).setInput(x, LayerWorkspaceMgr.noWorkspaces());
        return network.layers()
                .get(0)
                .activate(true, LayerWorkspaceMgr.noWorkspaces())
                .dup('c')
                .data()
                .asDouble();
    }

    @Test
    void layerNormIsByExample() {
        // 1 3 5 11: mean 5, variance 14. 2 2 2 6: mean 3, variance 3.
        double a = Math.sqrt(14 + 0.5);
        double b = Math.sqrt(3 + 0.5);
        assertThat(normed(new LayerNorm(0.5)))
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(-4 / a, -2 / a, 0, 6 / a, -1 / b, -1 / b, -1 / b, 3 / b);
    }

    @Test
    void instanceNormIsByExampleAndChannel() {
        // 1 3: mean 2, variance 1. 5 11: mean 8, variance 9. 2 2: variance 0. 2 6: mean 4, variance 4.
        double a = Math.sqrt(1.5);
        double b = Math.sqrt(9.5);
        double c = Math.sqrt(4.5);
        assertThat(normed(new InstanceNorm(0.5)))
                .usingComparatorWithPrecision(1e-12)
                .containsExactly(-1 / a, 1 / a, -3 / b, 3 / b, 0, 0, -2 / c, 2 / c);
    }

    @Test
    void comeBackFromJson() {
        NetworkSpec spec = of(
                new Convolution(3, 1, 1, 0, ActivationFunction.IDENTITY),
                new InstanceNorm(0.1),
                new Residual(List.of(new LayerNorm(0.2)), Shortcut.IDENTITY, ActivationFunction.RELU),
                new Activation(ActivationFunction.STEP),
                CourseNetworks.softmax(2));
        Network network = Networks.build(spec, 1);
        Network restored =
                Network.fromJson(Networks.stock(spec).configurationJson()).init();
        restored.parameters().assign(network.parameters());
        INDArray x = Nd4j.createFromArray(1f, 3, 5, 11, 2, 2, 2, 6).reshape(2, 2, 1, 2);
        assertThat(restored.output(x).data().asFloat())
                .isEqualTo(network.output(x).data().asFloat());
    }
}
