package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.model.Keys;

/**
 * Duchi, Hazan, Singer 2011: h = h + g^2; w = w - learningRate g / (sqrt(h) + epsilon).
 *
 * @param epsilon above 0
 */
public record AdaGrad(double learningRate, double epsilon) implements Optimizer {

    static AdaGrad read(Keys keys) {
        return new AdaGrad(Optimizers.rate(keys, 0.01), Optimizers.epsilon(keys, 1e-7));
    }

    @Override
    public AdaGrad at(double rate) {
        return new AdaGrad(rate, epsilon);
    }
}
