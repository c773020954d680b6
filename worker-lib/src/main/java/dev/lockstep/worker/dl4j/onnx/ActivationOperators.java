package dev.lockstep.worker.dl4j.onnx;

import dev.lockstep.worker.dl4j.StepActivation;
import dev.lockstep.worker.onnx.Attribute;
import dev.lockstep.worker.onnx.ElementType;
import dev.lockstep.worker.onnx.OnnxLayer;
import dev.lockstep.worker.onnx.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/** Activation functions in ONNX's operators: those that a configuration can name. */
final class ActivationOperators {
    private static final Map<Class<?>, Operators<?>> ALL = new HashMap<>();

    private interface Operators<A> {
        /** @return the value of f(x) */
        String of(A function, String x, OnnxLayer onnx);
    }

    static {
        enter(ActivationIdentity.class, (identity, x, onnx) -> x);
        enter(ActivationReLU.class, (relu, x, onnx) -> onnx.add("Relu", List.of(x)));
        enter(
                ActivationLReLU.class,
                (leaky, x, onnx) -> onnx.add("LeakyRelu", List.of(x), Attribute.of("alpha", (float) leaky.getAlpha())));
        enter(
                ActivationELU.class,
                (elu, x, onnx) -> onnx.add("Elu", List.of(x), Attribute.of("alpha", (float) elu.getAlpha())));
        enter(ActivationGELU.class, (gelu, x, onnx) -> {
            String steep = onnx.add("Mul", List.of(x, onnx.constant("steepness", Tensor.filled(1, 1.702f))));
            return onnx.add("Mul", List.of(x, onnx.add("Sigmoid", List.of(steep))));
        });
        enter(ActivationSigmoid.class, (sigmoid, x, onnx) -> onnx.add("Sigmoid", List.of(x)));
        enter(ActivationTanH.class, (tanh, x, onnx) -> onnx.add("Tanh", List.of(x)));
        enter(ActivationSoftmax.class, (softmax, x, onnx) -> onnx.add("Softmax", List.of(x), Attribute.of("axis", -1)));
        enter(StepActivation.class, (step, x, onnx) -> {
            String above = onnx.add("Greater", List.of(x, onnx.constant("zero", Tensor.filled(1, 0))));
            return onnx.cast(above, ElementType.FLOAT);
        });
    }

    private ActivationOperators() {}

    private static <A extends IActivation> void enter(Class<A> type, Operators<A> operators) {
        ALL.put(type, (IActivation function, String x, OnnxLayer onnx) -> operators.of(type.cast(function), x, onnx));
    }

    /** @param images whether x is one of images */
    @SuppressWarnings("unchecked") // entered above as what it is asked for
    static String of(IActivation function, boolean images, String x, Place at) {
        Operators<IActivation> operators = (Operators<IActivation>) ALL.get(function.getClass());
        boolean bent = function instanceof ActivationReLU && !function.equals(new ActivationReLU())
                || function instanceof ActivationGELU && !function.equals(new ActivationGELU());
        boolean byRow = images && function instanceof ActivationSoftmax;
        if (operators == null || bent || byRow) {
            throw at.refusal("no operators are known for the activation " + function
                    + (bent ? " with these settings" : byRow ? " over images" : ""));
        }
        return operators.of(function, x, at.onnx());
    }
}
