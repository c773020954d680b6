package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Examples in blocks. */
class RangesTest {
    /** Whatever the slots: so that one array holds a block of any data set. */
    @Test
    void areBounded() {
        List<long[]> ranges = Ranges.of(301, 7, 2, 210).all();
        assertThat(ranges).hasSize(11);
        for (int i = 0; i < 11; i++) {
            assertThat(ranges.get(i)).containsExactly(30L * i, Math.min(301L, 30L * (i + 1)));
        }
    }

    @Test
    void areAsManyAsAreWanted() {
        assertThat(Ranges.of(301, 7, 4).all().stream().map(range -> range[1] - range[0]))
                .containsExactly(76L, 76L, 76L, 73L);
        assertThat(Ranges.of(0, 7, 4).all()).isEmpty();
    }

    @Test
    void cutNoExample() {
        assertThat(Ranges.of(10, 7, 1, 2).perBlock()).isEqualTo(1);
    }
}
