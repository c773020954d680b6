package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.Scaling;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassNamesTest {
    @TempDir
    private Path data;

    private static RunConfig.Data data(String configuration) {
        return RunConfigParser.parse(ConfigFactory.parseString(
                        "network { classes = 3, layers = [{ type = output, loss = cross-entropy }] }\n"
                                + configuration))
                .data();
    }

    private static List<String> names(String configuration, Map<String, List<String>> words) {
        return ClassNames.of(data(configuration), new Fitted(List.of(), words, Scaling.NONE), 3, new Configuration());
    }

    @Test
    void areThoseOfTheConfigurationBeforeAllOthers() throws IOException {
        Files.writeString(data.resolve("labels.txt"), "a\nb\nc\n");
        String path = "data.path = \"" + data + "\"\n";
        assertThat(names(path, Map.of())).containsExactly("a", "b", "c");
        assertThat(names(path + "data.class-names = [x, y, z]", Map.of())).containsExactly("x", "y", "z");
        assertThatThrownBy(() -> data("data.class-names = [x, y]"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("data.class-names: has 2 names; expected one for each of 3 classes");
    }

    @Test
    void areTheWordsOfATable() {
        String table = "data { format = parquet, path = /p, columns.label = kind }";
        assertThat(names(table, Map.of("kind", List.of("a", "b", "c")))).containsExactly("a", "b", "c");
        assertThat(names(table, Map.of())).isEmpty();
    }

    @Test
    void areNotGuessed() throws IOException {
        String path = "data.path = \"" + data + "\"";
        assertThat(names(path, Map.of())).isEmpty();
        Files.writeString(data.resolve("batches.meta.txt"), "a\nb\nc\n\n");
        assertThat(names(path, Map.of())).containsExactly("a", "b", "c");
        Files.writeString(data.resolve("labels.txt"), "a\nb\n");
        assertThat(names(path, Map.of())).containsExactly("a", "b");
        Files.writeString(data.resolve("labels.txt"), "a\nb\nc\nd\n");
        assertThatThrownBy(() -> names(path, Map.of()))
                .isInstanceOf(DataException.class)
                .hasMessage("file:" + data + "/labels.txt: has 4 names; expected one a line for each of 3 classes;"
                        + " mend it, or give data.class-names");
    }
}
