package dev.lockstep.bench.table;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.spark.LateSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.ml.LockstepClassificationModel;
import dev.lockstep.ml.LockstepClassifier;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code lockstep table-speed}: whole commands on a table and on files, one after the other, round after round, Spark's start
 * and the reading included. The first round warms up and is not counted.
 */
@Command(
        name = "table-speed",
        description =
                "Examples a second of evaluate, predict and transform on a table, and of train on a table and on IDX files.",
        mixinStandardHelpOptions = true)
public final class TableSpeedCommand implements LockstepCommand.Extra {
    private static final String EVALUATE = "evaluate, table";
    private static final String PREDICT = "predict, table";
    private static final String TRANSFORM = "transform, table";
    private static final String TRAIN_IDX = "train, IDX";
    private static final String TRAIN_TABLE = "train, table";
    private static final String STEPS = ", steps alone";

    @Option(names = "--rows", paramLabel = "N", description = "Training images (default: ${DEFAULT-VALUE}).")
    private int rows = 200_000;

    @Option(names = "--rounds", paramLabel = "N", description = "That are counted (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(names = "--network", paramLabel = "NAME", description = "A configuration (default: ${DEFAULT-VALUE}).")
    private String network = "lenet";

    @Option(names = "--master", paramLabel = "URL", description = "Spark's master (default: ${DEFAULT-VALUE}).")
    private String master = "local[2]";

    private final Map<String, List<Double>> measured = new LinkedHashMap<>();
    private Path folder;

    @Override
    public Integer call() throws IOException {
        folder = Files.createTempDirectory("table-speed");
        try {
            TableDataCommand.write(rows, 1000, folder.resolve("data"), master);
            train("model", table());
            fit();
            for (int round = 0; round <= rounds; round++) {
                if (round == 1) {
                    measured.clear();
                }
                String model = folder.resolve("model").toString();
                String data = folder.resolve("data/train.parquet").toString();
                timed(EVALUATE, List.of("evaluate", "--master", master, "--model", model, "--data", data));
                String answers = folder.resolve("answers.parquet").toString();
                timed(
                        PREDICT,
                        List.of("predict", "--master", master, "--model", model, "--data", data, "--out", answers));
                delete(Path.of(answers));
                put(TRANSFORM, rows / transform());
                measuredTraining(TRAIN_IDX, List.of("data.path=" + folder.resolve("data/idx")));
                measuredTraining(TRAIN_TABLE, table());
            }
            measured.forEach((what, values) -> System.out.printf("%-26s %10.0f examples/s%n", what, median(what)));
            ratio(PREDICT, EVALUATE);
            ratio(TRANSFORM, EVALUATE);
            ratio(TRAIN_TABLE, TRAIN_IDX);
            ratio(TRAIN_TABLE + STEPS, TRAIN_IDX + STEPS);
            return 0;
        } finally {
            delete(folder);
        }
    }

    private List<String> table() {
        Path data = folder.resolve("data");
        return List.of(
                "data.format=parquet",
                "data.path=" + data.resolve("train.parquet"),
                "data.test-path=" + data.resolve("test.parquet"),
                "data.columns.id=id");
    }

    private void measuredTraining(String what, List<String> data) throws IOException {
        double seconds = train("run", data);
        Path run = folder.resolve("run");
        double alone = new ObjectMapper()
                .readTree(run.resolve("run.json").toFile())
                .path("examples_per_second")
                .asDouble();
        put(what, rows / seconds);
        put(what + STEPS, alone);
        delete(run);
    }

    /** @return seconds */
    private double train(String run, List<String> data) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "train",
                "--conf",
                network,
                "--master",
                master,
                "--out",
                folder.resolve(run).toString()));
        words.addAll(List.of("--quiet", "train.epochs=1", "train.evaluate-every=1 epoch"));
        words.addAll(data);
        return seconds(words);
    }

    /** A model of spark.ml: any will do, as all of one network are as fast. */
    private void fit() throws IOException {
        Path conf = folder.resolve("fit.conf"); // the table does not say that its vectors are images
        Files.writeString(
                conf, "include classpath(\"conf/" + network + ".conf\")\nnetwork.input = " + MadeUpImages.INPUT);
        try (LateSpark spark = spark()) {
            Dataset<Row> few = spark.session()
                    .read()
                    .parquet(folder.resolve("data/test.parquet").toString());
            new LockstepClassifier()
                    .setConf(conf.toString())
                    .setFeaturesCol("image")
                    .setEpochs(1)
                    .fit(few)
                    .save(folder.resolve("fitted").toString());
        }
    }

    /** @return seconds, from Spark's start to the last answer, which nobody keeps */
    private double transform() throws IOException {
        long began = System.nanoTime();
        try (LateSpark spark = spark()) {
            Dataset<Row> all = spark.session()
                    .read()
                    .parquet(folder.resolve("data/train.parquet").toString());
            LockstepClassificationModel.load(folder.resolve("fitted").toString())
                    .transform(all)
                    .write()
                    .format("noop")
                    .mode(SaveMode.Overwrite)
                    .save();
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private LateSpark spark() {
        return new LateSpark(SparkApplication.conf(master, "table-speed", null));
    }

    private void timed(String what, List<String> words) throws IOException {
        put(what, rows / seconds(words));
    }

    private void put(String what, double examplesPerSecond) {
        measured.computeIfAbsent(what, any -> new ArrayList<>()).add(examplesPerSecond);
    }

    private static double seconds(List<String> words) throws IOException {
        PrintStream out = System.out;
        long began = System.nanoTime();
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            System.setOut(nowhere);
            int code = LockstepCommand.run(words.toArray(String[]::new));
            if (code != 0) {
                throw new IOException("exit code " + code + ": lockstep " + String.join(" ", words));
            }
        } finally {
            System.setOut(out);
        }
        return (System.nanoTime() - began) / 1e9;
    }

    private double median(String what) {
        List<Double> sorted = new ArrayList<>(measured.get(what));
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private void ratio(String one, String other) {
        System.out.printf("%s / %s: %.3f%n", one, other, median(one) / median(other));
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
