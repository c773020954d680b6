package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.checkpoint.WriteException;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunFolderTest {

    @TempDir
    private Path directory;

    private RunFolder folder() {
        return RunFolder.at(directory.toString(), new Configuration());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> found = Files.list(directory)) {
            return found.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFileIsReplacedWholeAndLeavesNoCheckSumBesideIt() throws IOException {
        folder().write("run.json", "one");
        folder().write("run.json", "two");
        assertThat(names()).containsExactly("run.json");
        assertThat(folder().read("run.json")).asString().isEqualTo("two");
        assertThat(folder().has("run.json")).isTrue();
        assertThat(folder().has("other")).isFalse();
        assertThat(folder().read("other")).isNull();
    }

    @Test
    void theOldFileIsThereUntilTheNewOneIsWhole() throws IOException {
        folder().write("run.json", "old");
        folder().write("run.json", out -> {
            out.write("new".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            out.flush();
            assertThat(folder().read("run.json")).asString().isEqualTo("old");
        });
        assertThat(folder().read("run.json")).asString().isEqualTo("new");
    }

    @Test
    void aFailureHalfWayLeavesTheOldFileAndNothingElse() throws IOException {
        folder().write("model.zip", "good");
        IOException full = new IOException("the disk is full");
        assertThatThrownBy(() -> folder().write("model.zip", out -> {
                    out.write(1);
                    throw full;
                }))
                .isInstanceOf(WriteException.class)
                .hasMessage("cannot write file:" + directory + "/model.zip: the disk is full; make room or choose"
                        + " another --out, then --resume")
                .hasSuppressedException(full);
        assertThat(folder().read("model.zip")).asString().isEqualTo("good");
        assertThat(names()).containsExactly("model.zip");
        IllegalStateException bug = new IllegalStateException("a bug");
        assertThatThrownBy(() -> folder().write("first", out -> {
                    throw bug;
                }))
                .isSameAs(bug);
        assertThat(names()).containsExactly("model.zip");
    }

    @Test
    void isEmptyUntilSomethingIsInIt() throws IOException {
        RunFolder inside = RunFolder.at(directory.resolve("a/b").toString(), new Configuration());
        assertThat(inside.isEmpty()).isTrue();
        inside.create();
        assertThat(inside.isEmpty()).isTrue();
        inside.write("x", "");
        assertThat(inside.isEmpty()).isFalse();
        inside.create();
        assertThat(inside.read("x")).isEmpty();
    }

    @Test
    void anAddressAndAPathNameTheSameFolder() {
        RunFolder address = RunFolder.at(directory.toUri().toString(), new Configuration());
        assertThat(address.path()).isEqualTo(folder().path());
        assertThat(folder().path("x").toString()).isEqualTo("file:" + directory + "/x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nosuch://host/x", "hdfs://no-such-host-anywhere:1/x", "a:b", "hdfs:///no/host"})
    void whatIsNoAddressOfAFolderIsRefused(String location) {
        assertThatThrownBy(() -> RunFolder.at(location, new Configuration()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("'" + location + "' names no usable folder: ")
                .hasMessageContaining("give a path, file:, hdfs:")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aFolderThatCannotBeMadeIsRefused() throws IOException {
        Files.writeString(directory.resolve("file"), "in the way");
        for (String place : List.of(directory + "/file/run", "/proc/run", "/dev/null")) {
            assertThatThrownBy(() -> RunFolder.at(place, new Configuration()).create())
                    .as(place)
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContainingAll("cannot make the folder file:" + place, "choose another --out")
                    .hasMessageNotContaining("\n");
        }
    }
}
