package dev.lockstep.worker.dl4j.layer;

import java.util.Set;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Activation functions by DL4J's own objects, over the values as they lie in memory where the function allows it. */
final class Elementwise {
    /** These look at neighbours, at the position, or draw random numbers in the order of the shape. */
    private static final Set<Class<?>> NOT_BY_VALUE =
            Set.of(ActivationSoftmax.class, ActivationPReLU.class, ActivationRReLU.class);

    private Elementwise() {}

    /** f(z); z has float32 values without gaps, and may be overwritten. */
    static INDArray apply(IActivation function, INDArray z, boolean training) {
        if (!isByValue(function)) {
            return function.getActivation(z, training);
        }
        MemoryOrder order = MemoryOrder.of(z);
        return order.standing(function.getActivation(order.lying(z), training));
    }

    /** epsilon f'(z), in the memory order of z where the function is by value; z may be overwritten. */
    static INDArray backprop(IActivation function, INDArray z, INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (!isByValue(function)) {
            return function.backprop(z, epsilon).getFirst();
        }
        MemoryOrder order = MemoryOrder.of(z);
        INDArray delta = order.ensure(epsilon, workspaces, ArrayType.BP_WORKING_MEM);
        return order.standing(
                function.backprop(order.lying(z), order.lying(delta)).getFirst());
    }

    /** Of DL4J's own functions alone it is known. */
    private static boolean isByValue(IActivation function) {
        return function.getClass().getPackage() == ActivationSigmoid.class.getPackage()
                && !NOT_BY_VALUE.contains(function.getClass());
    }
}
