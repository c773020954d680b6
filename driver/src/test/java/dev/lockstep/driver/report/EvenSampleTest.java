package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvenSampleTest {

    private static List<Integer> sample(int count) {
        EvenSample<Integer> sample = new EvenSample<>(4);
        IntStream.range(0, count).forEach(sample::add);
        return sample.list();
    }

    @Test
    void keepsAllThatAreFewAndThenEverySecondAndThenEveryFourth() {
        assertThat(sample(0)).isEmpty();
        assertThat(sample(1)).containsExactly(0);
        assertThat(sample(4)).containsExactly(0, 1, 2, 3);
        assertThat(sample(5)).containsExactly(0, 2, 4);
        assertThat(sample(6)).containsExactly(0, 2, 4, 5);
        assertThat(sample(8)).containsExactly(0, 2, 4, 6, 7);
        assertThat(sample(9)).containsExactly(0, 4, 8);
        assertThat(sample(1000)).containsExactly(0, 256, 512, 768, 999);
    }
}
