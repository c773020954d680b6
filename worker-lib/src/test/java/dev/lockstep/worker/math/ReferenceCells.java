package dev.lockstep.worker.math;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Recurrent layers as their papers write them, in double precision, for one sequence of any length at a time: no padding, no
 * products of matrices, no gradients. Weights lie as {@code [outputs][inputs]}.
 */
interface ReferenceCells {

    /**
     * @param x {@code [steps][inputs]}
     * @param p the parameters, in the kernel's order
     * @return {@code [steps][outputs]}
     */
    double[][] run(double[][] x, double[][] p);

    static double sigmoid(double u) {
        return 1 / (1 + Math.exp(-u));
    }

    /** Output k of w times v. */
    private static double product(double[] w, double[] v, int k) {
        double sum = 0;
        for (int i = 0; i < v.length; i++) {
            sum += w[k * v.length + i] * v[i];
        }
        return sum;
    }

    static ReferenceCells rnn(int units, DoubleUnaryOperator f) {
        return (x, p) -> {
            double[][] y = new double[x.length][units];
            double[] h = new double[units];
            for (int t = 0; t < x.length; t++) {
                for (int j = 0; j < units; j++) {
                    y[t][j] = f.applyAsDouble(product(p[0], x[t], j) + product(p[1], h, j) + p[2][j]);
                }
                h = y[t];
            }
            return y;
        };
    }

    static ReferenceCells lstm(int units) {
        return lstm(units, false);
    }

    /** Behind R lie p_f, p_o, p_i. */
    static ReferenceCells peepholes(int units) {
        return lstm(units, true);
    }

    private static ReferenceCells lstm(int units, boolean holes) {
        return (x, p) -> {
            double[][] y = new double[x.length][units];
            double[] h = new double[units];
            double[] c = new double[units];
            double[] none = new double[units];
            double[] forgetHole = holes ? Arrays.copyOfRange(p[1], 4 * units * units, (4 * units + 1) * units) : none;
            double[] outHole =
                    holes ? Arrays.copyOfRange(p[1], (4 * units + 1) * units, (4 * units + 2) * units) : none;
            double[] inHole = holes ? Arrays.copyOfRange(p[1], (4 * units + 2) * units, (4 * units + 3) * units) : none;
            for (int t = 0; t < x.length; t++) {
                for (int j = 0; j < units; j++) {
                    double[] z = new double[4];
                    for (int gate = 0; gate < 4; gate++) {
                        int k = gate * units + j;
                        z[gate] = product(p[0], x[t], k) + product(p[1], h, k) + p[2][k];
                    }
                    double forget = sigmoid(z[1] + forgetHole[j] * c[j]);
                    double in = sigmoid(z[3] + inHole[j] * c[j]);
                    c[j] = forget * c[j] + in * Math.tanh(z[0]);
                    double out = sigmoid(z[2] + outHole[j] * c[j]);
                    y[t][j] = out * Math.tanh(c[j]);
                }
                h = y[t];
            }
            return y;
        };
    }

    static ReferenceCells gru(int units, boolean resetAfter) {
        return (x, p) -> {
            double[][] y = new double[x.length][units];
            double[] h = new double[units];
            for (int t = 0; t < x.length; t++) {
                double[] r = new double[units];
                double[] rh = new double[units];
                for (int j = 0; j < units; j++) {
                    double s = resetAfter ? p[3][j] : 0;
                    r[j] = sigmoid(product(p[0], x[t], j) + product(p[1], h, j) + p[2][j] + s);
                    rh[j] = r[j] * h[j];
                }
                for (int j = 0; j < units; j++) {
                    int k = units + j;
                    int last = 2 * units + j;
                    double s = resetAfter ? p[3][k] : 0;
                    double z = sigmoid(product(p[0], x[t], k) + product(p[1], h, k) + p[2][k] + s);
                    double within = resetAfter ? r[j] * (product(p[1], h, last) + p[3][last]) : product(p[1], rh, last);
                    double n = Math.tanh(product(p[0], x[t], last) + p[2][last] + within);
                    y[t][j] = (1 - z) * n + z * h[j];
                }
                h = y[t];
            }
            return y;
        };
    }

    static ReferenceCells dense(int units) {
        return (x, p) -> {
            double[][] y = new double[x.length][units];
            for (int t = 0; t < x.length; t++) {
                for (int j = 0; j < units; j++) {
                    y[t][j] = Math.tanh(product(p[0], x[t], j) + p[1][j]);
                }
            }
            return y;
        };
    }

    /** Over time, by tanh. */
    static ReferenceCells convolution(int units, int... shifts) {
        return (x, p) -> {
            double[][] y = new double[x.length][units];
            for (int t = 0; t < x.length; t++) {
                for (int j = 0; j < units; j++) {
                    double sum = p[1][j];
                    for (int k = 0; k < shifts.length; k++) {
                        int at = t + shifts[k];
                        sum += at < 0 || at >= x.length ? 0 : product(p[0], x[at], k * units + j);
                    }
                    y[t][j] = Math.tanh(sum);
                }
            }
            return y;
        };
    }

    static ReferenceCells layerNorm(double epsilon) {
        return (x, p) -> {
            double[][] y = new double[x.length][x[0].length];
            for (int t = 0; t < x.length; t++) {
                double mean = Arrays.stream(x[t]).average().orElseThrow();
                double variance = Arrays.stream(x[t])
                        .map(value -> (value - mean) * (value - mean))
                        .average()
                        .orElseThrow();
                for (int c = 0; c < y[t].length; c++) {
                    y[t][c] = p[0][c] * (x[t][c] - mean) / Math.sqrt(variance + epsilon) + p[1][c];
                }
            }
            return y;
        };
    }

    static ReferenceCells attention(int heads, boolean causal) {
        return attention(heads, false, causal ? Sight.CAUSAL : Sight.ALL);
    }

    /** The steps that step t looks at: x ends with a token where the sight asks for it. */
    private static int[] seen(Sight sight, double[][] x, int t) {
        int border = 0;
        while (border < x.length && x[border][x[border].length - 1] != 1) {
            border++;
        }
        int source = border;
        return IntStream.range(0, x.length)
                .filter(s -> switch (sight) {
                    case ALL -> true;
                    case CAUSAL -> s <= t;
                    case SOURCE -> s < source;
                    case TARGET -> s <= t && (s < source) == (t < source);
                })
                .toArray();
    }

    private static double[] softmax(double[] scores) {
        double[] a = Arrays.stream(scores).map(Math::exp).toArray();
        double sum = Arrays.stream(a).sum();
        return Arrays.stream(a).map(value -> value / sum).toArray();
    }

    private static double[][] part(double[][] x, int from, int count) {
        return Arrays.stream(x)
                .map(row -> Arrays.copyOfRange(row, from, from + count))
                .toArray(double[][]::new);
    }

    /** Of what asks, what is looked at where it crosses, and tokens where the sight asks for them. */
    static ReferenceCells attention(int heads, boolean crosses, Sight sight) {
        return (x, p) -> {
            int width = (x[0].length - (sight.asksForTokens() ? 1 : 0)) / (crosses ? 2 : 1);
            int depth = width / heads;
            double[][] asks = part(x, 0, width);
            double[][] memory = part(x, crosses ? width : 0, width);
            double[][] z = new double[x.length][3 * width];
            for (int t = 0; t < x.length; t++) {
                for (int k = 0; k < 3 * width; k++) {
                    z[t][k] = product(p[0], k < width ? asks[t] : memory[t], k) + p[1][k];
                }
            }
            double[][] y = new double[x.length][width];
            for (int t = 0; t < x.length; t++) {
                int[] seen = seen(sight, x, t);
                double[] mixed = new double[width];
                for (int head = 0; head < heads; head++) {
                    double[] scores = new double[seen.length];
                    for (int s = 0; s < seen.length; s++) {
                        for (int i = head * depth; i < (head + 1) * depth; i++) {
                            scores[s] += z[t][i] * z[seen[s]][width + i] / Math.sqrt(depth);
                        }
                    }
                    double[] a = softmax(scores);
                    for (int s = 0; s < seen.length; s++) {
                        for (int i = head * depth; i < (head + 1) * depth; i++) {
                            mixed[i] += a[s] * z[seen[s]][2 * width + i];
                        }
                    }
                }
                for (int k = 0; k < width; k++) {
                    y[t][k] = product(p[2], mixed, k) + p[3][k];
                }
            }
            return y;
        };
    }

    /** The same by sums of tanh. */
    static ReferenceCells additive(boolean crosses, Sight sight) {
        return (x, p) -> {
            int width = (x[0].length - (sight.asksForTokens() ? 1 : 0)) / (crosses ? 2 : 1);
            double[][] asks = part(x, 0, width);
            double[][] memory = part(x, crosses ? width : 0, width);
            double[][] y = new double[x.length][width];
            for (int t = 0; t < x.length; t++) {
                int[] seen = seen(sight, x, t);
                double[] scores = new double[seen.length];
                for (int s = 0; s < seen.length; s++) {
                    for (int j = 0; j < width; j++) {
                        scores[s] += p[2][j]
                                * Math.tanh(product(p[0], asks[t], j)
                                        + p[1][j]
                                        + product(p[0], memory[seen[s]], width + j));
                    }
                }
                double[] a = softmax(scores);
                for (int s = 0; s < seen.length; s++) {
                    for (int j = 0; j < width; j++) {
                        y[t][j] += a[s] * memory[seen[s]][j];
                    }
                }
            }
            return y;
        };
    }

    /**
     * The same of cells that drop within their steps: what a sequence's h is multiplied by in front of R is as much as columns of R
     * multiplied by it. To be run for each sequence of a batch in turn.
     *
     * @param masks {@code [examples][units]}
     */
    static ReferenceCells dropped(ReferenceCells cells, double[] masks, int units) {
        int[] next = {0};
        return (x, p) -> {
            double[][] changed = p.clone();
            changed[1] = p[1].clone();
            int square = changed[1].length / units / units * units * units; // what is behind it are no products
            for (int i = 0; i < square; i++) {
                changed[1][i] *= masks[next[0] + i % units];
            }
            next[0] = (next[0] + units) % masks.length;
            return cells.run(x, changed);
        };
    }

    /** The same from the last step to the first. */
    static ReferenceCells backward(ReferenceCells cells) {
        return (x, p) -> reversed(cells.run(reversed(x), p));
    }

    private static double[][] reversed(double[][] of) {
        double[][] reversed = new double[of.length][];
        for (int t = 0; t < of.length; t++) {
            reversed[t] = of[of.length - 1 - t];
        }
        return reversed;
    }

    static ReferenceCells both(ReferenceCells cells) {
        return (x, p) -> {
            int half = p.length / 2;
            double[][] forward = cells.run(x, Arrays.copyOfRange(p, 0, half));
            double[][] backward = backward(cells).run(x, Arrays.copyOfRange(p, half, 2 * half));
            double[][] y = new double[x.length][];
            for (int t = 0; t < x.length; t++) {
                y[t] = Arrays.copyOf(forward[t], 2 * forward[t].length);
                System.arraycopy(backward[t], 0, y[t], forward[t].length, backward[t].length);
            }
            return y;
        };
    }
}
