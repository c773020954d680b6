package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleWeightsTest {

    @TempDir
    private Path folder;

    private AbstractThrowableAssert<?, ?> refused(String content, long examples) throws IOException {
        Path file = Files.writeString(folder.resolve("w.txt"), content);
        return assertThatThrownBy(() -> ExampleWeights.read(file.toString(), examples, new Configuration()))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("data.weights " + file);
    }

    @Test
    void aNumberALine() throws IOException {
        Path file = Files.writeString(folder.resolve("w.txt"), "0.5\n0\n1e-3\n");
        assertThat(ExampleWeights.read(file.toString(), 3, new Configuration())).containsExactly(0.5, 0, 0.001);
    }

    @Test
    void whatIsWrongIsTold() throws IOException {
        refused("1\n2\n", 3).hasMessageContaining("has 2 lines: expected 3");
        refused("1\n-2\n", 2).hasMessageContaining("line 2: expected a number of at least 0, found '-2'");
        refused("1\nmany\n", 2).hasMessageContaining("found 'many'");
        refused("NaN\n", 1).hasMessageContaining("found 'NaN'");
        refused("0\n0\n", 2).hasMessageContaining("add up to 0.0");
        refused("1\n", 3_000_000_000L)
                .hasMessageContaining("there are 3000000000 training examples; at most 2147483639 can have weights");
        assertThatThrownBy(() -> ExampleWeights.read(folder + "/none", 1, new Configuration()))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("cannot be read");
    }
}
