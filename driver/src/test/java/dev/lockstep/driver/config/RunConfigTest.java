package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code name} and {@code seed}. */
class RunConfigTest {

    @Test
    void defaults() {
        RunConfig config = Configurations.of();
        assertThat(config.name()).isEqualTo("run");
        assertThat(config.seed()).isEqualTo(1);
    }

    @Test
    void fullMapping() {
        RunConfig config = Configurations.of("name = A-b_c.9", "seed = -9223372036854775808");
        assertThat(config.name()).isEqualTo("A-b_c.9");
        assertThat(config.seed()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void validation() {
        assertRefused("name = \"a/b\"")
                .hasMessageContainingAll("name: expected 1 to 64 letters", "found 'a/b'", ": 2)");
        assertRefused("name = \"\"").hasMessageContaining("found ''");
        assertRefused("name = " + "x".repeat(65)).hasMessageContaining("1 to 64");
        assertRefused("name = [a]").hasMessageContaining("name: expected text, found [\"a\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1.5", "1e3", "one", "\"\"", "NaN", "Infinity", "9223372036854775808", "true", "[1]", "{ a = 1 }"
            })
    void aSeedIsAWholeNumber(String value) {
        assertRefused("seed = " + value).hasMessageStartingWith("seed: expected a whole number, found ");
    }
}
