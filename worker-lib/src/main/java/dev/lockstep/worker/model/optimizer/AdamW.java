package dev.lockstep.worker.model.optimizer;

import dev.lockstep.worker.math.NativeFloats;
import dev.lockstep.worker.math.TiledPass;
import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import java.util.ArrayList;
import java.util.List;

/**
 * Loshchilov, Hutter 2019, algorithm 2: as Adam (Kingma, Ba 2015, algorithm 1), and beside its step each weight loses a part
 * of itself; biases, scales and shifts do not. m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * w = w - learningRate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + decay w), t from 1.
 *
 * @param beta1 in [0, 1)
 * @param beta2 in [0, 1)
 * @param epsilon above 0
 * @param decay from 0
 */
public record AdamW(double learningRate, double beta1, double beta2, double epsilon, double decay)
        implements OwnOptimizer {

    static AdamW read(Keys keys) {
        return new AdamW(
                Optimizers.rate(keys, 0.001),
                Optimizers.fraction(keys, "beta1", 0.9),
                Optimizers.fraction(keys, "beta2", 0.999),
                Optimizers.epsilon(keys, 1e-8),
                keys.float32("optimizer.weight-decay", 0.01, Interval.FROM_ZERO));
    }

    @Override
    public AdamW at(double rate) {
        return new AdamW(rate, beta1, beta2, epsilon, decay);
    }

    @Override
    public int slots() {
        return 2;
    }

    @Override
    public void step(Parameter parameter, float rate, int step) {
        float b1 = (float) beta1;
        float b2 = (float) beta2;
        float first = (float) (1 - StrictMath.pow(beta1, step + 1.0));
        float second = (float) (1 - StrictMath.pow(beta2, step + 1.0));
        float shrink = parameter.isWeight() ? (float) decay : 0;
        List<NativeFloats> arrays = new ArrayList<>(parameter.state());
        arrays.add(parameter.values());
        TiledPass.run(parameter.gradient(), arrays, (g, state, count) -> {
            float[] m = state[0];
            float[] v = state[1];
            float[] w = state[2];
            for (int i = 0; i < count; i++) {
                m[i] = b1 * m[i] + (1 - b1) * g[i];
                v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i];
                g[i] = rate * (m[i] / first / ((float) Math.sqrt(v[i] / second) + (float) epsilon) + shrink * w[i]);
            }
        });
    }

    @Override
    public Optimizer nearest() {
        return new Adam(learningRate, beta1, beta2, epsilon);
    }
}
