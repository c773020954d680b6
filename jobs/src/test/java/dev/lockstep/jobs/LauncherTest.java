package dev.lockstep.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher, in an installation that is built and with a Java that only says its version. */
class LauncherTest {
    @TempDir
    private Path folder;

    private Path launcher;
    private Path javaHome;

    @BeforeEach
    void install() throws IOException {
        launcher = executable(folder.resolve("bin/lockstep"), Files.readString(Path.of("..", "bin", "lockstep")));
        Files.writeString(Files.createDirectories(folder.resolve("conf")).resolve("java-options"), "");
        Files.writeString(folder.resolve("pom.xml"), "");
        for (String module : new String[] {"worker-lib", "driver", "dl4j-spark", "jobs", "bench"}) {
            Files.createDirectories(folder.resolve(module).resolve("src/main"));
            Files.writeString(folder.resolve(module).resolve("pom.xml"), "");
        }
        Files.writeString(
                Files.createDirectories(folder.resolve("bench/target")).resolve("classpath.txt"), "");
        javaHome = folder.resolve("java home");
    }

    private static Path executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private void javaOfVersion(String line) throws IOException {
        executable(
                javaHome.resolve("bin/java"),
                "#!/usr/bin/env bash\nif [[ $1 == -version ]]; then echo '" + line
                        + "' >&2; echo 'second \"line\"' >&2; else echo \"ran ${*: -1}\"; fi\n");
    }

    private record Ended(int code, String out, String err) {}

    private Ended launch() throws IOException, InterruptedException {
        return launch("summary");
    }

    private Ended launch(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().remove("LOCKSTEP_JAVA_OPTS");
        Process process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Ended(
                process.exitValue(),
                Files.readString(folder.resolve("out"), StandardCharsets.UTF_8),
                Files.readString(folder.resolve("err"), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "openjdk version \"25.0.3\" 2026-04-21 LTS | 25.0.3",
                "openjdk version \"21\" 2023-09-19         | 21",
                "java version \"1.8.0_392\"                | 1.8.0_392",
                "openjdk version \"11.0.2\" 2019-01-15     | 11.0.2",
                "openjdk version \"170.1\"                 | 170.1",
                "no Java at all                            | of no known version",
            })
    void anotherJavaIsNamedInOneLine(String line, String version) throws Exception {
        javaOfVersion(line);
        assertThat(launch())
                .isEqualTo(new Ended(
                        2,
                        "",
                        "lockstep: Lockstep runs on Java 17, found Java " + version + " (" + javaHome
                                + "/bin/java): set JAVA_HOME to a JDK 17\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"17", "17.0.15", "17-ea", "17+35"})
    void java17Runs(String version) throws Exception {
        javaOfVersion("openjdk version \"" + version + "\" 2025-04-15");
        assertThat(launch()).isEqualTo(new Ended(0, "ran summary\n", ""));
    }

    /** The classes that a build kept belong to that build: Maven, called without the launcher, keeps none. */
    @Test
    void keptClassesServeUntilTheNextBuild() throws Exception {
        executable(javaHome.resolve("bin/java"), """
                #!/usr/bin/env bash
                if [[ $1 == -version ]]; then echo 'openjdk version "17"' >&2; else grep -o -- '-XX:Shared[^ ]*' <<<"$*" || echo none; fi
                """);
        Path kept = Files.writeString(folder.resolve("bench/target/classes.jsa"), "");
        FileTime built = Files.getLastModifiedTime(folder.resolve("bench/target/classpath.txt"));
        Files.setLastModifiedTime(kept, FileTime.fromMillis(built.toMillis() + 10_000));
        assertThat(launch()).isEqualTo(new Ended(0, "-XX:SharedArchiveFile=" + kept + "\n", ""));
        Files.setLastModifiedTime(kept, FileTime.fromMillis(built.toMillis() - 10_000));
        assertThat(launch()).isEqualTo(new Ended(0, "none\n", ""));
    }

    /** What does not train touches no heap that it does not need. */
    @ParameterizedTest
    @CsvSource({
        "train, 1",
        "train --conf lenet, 1",
        "course 2_4, 1",
        "course all --dry-run, 0",
        "train --dry-run --conf lenet, 0",
        "sweep seed=1, 1",
        "bench, 1",
        "--debug train, 1",
        "--debug course, 0",
        "--version, 0",
        "-h, 0",
        "train -h, 0",
        "course, 0",
        "course list, 0",
        "report runs/a, 0",
        "evaluate --model runs/a, 0",
        "generate --model runs/a --prompt a, 0",
        "quantise --model runs/a --out small.zip, 0",
        "vectors --model runs/a --near a, 0",
        "import --keras net.h5 --out net.zip, 0"
    })
    void memoryIsTakenAtOnceForTraining(String words, int times) throws Exception {
        executable(javaHome.resolve("bin/java"), """
                #!/usr/bin/env bash
                if [[ $1 == -version ]]; then echo 'openjdk version "17"' >&2; else grep -o -- -XX:+AlwaysPreTouch <<<"$*" | wc -l; fi
                """);
        assertThat(launch(words.split(" "))).isEqualTo(new Ended(0, times + "\n", ""));
    }

    /** So that what is shown to be typed next can be typed. */
    @Test
    void theProgramKnowsHowItIsCalled() throws Exception {
        executable(javaHome.resolve("bin/java"), """
                #!/usr/bin/env bash
                if [[ $1 == -version ]]; then echo 'openjdk version "17"' >&2; else grep -o -- '-Dlockstep.program=[^ ]*' <<<"$*"; fi
                """);
        assertThat(launch("train").out()).endsWith("/bin/lockstep\n");
    }

    @Test
    void noJavaIsSaid() throws Exception {
        assertThat(launch())
                .isEqualTo(new Ended(
                        2,
                        "",
                        "lockstep: no Java found in JAVA_HOME (" + javaHome
                                + "): install a JDK 17, or set JAVA_HOME to one\n"));
    }

    /** Maven runs on another Java, too, and is first to be asked where nothing is built. */
    @Test
    void mavenSaysWhatItFound() throws IOException {
        assertThat(Files.readString(Path.of("..", "pom.xml")))
                .contains("<version>[17,18)</version>", "on Java 17, found Java ${java.version} in ${java.home}:");
    }

    /** jqwik 1.10 writes a text of its own into the log of every build. */
    @Test
    void noLibraryOfTestsAdvertisesItself() throws IOException {
        assertThat(Files.readString(Path.of("..", "pom.xml")))
                .containsPattern("<jqwik[.]version>1[.]9[.]\\d+</jqwik[.]version>");
    }

    @Test
    void mainSaysWhatItFound() {
        assertThat(Main.unsuitable(Runtime.Version.parse("25.0.3"), "/opt/jdk"))
                .isEqualTo(
                        "lockstep: Lockstep runs on Java 17, found Java 25.0.3 (/opt/jdk): set JAVA_HOME to a JDK 17");
        assertThat(Main.unsuitable(Runtime.Version.parse("21"), "/opt/jdk")).contains("found Java 21 ");
        assertThat(Main.unsuitable(Runtime.Version.parse("17.0.15"), "/opt/jdk"))
                .isNull();
    }

    /** A folder that COPY makes gets the mode of its files, with which nobody can enter it. */
    @Test
    void theImageMakesAFolderBeforeItCopiesThere() throws IOException {
        String dockerfile = Files.readString(Path.of("..", "docker", "Dockerfile"));
        assertThat(dockerfile)
                .containsPattern("(?s)RUN mkdir (\\S+ )*/opt/lockstep .*chmod 0755 /opt/lockstep.*"
                        + "COPY --chmod=0644 \\S+lockstep-spark[.]jar .* /opt/lockstep/\\n");
    }
}
