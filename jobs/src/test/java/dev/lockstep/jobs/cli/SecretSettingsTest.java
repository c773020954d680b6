package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two ways of docs/operate.md to give Spark a secret: it arrives, and nobody else on the machine can see it. */
class SecretSettingsTest {
    private static final String SECRET = "hunter2-and-more";

    @TempDir
    private Path folder;

    /** Tells what a process of Lockstep has and what {@code ps} shows of it. */
    public static final class Shown {
        public static void main(String[] arguments) throws IOException {
            String commandLine = Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8);
            System.out.println("has " + new SparkConf().get("spark.authenticate.secret", "nothing"));
            System.out.println("shows " + commandLine.replace('\0', ' '));
        }
    }

    private Path ownersFile(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    private List<String> run(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.add("@" + Path.of("..", "conf", "java-options").toAbsolutePath());
        command.add("-Xmx512m");
        command.addAll(List.of(words));
        Path out = folder.resolve("out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("err")))
                .isZero();
        return Files.readAllLines(out);
    }

    private static void assertHasAndHides(List<String> lines) {
        assertThat(lines).contains("has " + SECRET);
        assertThat(lines)
                .filteredOn(line -> line.startsWith("shows "))
                .singleElement()
                .asString()
                .contains("/bin/java")
                .doesNotContain(SECRET);
    }

    /** As the launcher passes {@code LOCKSTEP_JAVA_OPTS="@FILE"} on. */
    @Test
    void aFileOfOptionsForTheLauncher() throws Exception {
        Path file = ownersFile("secrets.options", "-Dspark.authenticate.secret=" + SECRET + "\n");
        assertHasAndHides(run("@" + file, Shown.class.getName()));
    }

    @Test
    void aPropertiesFileForSparkSubmit() throws Exception {
        Path file = ownersFile("secrets.conf", "spark.authenticate.secret  " + SECRET + "\nspark.master local[1]\n");
        assertHasAndHides(run(
                "org.apache.spark.deploy.SparkSubmit",
                "--properties-file",
                file.toString(),
                "--class",
                Shown.class.getName(),
                "spark-internal"));
    }
}
