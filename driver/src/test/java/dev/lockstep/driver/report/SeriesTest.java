package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeriesTest {

    private static Series series(double... values) {
        return new Series(
                "train",
                0,
                Style.LINE,
                IntStream.range(0, values.length)
                        .mapToObj(i -> new Point(i + 1, values[i]))
                        .toList());
    }

    private static List<Double> values(Series series) {
        return series.points().stream().map(Point::y).toList();
    }

    @Test
    void thinningKeepsTheLowestAndTheHighestInTheirOrder() {
        assertThat(series(5, 1, 9, 3, 4, 2, 8, 7).thinned(4).points())
                .containsExactly(new Point(2, 1), new Point(3, 9), new Point(6, 2), new Point(7, 8));
    }

    @Test
    void thinningKeepsEveryPeakOfALongSeries() {
        double[] values = new Random(1).doubles(100_000).toArray();
        values[31_415] = 50;
        values[92_653] = -50;

        Series thin = series(values).thinned(600);

        assertThat(thin.points()).hasSize(600);
        assertThat(thin.points()).contains(new Point(31_416, 50), new Point(92_654, -50));
        assertThat(thin.points()).isSortedAccordingTo((a, b) -> Double.compare(a.x(), b.x()));
    }

    @Test
    void thinningLeavesAShortSeriesAndKeepsGaps() {
        Series few = series(1, 2, 3);
        assertThat(few.thinned(3)).isSameAs(few);

        double nan = Double.NaN;
        assertThat(values(series(1, 1, nan, nan, 2, nan).thinned(6))).containsExactly(1.0, 1.0, nan, nan, 2.0, nan);
        assertThat(values(series(1, 1, nan, nan, 2, nan).thinned(4))).containsExactly(1.0, 2.0);
        assertThat(values(series(1, 3, nan, nan, nan, nan, 2, 2).thinned(7))).containsExactly(1.0, 3.0, nan, 2.0);
    }

    @Test
    void smoothingKeepsAConstantAndSkipsGaps() {
        double nan = Double.NaN;
        List<Double> smooth = values(series(3, 3, nan, 3).smoothed(5));

        assertThat(smooth.get(0)).isCloseTo(3, within(1e-12));
        assertThat(smooth.get(1)).isCloseTo(3, within(1e-12));
        assertThat(smooth.get(2)).isNaN();
        assertThat(smooth.get(3)).isCloseTo(3, within(1e-12));
    }

    /** With a window of 1/ln 2 each neighbour weighs half of the one before it. */
    @Test
    void smoothingWeighsNeighbours() {
        List<Double> smooth = values(series(0, 6).smoothed(1 / Math.log(2)));

        // Forward: 0, then (0/4 + 6/2) / (3/4) = 4. Backward: 4, then (4/4 + 0/2) / (3/4) = 4/3.
        assertThat(smooth.get(0)).isCloseTo(4.0 / 3, within(1e-12));
        assertThat(smooth.get(1)).isCloseTo(4, within(1e-12));
    }

    @Test
    void aSmoothedPeakStaysInItsPlace() {
        double[] values = new double[101];
        values[50] = 1;

        List<Double> smooth = values(series(values).smoothed(3));

        assertThat(smooth.indexOf(smooth.stream().max(Double::compare).orElseThrow()))
                .isEqualTo(50);
        assertThat(smooth.get(45)).isCloseTo(smooth.get(55), within(1e-6));
    }

    @Test
    void theLastValueIsTheLastFiniteOne() {
        assertThat(series(1, 2, Double.NaN).last()).isEqualTo(2);
        assertThat(series().last()).isNaN();
    }

    @Test
    void doesNotFollowItsList() {
        List<Point> points = new ArrayList<>(List.of(new Point(1, 1)));
        Series series = new Series("train", 0, Style.LINE, points);
        points.clear();
        assertThat(series.points()).hasSize(1);
    }
}
