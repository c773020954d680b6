package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.model.Keys;

/**
 * Tieleman, Hinton 2012: h = decay h + (1 - decay) g^2; w = w - learningRate g / (sqrt(h) + epsilon).
 *
 * @param decay in [0, 1)
 * @param epsilon above 0
 */
public record RmsProp(double learningRate, double decay, double epsilon) implements Optimizer {

    static RmsProp read(Keys keys) {
        return new RmsProp(
                Optimizers.rate(keys, 0.01), Optimizers.fraction(keys, "decay", 0.99), Optimizers.epsilon(keys, 1e-7));
    }

    @Override
    public RmsProp at(double rate) {
        return new RmsProp(rate, decay, epsilon);
    }
}
