package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.math.TiledPass;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import java.util.List;

/**
 * You et al. 2020, algorithm 2, with phi the identity: Adam's direction u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) +
 * epsilon) + decay w (of weights alone), t from 1; w = w - learningRate |w| / |u| u, with the norms over one layer's array, and
 * a ratio of 1 where one of them is 0.
 *
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param epsilon above 0
 * @param decay from 0
 */
public record Lamb(double learningRate, double beta1, double beta2, double epsilon, double decay)
        implements OwnOptimizer {

    static Lamb read(Keys keys) {
        return new Lamb(
                Optimizers.rate(keys, 0.001),
                Optimizers.fraction(keys, "beta1", 0.9),
                Optimizers.fraction(keys, "beta2", 0.999),
                Optimizers.epsilon(keys, 1e-6),
                keys.float32("optimizer.weight-decay", 0.01, Interval.FROM_ZERO));
    }

    @Override
    public Lamb at(double rate) {
        return new Lamb(rate, beta1, beta2, epsilon, decay);
    }

    @Override
    public int slots() {
        return 2;
    }

    /** The norms are of a whole array. */
    @Override
    public boolean isElementWise() {
        return false;
    }

    @Override
    public void step(Parameter parameter, float rate, int step) {
        new AdamW(learningRate, beta1, beta2, epsilon, decay).step(parameter, 1, step); // the gradient is u now
        double[] squares = new double[2]; // of w and u
        TiledPass.run(parameter.gradient(), List.of(parameter.values()), (u, w, count) -> {
            for (int i = 0; i < count; i++) {
                squares[0] += (double) w[0][i] * w[0][i];
                squares[1] += (double) u[i] * u[i];
            }
        });
        double ratio = squares[0] == 0 || squares[1] == 0 ? 1 : Math.sqrt(squares[0] / squares[1]);
        float scale = (float) (rate * ratio);
        TiledPass.run(parameter.gradient(), List.of(), (u, none, count) -> {
            for (int i = 0; i < count; i++) {
                u[i] *= scale;
            }
        });
    }

    @Override
    public Optimizer nearest() {
        return new Adam(learningRate, beta1, beta2, epsilon);
    }
}
