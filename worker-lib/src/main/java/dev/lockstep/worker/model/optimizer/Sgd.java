package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.model.Keys;

/** w = w - learningRate g */
public record Sgd(double learningRate) implements Optimizer {

    static Sgd read(Keys keys) {
        return new Sgd(Optimizers.rate(keys, 0.01));
    }

    @Override
    public Sgd at(double rate) {
        return new Sgd(rate);
    }
}
