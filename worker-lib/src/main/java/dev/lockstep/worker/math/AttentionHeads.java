package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.List;

/**
 * Vaswani et al. 2017: with q, k, v = x W + b in three parts, cut into heads of d values each, of every head
 * a_ts = softmax over s of (q_t . k_s / sqrt d) and u_t = sum over s of a_ts v_s, over the steps s that step t looks at; the output is
 * u O + c. Where something else is looked at, q is of x and k, v of that. Parameters, as PyTorch's: W {@code [3 width][width]}
 * (q, k, v), b {@code [3 width]}, O {@code [width][width]}, c {@code [width]}.
 */
public final class AttentionHeads implements SequenceKernel {
    private final int width;
    private final int heads;
    private final Attending attending;
    private final Recurrence products = new Recurrence(false);
    private final Matrices matrices = Matrices.create();
    private final ScoreRows rows;

    private int steps; // of the last forward pass
    private NativeFloats projected; // q, k, v, [steps, examples, 3 width]; then their slopes
    private NativeFloats weights; // a, [examples, heads, steps, steps]
    private NativeFloats mixed; // u, [steps, examples, width]; then its slope
    private NativeFloats slopes; // dq, dk, dv, [steps, examples, 3 width]
    private NativeFloats clean; // dy without what is behind the ends, [steps, examples, width]
    private NativeFloats scores; // of one head, [steps, steps]

    /**
     * @param width a multiple of {@code heads}
     * @param causal whether a step looks at itself and those before it alone
     */
    public AttentionHeads(int width, int heads, boolean causal) {
        this(width, heads, false, causal ? Sight.CAUSAL : Sight.ALL);
    }

    /**
     * One that reads, side by side: who asks, then what is looked at where it crosses, then the tokens where the sight asks for them.
     *
     * @param crosses whether something else is looked at than asks
     */
    public AttentionHeads(int width, int heads, boolean crosses, Sight sight) {
        this.width = width;
        this.heads = heads;
        this.attending = new Attending(width, crosses, sight);
        this.rows = new ScoreRows(sight);
    }

    private interface Head {
        /** @param at where the head's weights begin */
        void compute(int example, int head, int length, int at);
    }

    private void forEachHead(Sequences x, Head work) {
        for (int n = 0; n < x.examples(); n++) {
            for (int head = 0; head < heads; head++) {
                work.compute(n, head, x.lengths()[n], (n * heads + head) * x.steps() * x.steps());
            }
        }
    }

    /** A head's part of q (0), k (1) or v (2) of one example, {@code [length, width / heads]}. */
    private Matrix part(NativeFloats of, Sequences x, int which, int example, int head) {
        int stride = 3 * width;
        return Matrix.of(of, example * stride + which * width + head * (width / heads), x.examples() * stride);
    }

    private Matrix mixedPart(Sequences x, int example, int head) {
        return Matrix.of(mixed, example * width + head * (width / heads), x.examples() * width);
    }

    @Override
    public void forward(Sequences x, List<NativeFloats> parameters, Sequences y, boolean training) {
        steps = x.steps();
        int depth = width / heads;
        projected = Recurrence.grown(projected, x.rows() * 3 * width);
        mixed = Recurrence.grown(mixed, x.rows() * width);
        weights = Recurrence.grown(weights, x.examples() * heads * steps * steps);
        Sequences qkv = new Sequences(projected, steps, 3 * width, x.lengths());
        project(x, parameters.get(0), qkv);
        addBias(qkv, parameters.get(1));
        Sequences u = new Sequences(mixed, steps, width, x.lengths());
        u.zeroPadding();
        float scale = (float) (1 / Math.sqrt(depth));
        int[] borders = attending.borders(x);
        float[] values = new float[steps * steps];
        forEachHead(x, (n, head, length, at) -> {
            Matrix a = Matrix.of(weights, at, steps);
            matrices.product(
                    length,
                    length,
                    depth,
                    part(projected, x, 0, n, head),
                    part(projected, x, 1, n, head).transpose(),
                    0,
                    a);
            softmax(at, borders[n], length, scale, values);
            matrices.product(length, depth, length, a, part(projected, x, 2, n, head), 0, mixedPart(x, n, head));
        });
        products.project(u, parameters.get(2), y);
        addBias(y, parameters.get(3));
    }

    /**
     * What one example's steps looked at in the last forward pass, {@code [heads][steps][steps]}: each row's sum is 1.
     *
     * @param length its steps
     */
    public float[][][] weights(int example, int length) {
        float[][][] all = new float[heads][length][length];
        for (int head = 0; head < heads; head++) {
            for (int t = 0; t < length; t++) {
                int row = ((example * heads + head) * steps + t) * steps;
                weights.read(row, all[head][t], 0, length);
            }
        }
        return all;
    }

    private static void addBias(Sequences to, NativeFloats bias) {
        float[] b = Recurrence.repeated(bias, to.examples());
        float[] values = new float[b.length];
        for (int t = 0; t < to.steps(); t++) {
            to.read(t, values);
            VectorLoops.add(values, b, values.length);
            to.clearPadding(t, values);
            to.write(t, values);
        }
    }

    /** In place. */
    private void softmax(int at, int border, int length, float scale, float[] values) {
        read(weights, at, length, values);
        rows.softmax(values, border, length, scale);
        write(weights, at, length, values);
    }

    /** The rows of a head, {@code [length][length]}. */
    private void read(NativeFloats from, int at, int length, float[] values) {
        if (length == steps) {
            from.read(at, values, 0, length * length);
            return;
        }
        for (int t = 0; t < length; t++) {
            from.read(at + t * steps, values, t * length, length);
        }
    }

    private void write(NativeFloats to, int at, int length, float[] values) {
        if (length == steps) {
            to.write(at, values, 0, length * length);
            return;
        }
        for (int t = 0; t < length; t++) {
            to.write(at + t * steps, values, t * length, length);
        }
    }

    /** da = du v', dv = a' du; ds = a (da - sum over s of a da) / sqrt d; dq = ds k, dk = ds' q. */
    @Override
    public void backward(
            Sequences x, List<NativeFloats> parameters, Sequences dy, List<NativeFloats> gradients, Sequences dx) {
        int depth = width / heads;
        slopes = Recurrence.grown(slopes, x.rows() * 3 * width);
        scores = Recurrence.grown(scores, steps * steps);
        Sequences out = inside(dy);
        Sequences u = new Sequences(mixed, steps, width, x.lengths());
        products.weightGradient(out, u, gradients.get(2), 0);
        products.biasGradient(out, gradients.get(3), 0);
        products.projectBack(out, parameters.get(2), u); // u is du from here on
        Sequences dz = new Sequences(slopes, steps, 3 * width, x.lengths());
        dz.zeroPadding();
        float scale = (float) (1 / Math.sqrt(depth));
        Matrix s = Matrix.of(scores, 0, steps);
        float[] values = new float[steps * steps];
        float[] more = new float[steps * steps];
        forEachHead(x, (n, head, length, at) -> {
            Matrix a = Matrix.of(weights, at, steps);
            Matrix du = mixedPart(x, n, head);
            matrices.product(length, depth, length, a.transpose(), du, 0, part(slopes, x, 2, n, head));
            matrices.product(
                    length, length, depth, du, part(projected, x, 2, n, head).transpose(), 0, s);
            slopesOfScores(at, length, scale, values, more);
            matrices.product(length, depth, length, s, part(projected, x, 1, n, head), 0, part(slopes, x, 0, n, head));
            matrices.product(
                    length,
                    depth,
                    length,
                    s.transpose(),
                    part(projected, x, 0, n, head),
                    0,
                    part(slopes, x, 1, n, head));
        });
        products.biasGradient(dz, gradients.get(1), 0);
        projectBack(x, dz, parameters.get(0), gradients.get(0), dx);
    }

    /** What comes back is 0 behind the ends. */
    private Sequences inside(Sequences dy) {
        if (dy.isFull()) {
            return dy;
        }
        clean = Recurrence.grown(clean, dy.rows() * width);
        Sequences copy = new Sequences(clean, steps, width, dy.lengths());
        dy.copyInside(copy);
        return copy;
    }

    /** q, k and v. */
    private void project(Sequences x, NativeFloats w, Sequences qkv) {
        if (attending.crosses()) {
            products.project(attending.asking(x), w, 0, qkv.part(0, width), 0);
            products.project(attending.lookedAt(x), w, width, qkv.part(width, 2 * width), 0);
        } else {
            products.project(attending.asking(x), w, qkv);
        }
    }

    private void projectBack(Sequences x, Sequences dz, NativeFloats w, NativeFloats dw, Sequences dx) {
        Sequences ofAsking = attending.crosses() ? dz.part(0, width) : dz;
        products.weightGradient(ofAsking, attending.asking(x), dw, 0);
        if (attending.crosses()) {
            products.weightGradient(dz.part(width, 2 * width), attending.lookedAt(x), dw, width);
        }
        if (dx == null) {
            return;
        }
        products.projectBack(ofAsking, w, attending.asking(dx));
        if (attending.crosses()) {
            products.projectBack(dz.part(width, 2 * width), w, width, attending.lookedAt(dx), 0);
        }
        attending.clearTokens(dx);
    }

    private void slopesOfScores(int at, int length, float scale, float[] a, float[] da) {
        read(weights, at, length, a);
        read(scores, 0, length, da);
        rows.slopes(a, da, length, scale);
        write(scores, 0, length, da);
    }
}
