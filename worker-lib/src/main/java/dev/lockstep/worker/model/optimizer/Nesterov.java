package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.model.Keys;

/**
 * Nesterov 1983 in the form of Bengio et al. 2013, with the gradient taken where the weights are:
 * v' = momentum v - learningRate g; w = w - momentum v + (1 + momentum) v'.
 *
 * @param momentum in [0, 1)
 */
public record Nesterov(double learningRate, double momentum) implements Optimizer {

    static Nesterov read(Keys keys) {
        return new Nesterov(Optimizers.rate(keys, 0.01), Optimizers.fraction(keys, "momentum", 0.9));
    }

    @Override
    public Nesterov at(double rate) {
        return new Nesterov(rate, momentum);
    }
}
