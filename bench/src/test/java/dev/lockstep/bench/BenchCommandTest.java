package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {
    private static BenchCommand command(String... options) {
        return CommandLine.populateCommand(new BenchCommand(), options);
    }

    /** Stock DL4J takes one shard for each task: where shards are asked for, it is not measured unless it is named. */
    @Test
    void shardsAreForWhatCanHaveThem() {
        assertThat(command().checked()).containsExactly("compute", "lockstep", "stock-dl4j");
        assertThat(command("--shards=4").checked()).containsExactly("compute", "lockstep");
        assertThat(command("--shards=4", "--modes=lockstep").checked()).containsExactly("lockstep");
        assertThatThrownBy(() -> command("--shards=4", "--modes=lockstep,dl4j").checked())
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "--shards is for --modes compute, lockstep and audited; the others take one for each task, found"
                                + " lockstep, dl4j");
    }

    @Test
    void theMemoryOfAnyNumberOfShardsCanBeChecked() {
        assertThat(command("--shards=4", "--memory", "--modes=stock-dl4j").checked())
                .containsExactly("stock-dl4j");
    }
}
