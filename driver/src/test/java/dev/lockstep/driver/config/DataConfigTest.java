package dev.lockstep.driver.config;

import static dev.lockstep.driver.config.Configurations.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.picture.PictureReader.Fit;
import dev.lockstep.worker.plan.Sampling;
import org.junit.jupiter.api.Test;

/** {@code data}. */
class DataConfigTest {

    @Test
    void defaults() {
        assertThat(Configurations.of().data())
                .isEqualTo(
                        new RunConfig.Data("bundled:fashion-mnist-12k", DataFormat.IDX, 0, 0, 0, Sampling.EPOCH, null));
    }

    @Test
    void fullMapping() {
        RunConfig config = Configurations.of(
                "data.path = \"hdfs://host:9000/a b\"",
                "data.format = idx",
                "data { train-limit = 5000000000, test-limit = 7 }",
                "data.validation-fraction = 0.125",
                "data.sampling = with-replacement",
                "data { bootstrap = true, weights = \"hdfs://host/w\" }");
        assertThat(config.data())
                .isEqualTo(new RunConfig.Data(
                        "hdfs://host:9000/a b",
                        DataFormat.IDX,
                        5_000_000_000L,
                        7,
                        0.125,
                        Sampling.WITH_REPLACEMENT,
                        new RunConfig.Bootstrap("hdfs://host/w")));
        assertThat(Configurations.of("data.bootstrap = true").data().bootstrap())
                .isEqualTo(new RunConfig.Bootstrap(null));
    }

    @Test
    void pictures() {
        RunConfig.Table images =
                Configurations.of("data { format = images, path = /p }").data().table();
        assertThat(images.source()).isEqualTo("images");
        assertThat(images.columns().features()).containsExactly("image");
        assertThat(images.pictures()).isEqualTo(Fit.CROP);
        RunConfig.Table numbers =
                Configurations.of("data { format = parquet, path = /p }").data().table();
        assertThat(numbers.columns().features()).isEmpty();
        assertThat(numbers.pictures()).isNull();
        assertThat(Configurations.of("data { format = parquet, path = /p, images.resize = stretch }")
                        .data()
                        .table()
                        .pictures())
                .isEqualTo(Fit.STRETCH);
        assertRefused("data { format = images, path = /p, images.resize = fill }")
                .hasMessageContaining("data.images.resize: expected one of crop, stretch, found \"fill\"");
        assertRefused("data.images.resize = crop").hasMessageContaining("data.images.resize: unknown key");
    }

    @Test
    void validation() {
        assertRefused("data.path = [1]").hasMessageContaining("data.path: expected text");
        assertRefused("data.format = jpeg")
                .hasMessageContainingAll("data.format: expected one of idx", "found \"jpeg\"");
        assertRefused("data.train-limit = -1")
                .hasMessageContaining("data.train-limit: expected a whole number at least 0, found -1");
        assertRefused("data.test-limit = 1.5").hasMessageContainingAll("data.test-limit", "found 1.5");
        assertRefused("data.validation-fraction = 1")
                .hasMessageContaining("data.validation-fraction: expected a number at least 0 and below 1, found 1");
        assertRefused("data.validation-fraction = NaN").hasMessageContaining("found \"NaN\"");
        assertRefused("data.validation-fraction = -0.1").hasMessageContaining("found -0.1");
        assertRefused("data.weights = w").hasMessageContaining("data.weights: unknown key");
        assertRefused("data.bootstrap = 2").hasMessageContaining("data.bootstrap: expected true or false, found 2");
        assertRefused("data.sampling = often")
                .hasMessageContainingAll(
                        "data.sampling: expected one of epoch, buckets, with-replacement", "found \"often\"");
    }
}
