package dev.lockstep.bench.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Fails when the plan of the exchange or the model changes and the document does not: then run ScalingDocument. */
class ScalingDocumentTest {
    // Maven runs tests in the module's folder.
    private static final Path DOCS =
            Files.isDirectory(Path.of("docs")) ? Path.of("docs") : Path.of("..").resolve("docs");

    @Test
    void tablesAreWhatTheModelComputes() throws IOException {
        String document = Files.readString(DOCS.resolve("scaling.md"));
        assertThat(ScalingDocument.withTables(document)).isEqualTo(document);
        assertThat(ScalingDocument.tables()).hasSize(7);
    }

    @Test
    void plotsAreWhatTheModelComputes() throws IOException {
        for (var plot : ScalingDocument.plots().entrySet()) {
            assertThat(DOCS.resolve("images").resolve(plot.getKey())).hasContent(plot.getValue());
        }
    }
}
