package dev.lockstep.worker.model.layer;

import dev.lockstep.worker.model.Interval;
import dev.lockstep.worker.model.Keys;
import dev.lockstep.worker.model.Shape;

/**
 * Krizhevsky, Sutskever, Hinton 2012: y = x / (k + alpha sum of x^2)^beta, the sum over the n channels around, at the same
 * pixel.
 *
 * @param n odd, at least 1
 * @param k above 0
 * @param alpha above 0
 * @param beta above 0
 */
public record LocalResponseNorm(int n, double k, double alpha, double beta) implements Layer {
    public static final String TYPE = "local-response-norm";

    static LocalResponseNorm read(Keys keys) {
        int n = keys.integer("n", 5, 1, 1_000_001);
        if (n % 2 == 0) {
            keys.problem("n", "expected an odd number of channels, found " + n);
        }
        return new LocalResponseNorm(
                n,
                keys.number("k", 2, Interval.POSITIVE),
                keys.number("alpha", 1e-4, Interval.POSITIVE),
                keys.number("beta", 0.75, Interval.POSITIVE));
    }

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public Shape output(Shape input) {
        return input.requireImage();
    }
}
