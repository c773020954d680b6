package dev.lockstep.jobs.it;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A copy of the launcher in a folder of its own, with the class path under test in place of a finished build. */
final class Installation {
    /** Compiled quickly rather than well: halves the time of processes that live for seconds. */
    static final String QUICK_JIT = "-XX:TieredStopAtLevel=1";

    private static final Path REPOSITORY = Path.of(property("lockstep.root"));
    private static final Path ASSEMBLY = Path.of(property("lockstep.jar"));
    private static final Path CLASSES = Path.of("target", "it-classes-" + property("lockstep.fork") + ".jsa")
            .toAbsolutePath();
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private static boolean classesAreKept;

    private final Path folder;
    private final Path root;
    private final Path executorOptions;

    /** @param folder takes everything: the installation, the outputs of its processes, their temporary files */
    Installation(Path folder) throws IOException {
        this.folder = folder;
        this.root = folder.resolve("installation");
        Files.createDirectories(folder.resolve("tmp"));
        copy("bin/lockstep");
        copy("conf/java-options");
        copy("conf/log4j2.properties");
        Files.createFile(root.resolve("pom.xml"));
        for (String module : List.of("worker-lib", "driver", "dl4j-spark", "jobs", "bench")) {
            Files.createDirectories(root.resolve(module).resolve("src/main"));
            Files.createDirectories(root.resolve(module).resolve("target"));
            Files.createFile(root.resolve(module).resolve("pom.xml"));
        }
        this.executorOptions = Files.writeString(folder.resolve("executor-options"), QUICK_JIT);
        // Last, so that the launcher finds nothing newer and does not build.
        Files.writeString(root.resolve("bench/target/classpath.txt"), classPath());
        keepClasses();
    }

    /** Without the tests' own classes: no process of Lockstep knows them, and a JVM keeps none that lie in a folder. */
    private static String classPath() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** As a build by the launcher does, once for all installations of a JVM of tests: their processes start with a third less work. */
    private void keepClasses() throws IOException {
        synchronized (Installation.class) {
            if (!classesAreKept) {
                Files.deleteIfExists(CLASSES);
                String[] training = {
                    "train",
                    "--conf",
                    "mlp",
                    "--quiet",
                    "--master",
                    "local[1]",
                    "--out",
                    folder.resolve("kept").toString(),
                    "data.train-limit=256",
                    "data.test-limit=64",
                    "train.iterations=1"
                };
                try (ChildProcess process = start("keep", List.of("-XX:ArchiveClassesAtExit=" + CLASSES), training)) {
                    process.expectExit(0, DEADLINE);
                }
                classesAreKept = true;
            }
        }
        Files.copy(CLASSES, root.resolve("bench/target/classes.jsa"));
        Files.writeString(executorOptions, QUICK_JIT + " -XX:SharedArchiveFile=" + CLASSES + " -Xlog:cds=off");
    }

    /** Puts the assembly in its place: it is sent to the executors of a cluster. */
    void addAssembly() throws IOException {
        Files.copy(ASSEMBLY, root.resolve("jobs/target/lockstep-spark.jar"));
    }

    /** Starts {@code lockstep} with these arguments. */
    ChildProcess start(String name, String... arguments) {
        return start(name, List.of(), arguments);
    }

    /** @param settings of the JVM, Spark's with their {@code -D} */
    ChildProcess start(String name, List<String> settings, String... arguments) {
        List<String> command = new ArrayList<>();
        // Whoever started this test may ignore Ctrl-C (a shell's background job does), and children inherit that.
        command.addAll(List.of("env", "--default-signal=INT"));
        command.add(root.resolve("bin/lockstep").toString());
        command.addAll(List.of(arguments));
        String options = "-Xmx1g -XX:+UseSerialGC " + QUICK_JIT + " -Djava.io.tmpdir=" + folder.resolve("tmp")
                + " -Dspark.executor.extraJavaOptions=@" + executorOptions + " " + String.join(" ", settings);
        return new ChildProcess(name, folder, command, Map.of("LOCKSTEP_JAVA_OPTS", options));
    }

    /** The setting of Spark's that gives executors an option beside those that they have here. */
    String executorsWith(String option) throws IOException {
        Path options = Files.createTempFile(folder, "executor-options", "");
        Files.writeString(options, Files.readString(executorOptions) + " " + option);
        return "-Dspark.executor.extraJavaOptions=@" + options;
    }

    Path root() {
        return root;
    }

    /** The options that a JVM needs for Spark, as an argument of {@code java}. */
    static String javaOptions() {
        return "@" + REPOSITORY.resolve("conf/java-options");
    }

    /** What spark-submit is given. */
    static Path assembly() {
        return ASSEMBLY;
    }

    static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name + " is set in jobs/pom.xml, for failsafe");
    }

    private void copy(String file) throws IOException {
        Files.createDirectories(root.resolve(file).getParent());
        Files.copy(REPOSITORY.resolve(file), root.resolve(file));
    }
}
