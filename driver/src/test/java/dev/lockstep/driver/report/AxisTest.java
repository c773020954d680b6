package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class AxisTest {
    private static final double EXACT = 1e-12;

    private static DoubleStream values(double... values) {
        return DoubleStream.of(values);
    }

    private static void assertTicks(Axis axis, double... expected) {
        assertThat(axis.ticks()).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(axis.ticks().get(i)).isCloseTo(expected[i], within(EXACT));
        }
    }

    @Test
    void linearEndsAtTheMarksNextToTheValues() {
        Axis axis = Axis.linear("", values(0.83, Double.NaN, 0.97));

        assertTicks(axis, 0.8, 0.85, 0.9, 0.95, 1);
        assertThat(axis.low()).isCloseTo(0.8, within(EXACT));
        assertThat(axis.high()).isCloseTo(1, within(EXACT));
        assertThat(axis.position(0.9)).isCloseTo(0.5, within(EXACT));
    }

    @Test
    void aMarkThatRoundingMissesIsStillTheEnd() {
        Axis axis = Axis.linear("", values(0.1, 0.7));

        assertTicks(axis, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7);
    }

    @Test
    void linearGivesEqualValuesRoom() {
        assertTicks(Axis.linear("", values(4, 4)), 2, 3, 4, 5, 6);
        assertTicks(Axis.linear("", values(0)), -1, -0.5, 0, 0.5, 1);
        assertThat(Axis.linear("", values(1, 1 + 2e-16)).position(1)).isCloseTo(0.5, within(EXACT));
    }

    @Test
    void fromZeroHoldsZero() {
        assertTicks(Axis.fromZero("", values(1.9, 2.3)), 0, 0.5, 1, 1.5, 2, 2.5);
        assertTicks(Axis.fromZero("", values(-3, -1)), -3, -2.5, -2, -1.5, -1, -0.5, 0);
        assertTicks(Axis.fromZero("", values(0, 0)), 0, 0.2, 0.4, 0.6, 0.8, 1);
        assertTicks(Axis.fromZero("", values()), 0, 0.2, 0.4, 0.6, 0.8, 1);
    }

    @Test
    void wholeEndsWhereTheValuesEndAndMarksWholeNumbers() {
        assertTicks(Axis.whole("", values(1, 2, 3)), 1, 2, 3);
        Axis axis = Axis.whole("", values(1, 940));
        assertTicks(axis, 200, 400, 600, 800);
        assertThat(axis.position(1)).isZero();
        assertThat(axis.position(940)).isEqualTo(1);
        assertTicks(Axis.whole("", values(7)), 6, 7, 8);
    }

    @Test
    void logarithmicMarksOneTwoAndFiveOverFewDecades() {
        Axis axis = Axis.logarithmic("", values(0.03, 1.5, 0, -1, Double.POSITIVE_INFINITY));

        assertThat(axis.ticks()).isEqualTo(List.of(0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0));
        assertThat(axis.position(0.2)).isCloseTo(0.5, within(EXACT));
    }

    @Test
    void logarithmicMarksPowersOfTenOverMany() {
        assertThat(Axis.logarithmic("", values(0.0003, 4)).ticks()).isEqualTo(List.of(0.001, 0.01, 0.1, 1.0));
        assertThat(Axis.logarithmic("", values(1e-9, 10)).ticks()).isEqualTo(List.of(1e-8, 1e-6, 1e-4, 1e-2, 1.0));
    }

    @Test
    void logarithmicTakesAPowerOfTenAloneAndNothingAtAll() {
        assertThat(Axis.logarithmic("", values(1)).ticks()).isEqualTo(List.of(0.5, 1.0, 2.0));
        assertThat(Axis.logarithmic("", values(1000)).ticks()).isEqualTo(List.of(500.0, 1000.0, 2000.0));
        assertThat(Axis.logarithmic("", values(0)).ticks()).isEqualTo(List.of(1.0, 2.0, 5.0, 10.0));
    }

    @Test
    void onlyALogarithmicAxisHasNoPlaceForZero() {
        Axis logarithmic = Axis.logarithmic("", values(1, 10));
        assertThat(logarithmic.shows(0)).isFalse();
        assertThat(logarithmic.shows(-1)).isFalse();
        assertThat(logarithmic.shows(2)).isTrue();
        Axis linear = Axis.linear("", values(1, 10));
        assertThat(linear.shows(0)).isTrue();
        assertThat(linear.shows(Double.NaN)).isFalse();
    }

    /** A step of 0 would have marks without end. */
    @Test
    void valuesAtTheEndsOfTheirRangeGetAFewMarks() {
        double[] ends = {
            Double.MIN_VALUE,
            -Double.MIN_VALUE,
            1e-320,
            1e-100,
            0,
            1,
            -1,
            1e100,
            -1e100,
            1e308,
            -1e308,
            Double.MAX_VALUE
        };
        for (double low : ends) {
            for (double high : ends) {
                for (Axis axis : List.of(
                        Axis.linear("", DoubleStream.of(low, high)),
                        Axis.fromZero("", DoubleStream.of(low, high)),
                        Axis.whole("", DoubleStream.of(low, high)),
                        Axis.logarithmic("", DoubleStream.of(low, high)))) {
                    assertThat(axis.ticks()).as("%s to %s", low, high).hasSizeBetween(1, 30);
                    assertThat(axis.ticks()).allMatch(Double::isFinite);
                }
            }
        }
        assertThat(Axis.linear("", DoubleStream.of(0, 1)).shows(1e308)).isFalse();
    }
}
