package dev.lockstep.driver.spark;

import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.settings.SparkSettings;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.ExternalClusterManager;
import org.apache.spark.util.Utils;

/** Starts Spark as a run needs it, on whatever master it is given. */
public final class SparkApplication {
    private static final Pattern LOCAL = Pattern.compile("local(\\[\\s*(\\d+|\\*)\\s*(,\\s*\\d+\\s*)?])?");
    private static final Pattern LOCAL_CLUSTER =
            Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*\\d+\\s*,\\s*(\\d{1,9})\\s*]");
    private static final String STANDALONE = "spark://";
    /** Spark's own default of {@code spark.redaction.regex}. */
    static final String REDACTED = "(?i)secret|password|token|access[.]?key";

    /** What Spark gives an executor that nobody said more of, in MB. */
    private static final int EXECUTOR_MEMORY = 1024;

    private static final int CONNECT_MILLIS = 5_000;
    private static final Duration EXECUTOR_DEADLINE = Duration.ofSeconds(90);
    /** How long no executor may have come or gone before training starts. */
    private static final Duration SETTLING = Duration.ofSeconds(1);

    private SparkApplication() {}

    /**
     * Spark's settings: what spark-submit gave, and below it ours.
     *
     * @param master null for what spark-submit gave, else local[*]
     * @param assembly our jar for the executors of a cluster, or null when spark-submit brings it
     * @throws ConfigurationException when one of ours among them cannot be
     */
    public static SparkConf conf(String master, String name, String assembly) {
        SparkConf conf = new SparkConf().setAppName("lockstep " + name);
        conf.setMaster(master != null ? master : conf.get("spark.master", "local[*]"));
        boolean local = conf.get("spark.master").startsWith("local");
        if (local) { // nobody else has business here
            String loopback = InetAddress.getLoopbackAddress().getHostAddress();
            conf.setIfMissing("spark.driver.host", loopback);
            conf.setIfMissing("spark.driver.bindAddress", loopback);
        }
        conf.setIfMissing("spark.ui.enabled", local ? "false" : "true");
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        conf.setIfMissing("spark.broadcast.compress", "false"); // parameters do not compress
        conf.setIfMissing("spark.broadcast.checksum", "false"); // TCP and Spark's own encryption have theirs
        // A gradient that comes straight back, not by way of the block manager, saves a third of a step's exchange.
        conf.setIfMissing("spark.task.maxDirectResultSize", "64m");
        // Of a large model Spark's own limit, 1 GiB, refuses what the first gang gives back, its work already done.
        conf.setIfMissing("spark.driver.maxResultSize", "0");
        // A gang that finds a slot not free yet waits for the next offer of all slots.
        conf.setIfMissing("spark.scheduler.revive.interval", "100ms");
        conf.setIfMissing("spark.executor.defaultJavaOptions", "-XX:+UseParallelGC -Xmn256m");
        for (String kept : List.of("Jobs", "Stages", "Tasks")) {
            conf.setIfMissing("spark.ui.retained" + kept, "100"); // one of each a step adds up
        }
        if (localSlots(conf.get("spark.master")) > 0) {
            // An executor for which a task found no memory is ended and replaced; here it is this process, which has a
            // run to put down.
            conf.setIfMissing("spark.executor.killOnFatalError.depth", "0");
        }
        conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", "1");
        // Our records travel in closures, results and shuffles; Kryo 4 cannot build records.
        conf.set("spark.serializer", "org.apache.spark.serializer.JavaSerializer");
        Matcher localCluster = LOCAL_CLUSTER.matcher(conf.get("spark.master"));
        if (localCluster.matches()) {
            conf.setIfMissing("spark.executor.extraClassPath", absoluteClassPath());
            if (!conf.contains("spark.executor.cores")) { // the one executor of a worker has all of its memory
                int memory = Math.max(EXECUTOR_MEMORY, Integer.parseInt(localCluster.group(2)));
                conf.setIfMissing("spark.executor.memory", memory + "m");
            }
        } else if (!local && assembly != null && new File(assembly).exists()) {
            conf.setIfMissing("spark.jars", assembly);
        }
        new SparkSettings(conf).check();
        FastLayers.requested(); // refused here rather than in the first task
        return conf;
    }

    /** What is found in the names of secrets: Spark blanks the values of such settings, too. */
    public static Pattern namesOfSecrets() {
        return Pattern.compile(new SparkConf().get("spark.redaction.regex", REDACTED));
    }

    /**
     * Starts Spark and waits for its executors.
     *
     * @param cancelled asked while waiting
     * @throws ConfigurationException when the master cannot be used, or no executor comes in time
     */
    public static JavaSparkContext start(SparkConf conf, BooleanSupplier cancelled) {
        requireReachable(conf);
        checkLocalFolders(conf);
        JavaSparkContext spark;
        try {
            spark = new JavaSparkContext(conf);
        } catch (Exception e) { // Scala throws what Java does not declare
            if (e instanceof SparkException || e instanceof IllegalArgumentException) {
                throw cannotStart(conf, e);
            }
            throw e;
        }
        try {
            awaitExecutors(spark, cancelled);
            return spark;
        } catch (RuntimeException e) {
            boolean gaveUp = spark.sc().isStopped(); // whatever is asked of it then fails
            spark.stop();
            throw gaveUp
                    ? new ConfigurationException(
                            "--master " + conf.get("spark.master")
                                    + ": Spark gave up reaching the master; is it running?",
                            e)
                    : e instanceof IllegalArgumentException ? cannotStart(conf, e) : e;
        }
    }

    /** The tasks that a local master runs at the same time in this process; 0 of any other master. */
    public static int localSlots(String master) {
        Matcher local = LOCAL.matcher(master);
        if (!local.matches()) {
            return 0;
        }
        String slots = local.group(2);
        if (slots == null) {
            return 1;
        }
        return slots.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(slots);
    }

    /** Spark itself would end the process where it can use none of its folders. */
    private static void checkLocalFolders(SparkConf conf) {
        List<String> problems = new ArrayList<>();
        for (String folder : Utils.getConfiguredLocalDirs(conf)) {
            try {
                Path in = Files.createDirectories(
                        Path.of(URI.create(Utils.resolveURI(folder).toString())));
                Files.delete(Files.createTempDirectory(in, "lockstep"));
                return;
            } catch (FileSystemException e) {
                String kind = e.getClass().getSimpleName().replace("Exception", "");
                problems.add(folder + " (" + (e.getReason() == null ? kind : e.getReason()) + ")");
            } catch (IOException | RuntimeException e) { // a strange path comes as any of these
                problems.add(folder + " (" + Excerpt.line(e) + ")");
            }
        }
        throw new ConfigurationException("spark.local.dir: Spark can write to none of " + String.join(", ", problems)
                + "; name a folder that can be written (spark.local.dir, or SPARK_LOCAL_DIRS in the environment)");
    }

    private static ConfigurationException cannotStart(SparkConf conf, Exception cause) {
        return new ConfigurationException(
                "--master " + conf.get("spark.master") + ": Spark cannot start there: " + Excerpt.line(cause), cause);
    }

    /**
     * Finds out, without starting Spark, whether there is a way to the master.
     *
     * @throws ConfigurationException when this class path knows no such master, or a standalone one does not answer
     */
    public static void requireReachable(SparkConf conf) {
        String master = conf.get("spark.master");
        if (master.startsWith(STANDALONE)) {
            requireAnswer(master);
        } else if (localSlots(master) == 0 && !LOCAL_CLUSTER.matcher(master).matches() && !hasClusterManager(master)) {
            boolean known = master.equals("yarn") || master.startsWith("k8s://");
            throw new ConfigurationException("--master " + master + ": "
                    + (known
                            ? "the jars of Spark for it are not here; start Lockstep by the spark-submit of a Spark that has"
                                    + " them"
                            : "expected local, local[N], local[*], local-cluster[N,CORES,MB], spark://HOST:PORT, or by"
                                    + " spark-submit yarn or k8s://…"));
        }
    }

    private static boolean hasClusterManager(String master) {
        for (ExternalClusterManager manager : ServiceLoader.load(ExternalClusterManager.class)) {
            if (manager.canCreate(master)) {
                return true;
            }
        }
        return false;
    }

    /** Spark itself would ask a standalone master for a minute before it gives up. */
    private static void requireAnswer(String master) {
        for (String address : master.substring(STANDALONE.length()).split(",")) {
            try (Socket socket = new Socket()) {
                URI uri = URI.create(STANDALONE + address);
                socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), CONNECT_MILLIS);
                return;
            } catch (IOException | IllegalArgumentException e) {
                // the next one, then: a standby master may answer
            }
        }
        throw new ConfigurationException(
                "--master " + master + ": nobody answers there; is the master running, and are host and port right?");
    }

    /** Waits for the executors that were asked for, then until no more come: the first steps shall have all of them. */
    private static void awaitExecutors(JavaSparkContext spark, BooleanSupplier cancelled) {
        String master = spark.master();
        if (isOneProcess(master)) {
            return;
        }
        Matcher localCluster = LOCAL_CLUSTER.matcher(master);
        int expected = localCluster.matches()
                ? Integer.parseInt(localCluster.group(1))
                : spark.getConf().getInt("spark.executor.instances", 1);
        long settling = localCluster.matches() ? 0 : SETTLING.toNanos();
        long deadline = System.nanoTime() + EXECUTOR_DEADLINE.toNanos();
        long changed = System.nanoTime();
        int before = 0;
        int there = 0;
        while ((there < expected || System.nanoTime() - changed < settling) && !cancelled.getAsBoolean()) {
            if (System.nanoTime() > deadline && there > 0) {
                return; // fewer than asked for can train, too
            }
            if (System.nanoTime() > deadline) {
                throw new ConfigurationException("--master " + master + ": waited " + EXECUTOR_DEADLINE.toSeconds()
                        + " s for " + expected + " executors, " + there
                        + " came; does the cluster have workers with free cores and memory?");
            }
            try {
                Thread.sleep(50); // Spark has no condition to wait for
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for executors", e);
            }
            there = spark.sc().getExecutorMemoryStatus().size() - 1; // the driver counts as one
            if (there != before) {
                before = there;
                changed = System.nanoTime();
            }
        }
    }

    /** The tasks that can run at the same time now: cores of the executors that are there, by cores a task. */
    public static int slots(JavaSparkContext spark) {
        var profile = spark.sc().resourceProfileManager().defaultResourceProfile();
        return spark.sc().maxNumConcurrentTasks(profile);
    }

    /** How many executors there are now, at least 1: where one process is everything, that one. */
    public static int executors(JavaSparkContext spark) {
        return Math.max(1, spark.sc().getExecutorMemoryStatus().size() - 1); // the driver counts as one
    }

    /** Whether a master runs tasks in the driver's own process: there no slot comes or goes. */
    public static boolean isOneProcess(String master) {
        return master.startsWith("local") && !LOCAL_CLUSTER.matcher(master).matches();
    }

    private static String absoluteClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> new File(entry).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
