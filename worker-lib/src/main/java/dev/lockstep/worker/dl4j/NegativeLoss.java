package dev.lockstep.worker.dl4j;

import dev.lockstep.worker.model.Negatives;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Of {@link Negatives}: E = sum over j of log(1 + exp(-s_j z_j)) with s = 1 of the class and -1 of the others, dE/dz_j = sigmoid(z_j)
 * - d_j; in double, example by example. It is given the sums of those classes alone, and 1 or 0 of each for d.
 */
final class NegativeLoss implements OwnLoss {
    private static final long serialVersionUID = 1L;

    @Override
    public INDArray computeGradient(INDArray told, INDArray sums, IActivation activation, INDArray mask) {
        float[][] z = Dl4jModel.rows(sums);
        float[][] d = Dl4jModel.rows(told);
        float[][] slopes = new float[z.length][];
        for (int n = 0; n < z.length; n++) {
            slopes[n] = new float[z[n].length];
            for (int j = 0; j < z[n].length; j++) {
                slopes[n][j] = (float) (1 / (1 + StrictMath.exp(-z[n][j])) - d[n][j]);
            }
        }
        return Nd4j.createFromArray(slopes);
    }

    @Override
    public double computeScore(INDArray told, INDArray sums, IActivation activation, INDArray mask, boolean average) {
        double sum = 0;
        for (double loss : losses(told, sums)) {
            sum += loss;
        }
        return average ? sum / sums.size(0) : sum;
    }

    @Override
    public INDArray computeScoreArray(INDArray told, INDArray sums, IActivation activation, INDArray mask) {
        return Nd4j.createFromArray(losses(told, sums)).reshape(sums.size(0), 1);
    }

    private static double[] losses(INDArray told, INDArray sums) {
        float[][] z = Dl4jModel.rows(sums);
        float[][] d = Dl4jModel.rows(told);
        double[] losses = new double[z.length];
        for (int n = 0; n < z.length; n++) {
            for (int j = 0; j < z[n].length; j++) {
                double against = d[n][j] == 1 ? -z[n][j] : z[n][j];
                losses[n] += Math.max(0, against) + StrictMath.log1p(StrictMath.exp(-Math.abs(against)));
            }
        }
        return losses;
    }

    @Override
    public String name() {
        return "negative sampling";
    }
}
