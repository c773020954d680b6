package dev.lockstep.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.source.IdxSource;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** The data set in our jar is what docs/cut-bundled-data.py makes: 1,200 + 200 images a class. */
class BundledDataTest {

    @Test
    void isBalancedRealAndUnchanged() {
        Dataset data =
                IdxSource.open("bundled:fashion-mnist-12k", new Shape(1, 28, 28), 10, 0, 0, new Configuration(false));
        assertClasses(data.train(), 1200);
        assertClasses(data.test(), 200);
        assertThat(data.fingerprint()).isEqualTo("fd03056e3d1f5fd5d1c6f930e22069b72be59b42f9d5b181dc9d08b25cc3ad27");
        // Fashion-MNIST's first training image is an ankle boot.
        assertThat(ExampleFormat.classOf(data.train().firstPacked(1).get(0))).isEqualTo(9);
    }

    private static void assertClasses(ExampleSet split, int each) {
        int[] count = new int[10];
        long bright = 0;
        for (byte[] packed : split.firstPacked(split.size())) {
            count[ExampleFormat.classOf(packed)]++;
            for (int p = Integer.BYTES; p < packed.length; p++) {
                bright += packed[p] < 0 ? 1 : 0;
            }
        }
        assertThat(count).containsOnly(each).hasSize(10);
        assertThat((double) bright / (split.size() * 28 * 28))
                .as("pixels of 128 and above")
                .isBetween(0.2, 0.35);
    }

    @Test
    void comesWithItsLicence() {
        assertThat(getClass().getResource("/data/fashion-mnist-12k/LICENSE")).isNotNull();
    }
}
