package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sweep of which any trial cannot run is not started. */
class BadSweepTest {

    @TempDir
    private Path folder;

    private Path data;
    private Path out;

    @BeforeEach
    void write() throws IOException {
        data = TinyData.write(folder.resolve("data"));
        out = folder.resolve("out");
    }

    @AfterEach
    void nothingWasStartedOrWritten() {
        assertThat(SparkEnv.get()).as("Spark").isNull();
        assertThat(out).doesNotExist();
    }

    private Cli sweep(String... more) {
        return Cli.run(
                Stream.concat(Stream.of("sweep", "--out", out.toString()), TinyData.network(data).stream())
                        .toList(),
                more);
    }

    @Test
    void withoutASpace() {
        sweep().expectError(2, "sweep.space: is empty", "name a key and its values");
    }

    @Test
    void anUnknownKey() {
        sweep("optimizer.learning-rat=0.1,0.2")
                .expectError(
                        2,
                        "2 of 2 trials cannot run, none was started; trial 001 (optimizer.learning-rat=0.1)",
                        "unknown key; the nearest known one is optimizer.learning-rate");
    }

    @Test
    void oneValueThatCannotBe() {
        sweep("optimizer.learning-rate=0.1,fast")
                .expectError(2, "trial 002 (optimizer.learning-rate=fast) cannot run", "expected a number above 0");
    }

    @Test
    void aBatchLargerThanTheData() {
        sweep("data.train-limit=200,10")
                .expectError(2, "trial 002 (data.train-limit=10) cannot run", "there are only 10 training examples");
    }

    @Test
    void watchingASplitThatIsNotThere() {
        sweep(
                        "optimizer.learning-rate=0.1,0.2",
                        "train.early-stopping.metric=validation-loss",
                        "train.early-stopping.patience=2")
                .expectError(2, "validation-loss needs a validation split", "data.validation-fraction");
    }

    @Test
    void resumingWhereThereIsNone() {
        Cli.run(List.of("sweep", "--resume", "--out", out.toString()))
                .expectError(5, "there is no sweep to go on with", "leave --resume out");
    }
}
