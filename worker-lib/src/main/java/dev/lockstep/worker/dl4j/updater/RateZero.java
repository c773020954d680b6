package dev.lockstep.worker.dl4j.updater;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.AMSGradUpdater;
import org.nd4j.linalg.learning.AdaBeliefUpdater;
import org.nd4j.linalg.learning.AdaMaxUpdater;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * Adam and its kin as ND4J has them, but for a rate of 0: ND4J then takes epsilon for the rate and goes on training. Here
 * the state goes on, by ND4J's bits, and nothing moves, as the formulas say.
 */
public final class RateZero<C extends IUpdater> implements GradientUpdater<C> {
    private final GradientUpdater<C> stock;

    private RateZero(GradientUpdater<C> stock) {
        this.stock = stock;
    }

    /** @return the optimizer given, where it does what its formula says */
    public static <C extends IUpdater> GradientUpdater<C> respectedBy(GradientUpdater<C> stock) {
        boolean mended = stock instanceof AdamUpdater
                || stock instanceof AMSGradUpdater
                || stock instanceof AdaMaxUpdater
                || stock instanceof AdaBeliefUpdater;
        return mended ? new RateZero<>(stock) : stock;
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
        stock.applyUpdater(gradient, iteration, epoch);
        if (rate(iteration, epoch) == 0) {
            gradient.muli(0); // keeps the sign of the zero, as the formula does
        }
    }

    /** What ND4J takes the step with: float32, and of the optimizers that fold their corrections into it, folded. */
    private float rate(int iteration, int epoch) {
        C config = stock.getConfig();
        float rate = (float) config.getLearningRate(iteration, epoch);
        if (config instanceof Adam adam) {
            return UpdateLoops.adamRate(rate, (float) adam.getBeta1(), (float) adam.getBeta2(), iteration);
        } else if (config instanceof AMSGrad amsGrad) {
            return UpdateLoops.adamRate(rate, (float) amsGrad.getBeta1(), (float) amsGrad.getBeta2(), iteration);
        }
        return rate;
    }

    @Override
    public C getConfig() {
        return stock.getConfig();
    }

    @Override
    public Map<String, INDArray> getState() {
        return stock.getState();
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialize) {
        stock.setState(state, initialize);
    }

    @Override
    public void setStateViewArray(INDArray view, long[] shape, char order, boolean initialize) {
        stock.setStateViewArray(view, shape, order, initialize);
    }
}
