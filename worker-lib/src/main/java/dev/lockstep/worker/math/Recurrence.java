package dev.lockstep.worker.math;

import dev.lockstep.worker.math.Matrices.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * What recurrent cells of all kinds share: the products of all steps at once where no step needs the one before, and the order
 * in which steps are taken. Weights lie as DL4J's do: {@code [outputs][inputs]}.
 */
final class Recurrence {
    private static final int UNPACKED =
            1_000_000; // multiplications, of the largest product that OpenBLAS does not pack
    private static final int CACHE_LINES = 64; // values, of four

    private final Matrices matrices = Matrices.create();
    private final boolean backward;
    private NativeFloats ones = NativeFloats.allocate(0);
    private NativeFloats first; // the h before the first step, [examples, units]; null where it is 0
    private double ratio; // of the h that is dropped where it goes into a product
    private DoubleSupplier random; // where what is dropped comes from
    private float[] kept; // what h is multiplied by there, [examples][units]; null where nothing is dropped
    private NativeFloats dropped; // the h before each step, multiplied so, [steps, examples, units]

    /** @param backward whether time runs from the last step to the first */
    Recurrence(boolean backward) {
        this.backward = backward;
    }

    /** The step that is taken in a turn, from 0. */
    int step(int turn, int steps) {
        return backward ? steps - 1 - turn : turn;
    }

    /** Sets the h before the first step, {@code [examples][units]}; null for 0. */
    void beginWith(float[] state) {
        first = null;
        if (state != null) {
            first = NativeFloats.allocate(state.length);
            first.write(0, state, 0, state.length);
        }
    }

    /** The h of the last step of each sequence; null where nothing is carried on. */
    float[] ended(Sequences h) {
        return first == null ? null : h.lasts();
    }

    /** As {@link Dropping#drop} says. */
    void drop(double share, DoubleSupplier from) {
        ratio = share;
        random = from;
    }

    /** Takes note of what a forward pass over these sequences drops. */
    void start(Sequences h, boolean training) {
        kept = null;
        if (ratio == 0 || !training) {
            return;
        }
        kept = new float[h.examples() * h.channels()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = random.getAsDouble() < ratio ? 0f : (float) (1 / (1 - ratio));
        }
        dropped = grown(dropped, h.rows() * h.channels());
    }

    /** Multiplies h, or the slope of what became of it, by what h is multiplied by on its way into a product. */
    void applyMask(float[] values) {
        if (kept != null) {
            VectorLoops.multiply(values, kept, values.length);
        }
    }

    /** Whether there is an h before a turn's step. */
    boolean hasBefore(int turn) {
        return turn > 0 || first != null;
    }

    /** What of the h before a turn's step goes into products, {@code [examples, units]}. */
    Matrix before(int turn, Sequences h) {
        if (kept != null) {
            float[] values = new float[kept.length];
            readBefore(turn, h, values);
            applyMask(values);
            Sequences inside = inside(h);
            inside.write(step(turn, h.steps()), values);
            return inside.matrix(step(turn, h.steps()));
        }
        return turn > 0 ? h.matrix(step(turn - 1, h.steps())) : Matrix.of(first, 0, h.channels());
    }

    private Sequences inside(Sequences h) {
        return new Sequences(dropped, h.steps(), h.channels(), h.lengths());
    }

    /** All of the h before a turn's step as values; 0 where there is none. */
    void readBefore(int turn, Sequences h, float[] into) {
        if (turn > 0) {
            h.read(step(turn - 1, h.steps()), into);
        } else if (first != null) {
            first.read(0, into, 0, into.length);
        } else {
            Arrays.fill(into, 0f);
        }
    }

    /** z = x W, over all steps. */
    void project(Sequences x, NativeFloats w, Sequences z) {
        project(x, w, 0, z, 0);
    }

    /** z = x W + beta z, over all steps, with the outputs of W from one on. */
    void project(Sequences x, NativeFloats w, int from, Sequences z, float beta) {
        matrices.product(
                x.rows(),
                z.channels(),
                x.channels(),
                x.matrix(),
                Matrix.of(w, from * x.channels(), x.channels()).transpose(),
                beta,
                z.matrix());
    }

    /** dx = dz W, over all steps. */
    void projectBack(Sequences dz, NativeFloats w, Sequences dx) {
        projectBack(dz, w, 0, dx, 0);
    }

    /** dx = dz W + beta dx, over all steps, with the outputs of W from one on. */
    void projectBack(Sequences dz, NativeFloats w, int from, Sequences dx, float beta) {
        matrices.product(
                dz.rows(),
                dx.channels(),
                dz.channels(),
                dz.matrix(),
                Matrix.of(w, from * dx.channels(), dx.channels()),
                beta,
                dx.matrix());
    }

    /**
     * z = h R + beta z, over one step of all examples.
     *
     * @param from the first of the outputs of R that are z's
     */
    void carry(Matrix h, int units, NativeFloats r, int from, Matrix z, int outputs, int examples, float beta) {
        matrices.product(
                examples, outputs, units, h, Matrix.of(r, from * units, units).transpose(), beta, z);
    }

    /** dh = dz R + beta dh, over one step of all examples. */
    void carryBack(Matrix dz, int outputs, NativeFloats r, int from, Matrix dh, int units, int examples, float beta) {
        matrices.product(examples, units, outputs, dz, Matrix.of(r, from * units, units), beta, dh);
    }

    /** dW = the sum over steps and examples of dz x, {@code [outputs][inputs]} from an output on. */
    void weightGradient(Sequences dz, Sequences x, NativeFloats dw, int from) {
        matrices.product(
                dz.channels(),
                x.channels(),
                dz.rows(),
                dz.matrix().transpose(),
                x.matrix(),
                0,
                Matrix.of(dw, from * x.channels(), x.channels()));
    }

    /** The same of dz with the h of the step that was taken before. */
    void recurrentGradient(Sequences dz, Sequences h, NativeFloats dr, int from) {
        int steps = dz.steps();
        if (kept != null) {
            Sequences inside = inside(h);
            if (first == null) {
                inside.write(step(0, steps), new float[kept.length]);
            }
            weightGradient(dz, inside, dr, from);
            return;
        }
        if (steps == 1) {
            dr.zero(from * h.channels(), dz.channels() * h.channels());
        } else if (backward) {
            weightGradient(dz.between(0, steps - 1), h.between(1, steps), dr, from);
        } else {
            weightGradient(dz.between(1, steps), h.between(0, steps - 1), dr, from);
        }
        if (first != null) {
            matrices.product(
                    dz.channels(),
                    h.channels(),
                    dz.examples(),
                    dz.matrix(step(0, steps)).transpose(),
                    Matrix.of(first, 0, h.channels()),
                    1,
                    Matrix.of(dr, from * h.channels(), h.channels()));
        }
    }

    /** db = the sum over steps and examples of dz, from an output on. */
    void biasGradient(Sequences dz, NativeFloats db, int from) {
        int rows = dz.rows();
        if (ones.length() < rows) {
            float[] values = new float[rows];
            Arrays.fill(values, 1f);
            ones = NativeFloats.allocate(rows);
            ones.write(0, values, 0, rows);
        }
        int channels = dz.channels();
        int width = unpacked(rows, channels);
        for (int at = 0; at < channels; at += width) {
            int count = Math.min(width, channels - at);
            Matrix part = dz.part(at, count).matrix();
            matrices.product(1, count, rows, Matrix.of(ones, 0, rows), part, 0, Matrix.of(db, from + at, count));
        }
    }

    /** How many of the channels OpenBLAS adds up as they lie: what it first packs takes five times as long. All where that is none. */
    private static int unpacked(int rows, int channels) {
        int width = UNPACKED / rows / CACHE_LINES * CACHE_LINES;
        return width == 0 ? channels : Math.min(width, channels);
    }

    /** All three of a cell whose outputs see x and h alike, and dx where it is wanted. */
    void gradients(
            Sequences x,
            Sequences h,
            Sequences dz,
            List<NativeFloats> parameters,
            List<NativeFloats> gradients,
            Sequences dx) {
        weightGradient(dz, x, gradients.get(0), 0);
        recurrentGradient(dz, h, gradients.get(1), 0);
        biasGradient(dz, gradients.get(2), 0);
        if (dx != null) {
            projectBack(dz, parameters.get(0), dx);
        }
    }

    /** A bias {@code [outputs]} for each of several examples, to be added to all of a step at once. */
    static float[] repeated(NativeFloats bias, int examples) {
        float[] all = new float[examples * bias.length()];
        for (int n = 0; n < examples; n++) {
            bias.read(0, all, n * bias.length(), bias.length());
        }
        return all;
    }

    /** Memory of at least this length: the old one where it is long enough, else new. */
    static NativeFloats grown(NativeFloats old, int length) {
        return old != null && old.length() >= length ? old : NativeFloats.allocate(length);
    }

    /** All of an array. */
    static float[] all(NativeFloats memory) {
        float[] values = new float[memory.length()];
        memory.read(0, values, 0, values.length);
        return values;
    }
}
