package dev.lockstep.worker.dl4j.updater;

import dev.lockstep.worker.math.TiledPass.Loop;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The arithmetic of ND4J's optimizers, each rounding as ND4J's native code does: its compiler made fused multiply-adds of
 * the first product of a sum. At a rate of 0 they differ: ND4J's Adam moves then, see {@link RateZero}. g is the gradient and becomes the update that is subtracted from the parameters; float32.
 */
public final class UpdateLoops {
    private UpdateLoops() {}

    /** Nesterov's momentum: p = momentum v; v = p - rate g; g = -(1 + momentum) v + p. The sign is DL4J's. */
    public static Loop nesterovs(float rate, float momentum) {
        float ahead = -momentum - 1;
        return (g, state, count) -> {
            float[] v = state[0];
            for (int i = 0; i < count; i++) {
                float before = v[i];
                float now = Math.fma(momentum, before, -(rate * g[i]));
                v[i] = now;
                g[i] = Math.fma(momentum, before, ahead * now);
            }
        };
    }

    /** Duchi, Hazan, Singer 2011: h = h + g^2; g = rate g / (sqrt(h) + epsilon). */
    public static Loop adaGrad(float rate, float epsilon) {
        return (g, state, count) -> {
            float[] h = state[0];
            for (int i = 0; i < count; i++) {
                h[i] = Math.fma(g[i], g[i], h[i]);
                g[i] = rate * g[i] / ((float) Math.sqrt(h[i]) + epsilon);
            }
        };
    }

    /** Tieleman, Hinton 2012: h = decay h + (1 - decay) g^2; g = rate g / (sqrt(h) + epsilon). */
    public static Loop rmsProp(float rate, float decay, float epsilon) {
        float share = 1 - decay;
        return (g, state, count) -> {
            float[] h = state[0];
            averageSquares(h, decay, share, g, count);
            for (int i = 0; i < count; i++) {
                g[i] = rate * g[i] / ((float) Math.sqrt(h[i]) + epsilon);
            }
        };
    }

    /**
     * Zeiler 2012: h = rho h + (1 - rho) g^2; g = g sqrt(d + epsilon) / sqrt(h + epsilon); d = rho d + (1 - rho) g^2.
     */
    public static Loop adaDelta(float rho, float epsilon) {
        float share = 1 - rho;
        return (g, state, count) -> {
            float[] h = state[0];
            float[] d = state[1];
            averageSquares(h, rho, share, g, count);
            for (int i = 0; i < count; i++) {
                g[i] = g[i] * ((float) Math.sqrt(d[i] + epsilon) / (float) Math.sqrt(h[i] + epsilon));
            }
            averageSquares(d, rho, share, g, count);
        };
    }

    /**
     * Kingma, Ba 2014, with t the iteration from 0: m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; g = m a /
     * (sqrt(v) + epsilon), a = rate sqrt(1 - beta2^(t+1)) / (1 - beta1^(t+1)).
     */
    public static Loop adam(float rate, float beta1, float beta2, float epsilon, int iteration) {
        float folded = adamRate(rate, beta1, beta2, iteration);
        float a = Float.isFinite(folded) ? folded : epsilon;
        float share1 = 1 - beta1;
        float share2 = 1 - beta2;
        return (g, state, count) -> {
            float[] m = state[0];
            float[] v = state[1];
            for (int i = 0; i < count; i++) {
                m[i] = Math.fma(beta1, m[i], g[i] * share1);
            }
            averageSquares(v, beta2, share2, g, count);
            for (int i = 0; i < count; i++) {
                g[i] = m[i] * a / ((float) Math.sqrt(v[i]) + epsilon);
            }
        };
    }

    /** Adam's a; not finite where beta1 is 1 in float32. */
    public static float adamRate(float learningRate, float beta1, float beta2, int iteration) {
        // ND4J's own power: the C library's is not always the nearest float, as Java's rounded one is.
        INDArray powers = Transforms.pow(Nd4j.createFromArray(beta1, beta2), (float) (iteration + 1), false);
        float root = (float) Math.sqrt((float) (1.0 - powers.getFloat(1)));
        return (float) ((double) (learningRate * root) / (1.0 - powers.getFloat(0)));
    }

    private static void averageSquares(float[] means, float decay, float share, float[] values, int count) {
        for (int i = 0; i < count; i++) {
            means[i] = Math.fma(decay, means[i], values[i] * values[i] * share);
        }
    }
}
