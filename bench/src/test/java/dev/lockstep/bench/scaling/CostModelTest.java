package dev.lockstep.bench.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class CostModelTest {
    private static final Layout FOUR = Layout.ofOneShardEach(400_000, 4);

    /** 3 requests and 3 answers, twice 1.2 MB with their heads, three additions of each of 100,000 own elements. */
    @Test
    void addsUpMessagesBytesAndAdditions() {
        assertThat(new CostModel(1, 0, 0).seconds(FOUR)).isEqualTo(6);
        assertThat(new CostModel(0, 1, 0).seconds(FOUR)).isEqualTo(2_400_000 + 3 * 62 + 3 * 26);
        assertThat(new CostModel(0, 0, 1).seconds(FOUR)).isEqualTo(300_000);
        assertThat(new CostModel(1, 2, 3).plus(new CostModel(10, 20, 30))).isEqualTo(new CostModel(11, 22, 33));
        assertThat(new CostModel(0.5, 0, 0).efficiency(FOUR, 1)).isEqualTo(0.25);
    }

    @Test
    void coresThatAreSharedSlowDown() {
        MeasuredPoint shared = new MeasuredPoint("four on two cores", FOUR, 2, 1, 1);
        assertThat(new CostModel(1, 0, 0).seconds(shared)).isEqualTo(12);
    }

    @Test
    void findsTheCostsThatTheMeasurementsCameFrom() {
        CostModel real = new CostModel(80e-6, 1.5e-9, 0.6e-9);
        CostModel fitted = CostModel.fit(points(real));
        assertThat(fitted.perMessage()).isCloseTo(real.perMessage(), Percentage.withPercentage(0.01));
        assertThat(fitted.perByte()).isCloseTo(real.perByte(), Percentage.withPercentage(0.01));
        assertThat(fitted.perAddition()).isCloseTo(real.perAddition(), Percentage.withPercentage(0.01));
    }

    /** A message that would cost less than nothing costs nothing, and the bytes explain what they can. */
    @Test
    void noCostIsBelowZero() {
        CostModel fitted = CostModel.fit(points(new CostModel(-20e-6, 1.5e-9, 0.6e-9)));
        assertThat(fitted.perMessage()).isZero();
        assertThat(fitted.perByte()).isCloseTo(1.5e-9, within(0.15e-9));
    }

    private static List<MeasuredPoint> points(CostModel real) {
        return List.of(
                        new Layout(400_000, 2, 1),
                        Layout.ofOneShardEach(400_000, 2),
                        FOUR,
                        Layout.ofOneShardEach(400_000, 16),
                        Layout.ofOneShardEach(10_000_000, 2))
                .stream()
                .map(layout -> {
                    double seconds = real.seconds(new MeasuredPoint("", layout, 2, 0, 0));
                    return new MeasuredPoint("", layout, 2, seconds, seconds);
                })
                .toList();
    }
}
