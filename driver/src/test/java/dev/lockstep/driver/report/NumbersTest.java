package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "0.30000000000000004, 0.3",
        "0.28461, 0.2846",
        "-0.5, -0.5",
        "0.0002, 0.0002",
        "0.000025, 2.5e-5",
        "9999, 9999",
        "9999.6, 10k",
        "12500, 12.5k",
        "999960, 1M",
        "2000000, 2M",
        "-3e12, -3e12",
        "NaN, –",
        "-Infinity, –"
    })
    void briefly(double value, String expected) {
        assertThat(Numbers.brief(value)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "12, 12", "12.04, 12", "12.06, 12.1", "-0.36, -0.4", "12500.25, 12500.3"})
    void pixels(double at, String expected) {
        assertThat(Numbers.pixel(at)).isEqualTo(expected);
    }

    @Test
    void inFull() {
        assertThat(Numbers.percent(0.91234)).isEqualTo("91.23 %");
        assertThat(Numbers.whole(61706)).isEqualTo("61,706");
        assertThat(Numbers.decimal(0.28461)).isEqualTo("0.2846");
        assertThat(Numbers.percent(Double.NaN)).isEqualTo("–");
        assertThat(Numbers.whole(Double.NaN)).isEqualTo("–");
        assertThat(Numbers.decimal(Double.POSITIVE_INFINITY)).isEqualTo("–");
    }

    @ParameterizedTest
    @CsvSource({"0, 0.0 s", "12345, 12.3 s", "60000, 1 min 00 s", "247900, 4 min 07 s", "7380000, 2 h 03 min"})
    void durations(long millis, String expected) {
        assertThat(Numbers.duration(Duration.ofMillis(millis))).isEqualTo(expected);
    }
}
