package dev.lockstep.worker.dl4j;

import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link dev.lockstep.worker.model.LossFunction#HUBER}, which DL4J lacks. A masked row counts nothing. */
public final class HuberLoss implements OwnLoss {
    private static final long serialVersionUID = 1L;

    @Override
    public INDArray computeScoreArray(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        INDArray error = error(labels, preOutput, activation);
        INDArray cut = cut(error);
        // e^2 / 2 up to 1, |e| - 1/2 beyond: cut * (e - cut / 2)
        return masked(cut.mul(error.sub(cut.div(2))).sum(true, 1), mask);
    }

    @Override
    public double computeScore(
            INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
        double sum = computeScoreArray(labels, preOutput, activation, mask)
                .sumNumber()
                .doubleValue();
        return average ? sum / labels.size(0) : sum;
    }

    @Override
    public INDArray computeGradient(INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
        return masked(
                activation
                        .backprop(preOutput, cut(error(labels, preOutput, activation)))
                        .getFirst(),
                mask);
    }

    @Override
    public String name() {
        return "huber";
    }

    /** @param mask a column, or null */
    private static INDArray masked(INDArray rows, INDArray mask) {
        return mask == null ? rows : rows.muliColumnVector(mask.castTo(rows.dataType()));
    }

    private static INDArray error(INDArray labels, INDArray preOutput, IActivation activation) {
        return activation.getActivation(preOutput.dup(), true).subi(labels.castTo(preOutput.dataType()));
    }

    private static INDArray cut(INDArray error) {
        return Transforms.min(Transforms.max(error, -1), 1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HuberLoss;
    }

    @Override
    public int hashCode() {
        return HuberLoss.class.hashCode();
    }
}
