package dev.lockstep.worker.math;

/**
 * What a window of weights of their own makes of one channel of a batch, in batch-last memory: sums over the taps, and their
 * gradients, in the order of the taps.
 */
public final class DepthwiseWindows {
    private final Window window;

    public DepthwiseWindows(Window window) {
        this.window = window;
    }

    /** The taps that a window has. */
    public int taps() {
        return window.taps();
    }

    private interface Tap {
        void run(int tap, int at, int source, int count);
    }

    private void forEachRun(int examples, Tap work) {
        int plane = window.outputPlane(examples);
        for (int tap = 0; tap < window.taps(); tap++) {
            int number = tap;
            int columns = window.columns().kernel();
            window.walk(tap / columns, tap % columns, examples, 0, plane, new Window.Runs() {
                @Override
                public void run(int at, int source, int count) {
                    work.run(number, at, source, count);
                }

                @Override
                public void padding(int at, int count) {
                    // Zeros add nothing.
                }
            });
        }
    }

    /** y = y + sum over the taps of w x. */
    public void forward(float[] x, float[] w, float[] y, int examples) {
        forEachRun(examples, (tap, at, source, count) -> addScaled(y, at, w[tap], x, source, count));
    }

    /** dw = sum of dy x by tap; dx = dx + sum over the taps of w dy. */
    public void backward(float[] x, float[] w, float[] dy, float[] dw, float[] dx, int examples) {
        double[] sums = new double[window.taps()];
        forEachRun(examples, (tap, at, source, count) -> {
            sums[tap] += product(dy, at, x, source, count);
            addScaled(dx, source, w[tap], dy, at, count);
        });
        for (int tap = 0; tap < sums.length; tap++) {
            dw[tap] = (float) sums[tap];
        }
    }

    private static void addScaled(float[] to, int at, float by, float[] from, int source, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i] += by * from[source + i];
        }
    }

    private static double product(float[] a, int at, float[] b, int from, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[at + i] * b[from + i];
        }
        return sum;
    }
}
