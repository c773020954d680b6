package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.model.Keys;

/**
 * Kingma, Ba 2015, section 2's folded form: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * w = w - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon), t from 1.
 *
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param epsilon above 0
 */
public record Adam(double learningRate, double beta1, double beta2, double epsilon) implements Optimizer {

    static Adam read(Keys keys) {
        return new Adam(
                Optimizers.rate(keys, 0.001),
                Optimizers.fraction(keys, "beta1", 0.9),
                Optimizers.fraction(keys, "beta2", 0.999),
                Optimizers.epsilon(keys, 1e-7));
    }

    @Override
    public Adam at(double rate) {
        return new Adam(rate, beta1, beta2, epsilon);
    }
}
