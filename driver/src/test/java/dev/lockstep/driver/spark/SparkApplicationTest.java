package dev.lockstep.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkApplicationTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "local; 1",
                "local[3]; 3",
                "local[ 2 , 4]; 2",
                "local-cluster[2,1,1024]; 0",
                "yarn; 0",
                "spark://h:7077; 0"
            })
    void aLocalMasterSaysHowManyTasksItRuns(String master, int slots) {
        assertThat(SparkApplication.localSlots(master)).isEqualTo(slots);
    }

    @Test
    void aLocalMasterMayTakeAllProcessors() {
        assertThat(SparkApplication.localSlots("local[*]"))
                .isEqualTo(Runtime.getRuntime().availableProcessors());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"local-cluster[2,1,3072]; 3072m", "local-cluster[2,1,512]; 1024m", "local[2]; none"})
    void anExecutorOfALocalClusterHasItsWorkersMemory(String master, String memory) {
        assertThat(SparkApplication.conf(master, "test", null).get("spark.executor.memory", "none"))
                .isEqualTo(memory);
    }

    /** Spark would end this process (by exit code 52, the tests with it). */
    @Test
    void aTaskWithoutMemoryFailsItsJobAlone() {
        try (JavaSparkContext spark =
                SparkApplication.start(SparkApplication.conf("local[1]", "test", null), () -> false)) {
            assertThatThrownBy(() -> Jobs.collect(
                            spark,
                            spark.parallelize(List.of(1), 1).map(any -> {
                                throw new OutOfMemoryError("Cannot allocate new FloatPointer(7)");
                            }),
                            "no memory",
                            Duration.ofMinutes(1)))
                    .satisfies(thrown -> assertThat(ExitCode.of(thrown)).isEqualTo(1))
                    .satisfies(thrown -> assertThat(ExitCode.message(thrown))
                            .contains("OutOfMemoryError: Cannot allocate new FloatPointer(7)")
                            .doesNotContain("\n"));
            assertThat(spark.parallelize(List.of(1, 2)).count()).isEqualTo(2);
        }
    }

    /** Spark would end this process (by exit code 53). */
    @Test
    void foldersThatSparkCannotWriteAreToldBeforeItStarts(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        SparkConf conf =
                SparkApplication.conf("local[1]", "test", null).set("spark.local.dir", file + "/one," + file + "/two");
        assertThatThrownBy(() -> SparkApplication.start(conf, () -> false))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "spark.local.dir: Spark can write to none of " + file + "/one (", file + "/two (")
                .hasMessageNotContaining("\n");
        assertThat(SparkEnv.get()).isNull();
        assertThat(folder.resolve("good")).doesNotExist();
        conf.set("spark.local.dir", file + "/one," + folder.resolve("good"));
        SparkApplication.start(conf, () -> false).stop();
    }
}
