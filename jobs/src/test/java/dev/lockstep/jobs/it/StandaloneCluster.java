package dev.lockstep.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spark's own master and two workers on the loopback, run from what a Spark installation has and nothing of ours. */
final class StandaloneCluster implements AutoCloseable {
    private static final Duration START_DEADLINE = Duration.ofMinutes(1);
    private static final Duration END_DEADLINE = Duration.ofSeconds(30);
    private static final Pattern STARTED = Pattern.compile("Starting Spark master at (spark://\\S+)");
    private static final String SPARK = Installation.property("lockstep.spark.classpath");
    private static final int WORKERS = 2;
    private static final int TERMINATED = 128 + 15;
    private static final int KILLED = 128 + 9;

    private final Path folder;
    private final Path home;
    private final List<String> settings;
    private final String url;
    private final List<ChildProcess> processes = new ArrayList<>();
    private int started;
    /** Whether the worker that was added last is not as the others. */
    private boolean mixed;

    /** @param secret that master, workers and applications must share, or null for none */
    StandaloneCluster(Path folder, String secret) throws IOException {
        this.folder = folder;
        this.home = folder.resolve("spark");
        this.settings = secret == null
                ? List.of()
                : List.of("-Dspark.authenticate=true", "-Dspark.authenticate.secret=" + secret);
        Files.createDirectories(home.resolve("jars")); // empty: the jars are named below, where Maven has them
        try {
            ChildProcess master = start(
                    "master",
                    Map.of(),
                    "-Xmx512m",
                    "org.apache.spark.deploy.master.Master",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    "0",
                    "--webui-port",
                    "0");
            master.await("the master's address", START_DEADLINE, () -> started(master)
                    .find());
            Matcher started = started(master);
            assertThat(started.find()).isTrue();
            this.url = started.group(1);
            for (int i = 0; i < WORKERS; i++) {
                addWorker();
            }
        } catch (RuntimeException | Error e) {
            processes.forEach(ChildProcess::close);
            throw e;
        }
    }

    /** One more worker of one core. */
    void addWorker() {
        addWorker(Map.of());
    }

    /** Again the two workers that there are at first. */
    void keepTwoWorkers() {
        while (processes.size() > 1 + WORKERS || mixed) {
            removeWorker();
        }
        while (processes.size() < 1 + WORKERS) {
            addWorker();
        }
    }

    /** The same with more in its environment, which its executors inherit. */
    void addWorker(Map<String, String> environment) {
        mixed = !environment.isEmpty();
        String name = "worker" + ++started;
        ChildProcess worker = start(
                name,
                environment,
                "-Xmx512m",
                "org.apache.spark.deploy.worker.Worker",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--work-dir",
                folder.resolve(name).toString(),
                url);
        worker.await("registered with the master", START_DEADLINE, () -> worker.stderr()
                .contains("Successfully registered with master"));
    }

    /** kill -9 of the worker that was added last, and of its executor. */
    void removeWorker() {
        mixed = false;
        lose(List.of());
    }

    /** kill -9 of all executors at once and of the worker that was added last: one fewer comes back. */
    void loseAllExecutorsAndAWorker() {
        List<ProcessHandle> executors = processes.stream()
                .flatMap(process -> process.javaChildren().stream())
                .toList();
        assertThat(executors).hasSize(WORKERS);
        lose(executors);
    }

    /**
     * The worker that was added last goes first and is not asked: it would start a new executor for the one that has
     * ended, and that one may outlive it and go on with the application.
     *
     * @param others executors of other workers that are killed with its own
     */
    private void lose(List<ProcessHandle> others) {
        ChildProcess worker = processes.remove(processes.size() - 1);
        List<ProcessHandle> executors = new ArrayList<>(worker.javaChildren());
        executors.addAll(others);
        worker.kill();
        executors.forEach(ProcessHandle::destroyForcibly);
        worker.expectExit(KILLED, END_DEADLINE);
        worker.close();
    }

    String url() {
        return url;
    }

    /** spark-submit with our assembly. */
    ChildProcess submit(String name, String... arguments) {
        return submit(name, List.of(), arguments);
    }

    /** @param conf more of Spark's settings, each {@code key=value} */
    ChildProcess submit(String name, List<String> conf, String... arguments) {
        List<String> words = new ArrayList<>();
        conf.forEach(setting -> words.addAll(List.of("--conf", setting)));
        words.add(Installation.assembly().toString());
        words.addAll(List.of(arguments));
        return submit(name, "dev.lockstep.jobs.Main", words);
    }

    /** spark-submit of a user's program, to which our assembly is a library. */
    ChildProcess submitProgram(String name, String mainClass, Path jar) {
        return submit(name, mainClass, List.of("--jars", Installation.assembly().toString(), jar.toString()));
    }

    private ChildProcess submit(String name, String mainClass, List<String> rest) {
        List<String> words =
                new ArrayList<>(List.of("-Xmx1g", "org.apache.spark.deploy.SparkSubmit", "--master", url, "--class"));
        words.addAll(List.of(mainClass, "--conf", "spark.ui.enabled=false"));
        words.addAll(List.of("--conf", "spark.executor.extraJavaOptions=" + Installation.QUICK_JIT));
        words.addAll(rest);
        return java(name, Map.of(), words);
    }

    private ChildProcess start(String name, Map<String, String> environment, String... words) {
        ChildProcess process = java(name, environment, List.of(words));
        processes.add(process);
        return process;
    }

    private ChildProcess java(String name, Map<String, String> more, List<String> words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(Installation.javaOptions(), "-XX:+UseSerialGC", Installation.QUICK_JIT));
        command.addAll(settings);
        command.addAll(List.of("-Djava.io.tmpdir=" + folder.resolve("tmp"), "-cp", SPARK));
        command.addAll(words);
        Map<String, String> environment = new HashMap<>(more);
        environment.putAll(
                Map.of("SPARK_HOME", home.toString(), "SPARK_SCALA_VERSION", "2.12", "SPARK_DIST_CLASSPATH", SPARK));
        return new ChildProcess(name, folder, command, environment);
    }

    private static Matcher started(ChildProcess master) {
        return STARTED.matcher(master.stderr());
    }

    /** Ends workers and master as an administrator does, and checks that they obey. */
    @Override
    public void close() {
        try {
            for (int i = processes.size() - 1; i >= 0; i--) {
                processes.get(i).terminate();
                processes.get(i).expectExit(TERMINATED, END_DEADLINE);
            }
        } finally {
            processes.forEach(ChildProcess::close);
        }
    }
}
