package dev.lockstep.worker.math;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The walk over a window's taps beside the definition, value by value. */
class WindowTest {

    @Property
    void walksEveryOutputValueOnce(
            @ForAll @IntRange(min = 1, max = 9) int in,
            @ForAll @IntRange(min = 1, max = 5) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(max = 4) int padding,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 1, max = 7) int batch,
            @ForAll @IntRange(max = 400) int start) {
        int reach = (kernel - 1) * dilation + 1;
        Assume.that(in + 2 * padding >= reach);
        WindowAxis axis =
                new WindowAxis(in, (in + 2 * padding - reach) / stride + 1, kernel, stride, padding, dilation);
        WindowAxis other =
                new WindowAxis(in + 1, (in + 1 + 2 * padding - reach) / stride + 1, kernel, stride, padding, dilation);
        Window window = new Window(axis, other);
        int from = start % window.outputPlane(batch);
        int to = window.outputPlane(batch);
        for (int kh = 0; kh < kernel; kh++) {
            for (int kw = 0; kw < kernel; kw++) {
                assertThat(walked(window, kh, kw, batch, from, to)).isEqualTo(defined(window, kh, kw, batch, from, to));
            }
        }
    }

    private static int[] walked(Window window, int kh, int kw, int batch, int from, int to) {
        int[] sources = new int[to - from];
        Arrays.fill(sources, -2);
        window.walk(kh, kw, batch, from, to, new Window.Runs() {
            @Override
            public void run(int at, int source, int count) {
                for (int i = 0; i < count; i++) {
                    assertThat(sources[at + i]).isEqualTo(-2);
                    sources[at + i] = source + i;
                }
            }

            @Override
            public void padding(int at, int count) {
                for (int i = 0; i < count; i++) {
                    assertThat(sources[at + i]).isEqualTo(-2);
                    sources[at + i] = -1;
                }
            }
        });
        return sources;
    }

    private static int[] defined(Window window, int kh, int kw, int batch, int from, int to) {
        int[] sources = new int[to - from];
        for (int position = from; position < to; position++) {
            int row = window.rows().source(position / batch / window.columns().out(), kh);
            int column =
                    window.columns().source(position / batch % window.columns().out(), kw);
            boolean inside = row >= 0
                    && row < window.rows().in()
                    && column >= 0
                    && column < window.columns().in();
            sources[position - from] = inside ? (row * window.columns().in() + column) * batch + position % batch : -1;
        }
        return sources;
    }
}
