package dev.lockstep.worker.dl4j.onnx;

import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.OnnxSteps.Cell;
import dev.lockstep.worker.onnx.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.layers.AbstractLSTM;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.LSTMParamInitializer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** DL4J's layers that read sequences step by step, in ONNX's operators. */
final class RecurrentOperators {
    /** ONNX has the gates i, o, f, a; DL4J a, f, o, i. */
    private static final int[] GATES = {3, 2, 1, 0};

    /** As ONNX's recurrent operators call them. */
    private static final Map<Class<?>, String> FUNCTIONS = Map.of(
            ActivationTanH.class, "Tanh",
            ActivationSigmoid.class, "Sigmoid",
            ActivationReLU.class, "Relu",
            ActivationIdentity.class, "Affine");

    private RecurrentOperators() {}

    static String rnn(SimpleRnn layer, String x, Place at) {
        if (layer.isHasLayerNorm()) {
            throw at.refusal("no operators are known for a layer normalisation in it");
        }
        return recurrent("RNN", (int) layer.getNOut(), new int[] {0}, List.of(layer.getActivationFn()), x, at);
    }

    static String lstm(AbstractLSTM layer, String x, Place at) {
        IActivation squash = layer.getActivationFn();
        return recurrent(
                "LSTM", (int) layer.getNOut(), GATES, List.of(layer.getGateActivationFn(), squash, squash), x, at);
    }

    /** x W + b at every step. */
    static String sums(String x, OnnxLayer onnx) {
        String product = onnx.add("MatMul", List.of(x, onnx.parameter(DefaultParamInitializer.WEIGHT_KEY)));
        return onnx.has(DefaultParamInitializer.BIAS_KEY)
                ? onnx.add("Add", List.of(product, onnx.vector(DefaultParamInitializer.BIAS_KEY)))
                : product;
    }

    private static String recurrent(
            String operator, int units, int[] gates, List<IActivation> functions, String x, Place at) {
        // Each of these arrays is [inputs, gates * units] and has the same name in all of DL4J's recurrent layers.
        Tensor input = at.onnx().tensor(LSTMParamInitializer.INPUT_WEIGHT_KEY).transposed();
        Tensor state =
                at.onnx().tensor(LSTMParamInitializer.RECURRENT_WEIGHT_KEY).transposed();
        Tensor bias = at.onnx().tensor(LSTMParamInitializer.BIAS_KEY).flat();
        Tensor none = Tensor.filled(gates.length * units, 0);
        int rows = gates.length * units; // an LSTM with peepholes has three more of its state's
        boolean peepholes = state.sizes().get(0) > rows;
        Tensor ofGates = peepholes ? rows(state, IntStream.range(0, rows)) : state;
        Cell cell = new Cell(
                input.parts(gates.length, gates),
                ofGates.parts(gates.length, gates),
                Tensor.stacked(List.of(bias.parts(gates.length, gates), none)).flat(),
                peepholes ? rows(state, IntStream.of(rows + 2, rows + 1, rows)).flat() : null); // ONNX: i, o, f
        List<Attribute> settings = new ArrayList<>();
        settings.add(Attribute.of(
                "activations",
                functions.stream().map(function -> name(function, at)).toList()));
        int lines = (int)
                functions.stream().filter(ActivationIdentity.class::isInstance).count();
        if (lines > 0) { // 1 x + 0; the others have no such constants
            settings.add(Attribute.of(
                    "activation_alpha", Tensor.filled(lines, 1).values().get()));
            settings.add(Attribute.of("activation_beta", new float[lines]));
        }
        return at.steps().recurrent(operator, units, List.of(cell), x, settings.toArray(Attribute[]::new));
    }

    private static Tensor rows(Tensor of, IntStream chosen) {
        return of.parts(Math.toIntExact(of.sizes().get(0)), chosen.toArray());
    }

    private static String name(IActivation function, Place at) {
        String name = FUNCTIONS.get(function.getClass());
        if (name == null || function instanceof ActivationReLU && !function.equals(new ActivationReLU())) {
            throw at.refusal("no operators are known for the activation " + function + " of a recurrent layer");
        }
        return name;
    }
}
