package dev.lockstep.worker.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExactSumTest {
    private static BigInteger sum(List<Double> values) {
        ExactSum sum = new ExactSum();
        values.forEach(sum::add);
        return sum.value();
    }

    private static BigInteger exactly(double value) {
        return new BigDecimal(value)
                .multiply(new BigDecimal(BigInteger.TWO.pow(ExactSum.SCALE)))
                .toBigIntegerExact();
    }

    @Test
    void nothingIsRoundedAway() {
        for (double value : new double[] {
            0,
            -0.0,
            1,
            -1,
            0.1,
            Math.PI,
            -1e300,
            Double.MIN_VALUE,
            -Double.MIN_VALUE,
            Double.MIN_NORMAL,
            Double.MAX_VALUE
        }) {
            assertThat(sum(List.of(value))).as("%s", value).isEqualTo(exactly(value));
        }
        assertThat(sum(List.of(1e300, 1.0, Double.MIN_VALUE, -1e300)))
                .isEqualTo(exactly(1).add(BigInteger.ONE));
        assertThat(sum(Collections.nCopies(1000, Double.MAX_VALUE)))
                .isEqualTo(exactly(Double.MAX_VALUE).multiply(BigInteger.valueOf(1000)));
        assertThat(sum(Collections.nCopies(1000, -Double.MAX_VALUE)))
                .isEqualTo(exactly(Double.MAX_VALUE).multiply(BigInteger.valueOf(-1000)));
    }

    @Test
    void neitherTheOrderNorWhoAddsMatters() {
        Random random = new Random(5);
        List<Double> values = new ArrayList<>();
        while (values.size() < 3000) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                values.add(value);
            }
        }
        BigInteger expected = values.stream().map(ExactSumTest::exactly).reduce(BigInteger.ZERO, BigInteger::add);
        assertThat(sum(values)).isEqualTo(expected);
        Collections.shuffle(values, random);
        assertThat(sum(values)).isEqualTo(expected);
        assertThat(sum(values.subList(0, 7)).add(sum(values.subList(7, 3000)))).isEqualTo(expected);
    }

    @Test
    void itGoesOnAfterItWasAsked() {
        ExactSum sum = new ExactSum();
        sum.add(-3);
        assertThat(sum.value()).isEqualTo(exactly(-3));
        sum.add(5);
        assertThat(sum.value()).isEqualTo(exactly(2));
    }

    @Test
    void whatIsNoNumberIsRefused() {
        ExactSum sum = new ExactSum();
        assertThatThrownBy(() -> sum.add(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sum.add(Double.NEGATIVE_INFINITY)).hasMessageContaining("-Infinity");
    }
}
