package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class GrowingCurveTest {

    /** The steps from 1. */
    private static StepCurve curve(long steps, LongToDoubleFunction value) {
        GrowingCurve growing = new GrowingCurve();
        LongStream.rangeClosed(1, steps).forEach(step -> growing.add(step, value.applyAsDouble(step)));
        return growing.curve();
    }

    @Test
    void fewPointsAreAsTheyCame() {
        for (int steps : new int[] {0, 1, 99, 100, 101, GrowingCurve.MOST}) {
            List<Point> all = LongStream.rangeClosed(1, steps)
                    .mapToObj(step -> new Point(step, 1.0 / step))
                    .toList();
            StepCurve curve = curve(steps, step -> 1.0 / step);
            assertThat(curve.points()).isEqualTo(all);
            assertThat(curve.means()).isEqualTo(all);
            assertThat(curve.isThinned()).isFalse();
        }
        assertThat(curve(GrowingCurve.MOST + 1, step -> step).isThinned()).isTrue();
    }

    @Test
    void ofManyTheExtremesTheFirstAndTheLastAreKept() {
        for (long steps : new long[] {5001, 8100, 8101, 39_063, 200_000, 1_000_000}) {
            Random random = new Random(steps);
            long high = steps / 3;
            long low = steps / 2;
            StepCurve curve = curve(steps, step -> step == high ? 50 : step == low ? -50 : random.nextDouble());
            assertThat(curve.points()).hasSizeBetween(2000, 4101).contains(new Point(high, 50), new Point(low, -50));
            assertThat(curve.points().stream().map(Point::x).toList())
                    .startsWith(1.0)
                    .doesNotHaveDuplicates()
                    .isSorted();
            assertThat(curve.points()
                            .subList(curve.points().size() - 100, curve.points().size()))
                    .extracting(Point::x)
                    .containsExactlyElementsOf(LongStream.rangeClosed(steps - 99, steps)
                            .mapToObj(step -> (double) step)
                            .toList());
            assertThat(curve.means()).hasSizeBetween(1000, 2101);
        }
    }

    /** Of 39,063 points 32 make a group. */
    @Test
    void aSmoothedCurveIsOfTheMeans() {
        StepCurve curve = curve(39_063, step -> step % 4 == 0 ? 9 : 1); // the mean of low and high would be 5
        assertThat(curve.means()).hasSize(1221);
        assertThat(curve.means().subList(0, 1220))
                .allSatisfy(mean -> assertThat(mean.y()).isEqualTo(3));
        assertThat(curve.means().get(0).x()).isEqualTo(17);
        assertThat(curve.means().get(1219).x()).isEqualTo(39_025);

        Series series = new Series("loss", 0, Style.NOISY, curve, StepClock.NONE);
        assertThat(series.window()).isEqualTo(12);
        assertThat(series.smoothed(12).points().get(1000).y()).isCloseTo(3, within(1e-3));
        assertThat(series.means(1000)).hasSize(1000).allSatisfy(mean -> assertThat(mean.y())
                .isCloseTo(3, within(0.3)));
        assertThat(curve.times(100).means().get(5)).isEqualTo(new Point(5 * 32 + 17, 300));
    }

    /** A curve of a run that is looked at while it runs is the curve of the steps so far. */
    @Test
    void lookingAtItDoesNotChangeIt() {
        GrowingCurve growing = new GrowingCurve();
        List<Integer> sizes = new ArrayList<>();
        for (int step = 1; step <= 60_000; step++) {
            growing.add(step, Math.sin(step));
            if (step % 5000 == 0) {
                StepCurve curve = growing.curve();
                assertThat(curve).isEqualTo(curve(step, Math::sin));
                sizes.add(curve.points().size());
            }
        }
        assertThat(sizes).startsWith(5000).allMatch(size -> size <= 5000);
    }

    @Test
    void valuesThatAreNotFiniteAreGapsAndCountForNothing() {
        StepCurve curve =
                curve(20_000, step -> step <= 10_000 ? 2 : step <= 15_000 ? Double.NaN : step % 2 == 0 ? 4 : 1 / 0.0);
        assertThat(curve.means()).allSatisfy(mean -> assertThat(mean.y()).isIn(2.0, 4.0, Double.NaN));
        assertThat(curve.points().stream().filter(point -> Double.isNaN(point.y())))
                .hasSizeBetween(300, 330)
                .allMatch(point -> point.x() > 10_000 && point.x() <= 15_000);
    }
}
