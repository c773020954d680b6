package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.model.Keys;

/**
 * Zeiler 2012: h = decay h + (1 - decay) g^2; d = g sqrt(s + epsilon) / sqrt(h + epsilon);
 * s = decay s + (1 - decay) d^2; w = w - d. It has no learning rate: the rate is 1.
 *
 * @param decay in [0, 1)
 * @param epsilon above 0
 */
public record AdaDelta(double decay, double epsilon) implements Optimizer {

    static AdaDelta read(Keys keys) {
        return new AdaDelta(Optimizers.fraction(keys, "decay", 0.95), Optimizers.epsilon(keys, 1e-6));
    }

    @Override
    public Optimizer at(double rate) {
        return this;
    }

    @Override
    public double learningRate() {
        return 1;
    }

    @Override
    public boolean hasLearningRate() {
        return false;
    }
}
