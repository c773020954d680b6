package dev.lockstep.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program for DL4J's Spark API trains to the same bits everywhere. */
class Dl4jProgramIT {
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static List<String> reference;

    @BeforeAll
    static void trainOnOneThread() {
        reference = train("reference", "local[1]", 1);
        assertThat(reference).hasSize(2);
        for (String line : reference) {
            assertThat(Double.parseDouble(line.split(" ", -1)[1]))
                    .as("accuracy")
                    .isGreaterThan(0.6);
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {"local[2], 5", "'local-cluster[2,1,1024]', 3"})
    void givesTheSameBits(String master, int partitions) {
        assertThat(train(master, master, partitions)).isEqualTo(reference);
    }

    private static List<String> train(String name, String master, int partitions) {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                Installation.javaOptions(),
                "-Xmx1g",
                Installation.QUICK_JIT,
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                Dl4jProgram.class.getName(),
                master,
                Integer.toString(partitions));
        Map<String, String> sparkOutsideItsTree =
                Map.of("SPARK_HOME", folder.toString(), "SPARK_TESTING", "1", "SPARK_SCALA_VERSION", "2.12");
        try (ChildProcess program = new ChildProcess(name, folder, command, sparkOutsideItsTree)) {
            program.expectExit(0, DEADLINE);
            return program.stdout().lines().toList();
        }
    }
}
