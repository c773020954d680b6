package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.math.TiledPass;
import dev.lockstep.worker.model.Keys;

/**
 * Classical momentum (Polyak 1964): v = momentum v - learningRate g; w = w + v. DL4J only has Nesterov's.
 *
 * @param momentum in [0, 1)
 */
public record Momentum(double learningRate, double momentum) implements OwnOptimizer {

    static Momentum read(Keys keys) {
        return new Momentum(Optimizers.rate(keys, 0.01), Optimizers.fraction(keys, "momentum", 0.9));
    }

    @Override
    public Momentum at(double rate) {
        return new Momentum(rate, momentum);
    }

    @Override
    public int slots() {
        return 1;
    }

    @Override
    public void step(Parameter parameter, float rate, int step) {
        float kept = (float) momentum;
        TiledPass.run(parameter.gradient(), parameter.state(), (g, state, count) -> {
            float[] v = state[0];
            for (int i = 0; i < count; i++) {
                v[i] = kept * v[i] - rate * g[i];
                g[i] = -v[i];
            }
        });
    }

    @Override
    public Optimizer nearest() {
        return new Nesterov(learningRate, momentum);
    }
}
