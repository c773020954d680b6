package dev.lockstep.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PythonTest {
    private static final Path FILE = Path.of("..", "python", "dev", "lockstep", "ml", "__init__.py");

    /** {@code mvn test -pl driver -am -Dtest=PythonTest -Dlockstep.write} writes them anew. */
    @Test
    void wrappersAreThoseOfTheParams() throws IOException {
        if (System.getProperty("lockstep.write") != null) {
            Files.writeString(FILE, PythonWrappers.text());
        }
        assertThat(FILE).hasContent(PythonWrappers.text());
    }
}
