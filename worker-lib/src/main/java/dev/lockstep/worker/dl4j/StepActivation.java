package dev.lockstep.worker.dl4j;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The perceptron's step as a DL4J activation, which DL4J lacks: 1 for a sum above 0, else 0; its derivative is 0. */
public final class StepActivation extends BaseActivationFunction {
    private static final long serialVersionUID = 1L;

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
        return in.assign(in.gt(0).castTo(in.dataType()));
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
        assertShape(in, epsilon);
        return new Pair<>(in.assign(0), null);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StepActivation;
    }

    @Override
    public int hashCode() {
        return StepActivation.class.hashCode();
    }

    @Override
    public String toString() {
        return "step";
    }
}
