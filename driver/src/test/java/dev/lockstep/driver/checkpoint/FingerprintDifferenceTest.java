package dev.lockstep.driver.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which checkpoints of other times are of the same run. */
class FingerprintDifferenceTest {
    private static final Map<String, String> VALUES =
            Map.of("seed", "9007199254740993", "rate", "0.5", "sizes[0]", "1", "path", "/here");

    private static String difference(Map<String, String> written) {
        return new Fingerprint(VALUES, Set.of("rate", "sizes"), Set.of("tasks"), Map.of("where", "path"))
                .difference(written);
    }

    private static Map<String, String> but(String key, String value) {
        Map<String, String> written = new HashMap<>(VALUES);
        written.remove(key);
        if (value != null) {
            written.put(key, value);
        }
        return written;
    }

    @Test
    void isNothingWhenAllIsSaid() {
        assertThat(difference(VALUES)).isNull();
    }

    /** One written before there was such a key was trained with what is now its default. */
    @ParameterizedTest
    @CsvSource({"rate", "sizes[0]"})
    void aKeyOfTodayWithItsUsualValueMayBeAbsentThere(String key) {
        assertThat(difference(but(key, null))).isNull();
    }

    @Test
    void aKeyOfTodayWithAnotherValueMayNot() {
        assertThat(difference(but("path", null))).isEqualTo("path is (absent) there and /here here");
    }

    @Test
    void aKeyOfOldThatIsFreeTodayIsNotLookedAt() {
        assertThat(difference(but("tasks", "4"))).isNull();
    }

    @Test
    void aKeyOfOldThatIsUnknownTodayIsRefused() {
        assertThat(difference(but("magic", "4"))).isEqualTo("magic is 4 there and (absent) here");
    }

    @Test
    void aKeyIsKnownByWhatItWasCalled() {
        Map<String, String> written = but("path", null);
        written.put("where", "/here");
        assertThat(difference(written)).isNull();
        written.put("where", "/there");
        assertThat(difference(written)).isEqualTo("path is /there there and /here here");
    }

    @ParameterizedTest
    @CsvSource({"rate, 0.50", "rate, 5.0E-1", "sizes[0], 1.0"})
    void numbersAreTheSameHoweverTheyAreWritten(String key, String value) {
        assertThat(difference(but(key, value))).isNull();
    }

    @ParameterizedTest
    @CsvSource({"rate, 0.5000001", "seed, 9007199254740992", "path, /Here"})
    void othersAreNot(String key, String value) {
        assertThat(difference(but(key, value)))
                .isEqualTo(key + " is " + value + " there and " + VALUES.get(key) + " here");
    }
}
