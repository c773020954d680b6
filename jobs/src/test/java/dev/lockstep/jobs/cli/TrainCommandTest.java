package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.SparkEnv;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One finished run on real local Spark, and what can be done with it. Nobody changes it: who must takes a copy. */
class TrainCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] SPARK = {"--master", "local[2]"};

    @TempDir
    private static Path folder;

    private static Path data;
    private static Path run;
    private static Cli trained;

    @BeforeAll
    static void trainOnce() throws IOException {
        data = TinyData.write(folder.resolve("data"));
        run = folder.resolve("run");
        trained = train(run, "name=tiny", "train.epochs=3", "train.checkpoint-every=10", "optimizer.learning-rate=0.02")
                .expectDone();
    }

    @AfterEach
    void sparkIsStopped() {
        assertThat(SparkEnv.get()).as("Spark").isNull();
    }

    private static Cli train(Path out, String... more) {
        return Cli.run(
                Stream.concat(
                                Stream.of("train", SPARK[0], SPARK[1], "--out", out.toString()),
                                TinyData.network(data).stream())
                        .toList(),
                more);
    }

    private static Cli resume(Path out, String... more) {
        return Cli.run(List.of("train", SPARK[0], SPARK[1], "--resume", "--out", out.toString()), more);
    }

    private static Path copy(String name) throws IOException {
        Path copy = folder.resolve(name);
        FileUtils.copyDirectory(run.toFile(), copy.toFile());
        return copy;
    }

    private static JsonNode record(Path out) throws IOException {
        return JSON.readTree(out.resolve("run.json").toFile());
    }

    private static List<JsonNode> metrics(Path out, String split) throws IOException {
        return lines(out.resolve("metrics.jsonl")).stream()
                .filter(line -> line.get("split").asText().equals(split))
                .toList();
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static List<Long> steps(List<JsonNode> lines) {
        return lines.stream().map(line -> line.get("step").asLong()).toList();
    }

    private static List<String> names(Path of) throws IOException {
        try (Stream<Path> found = Files.list(of)) {
            return found.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** Spark alone would end the process by its own code 53, and run.json would say that the run goes on. */
    @Test
    void aFolderThatSparkCannotWriteIsTold() throws IOException {
        System.setProperty("spark.local.dir", Files.writeString(folder.resolve("file"), "") + "/inside");
        try {
            Path out = folder.resolve("nowhere");
            train(out).expectError(2, "spark.local.dir: Spark can write to none of " + folder.resolve("file/inside"));
            assertThat(record(out).get("status").asText()).isEqualTo("failed");
            assertThat(record(out).get("exit_code").asInt()).isEqualTo(2);
            assertThat(record(out).get("error").asText()).startsWith("spark.local.dir: ");
        } finally {
            System.clearProperty("spark.local.dir");
        }
    }

    /** Frozen: keys may be added, none may go. */
    @Test
    void runJsonHasTheKeysOfTheContract() throws IOException {
        JsonNode record = record(run);
        List<String> keys = new ArrayList<>();
        record.fieldNames().forEachRemaining(keys::add);
        assertThat(keys)
                .contains(
                        "status",
                        "exit_code",
                        "version",
                        "run_id",
                        "command",
                        "seed",
                        "spark_master",
                        "spark_application_id",
                        "shards",
                        "tasks",
                        "batch_size",
                        "parameters",
                        "steps",
                        "epochs",
                        "examples_per_second",
                        "test_accuracy",
                        "test_loss",
                        "parameters_sha256",
                        "optimizer_sha256",
                        "started",
                        "finished");
        assertThat(record.get("status").asText()).isEqualTo("finished");
        assertThat(record.get("exit_code").asInt()).isZero();
        assertThat(record.get("command").asText()).startsWith("lockstep train --master local[2] --out ");
        assertThat(record.get("spark_master").asText()).isEqualTo("local[2]");
        assertThat(record.get("seed").asLong()).isEqualTo(1);
        assertThat(record.get("shards").asInt()).isEqualTo(2);
        assertThat(record.get("tasks").asInt()).isEqualTo(2);
        assertThat(record.get("batch_size").asInt()).isEqualTo(20);
        assertThat(record.get("parameters").asInt()).isEqualTo(16 * 6 + 6 + 6 * 3 + 3);
        assertThat(record.get("steps").asInt()).isEqualTo(30);
        assertThat(record.get("epochs").asDouble()).isEqualTo(3);
        assertThat(record.get("examples_per_second").asDouble()).isPositive();
        assertThat(record.get("parameters_sha256").asText()).matches("[0-9a-f]{64}");
        assertThat(record.get("optimizer_sha256").asText()).matches("[0-9a-f]{64}");
        assertThat(record.get("test_accuracy").asDouble())
                .as("brightness is easily told")
                .isGreaterThan(0.6);
    }

    @Test
    void aRunFolderIsWhatTheContractSays() throws IOException {
        assertThat(names(run))
                .containsExactly(
                        "checkpoints",
                        "config.resolved.conf",
                        "evaluation.json",
                        "metrics.jsonl",
                        "model.zip",
                        "report.html",
                        "run.json",
                        "train.log");
        assertThat(names(run.resolve("checkpoints")))
                .containsExactly("step-00000010", "step-00000020", "step-00000030");
        assertThat(names(run.resolve("checkpoints/step-00000030")))
                .containsExactly("optimizer.f32", "parameters.f32", "state.json");
        assertThat(steps(metrics(run, "train")))
                .hasSize(30)
                .isSorted()
                .startsWith(1L)
                .endsWith(30L);
        assertThat(steps(metrics(run, "test"))).containsExactly(10L, 20L, 30L);
        assertThat(metrics(run, "validation")).isEmpty();
        assertThat(trained.out())
                .contains(
                        "run folder: " + run,
                        "epoch 3.00  test loss ",
                        "step 30/30",
                        "report: " + run + "/report.html");
    }

    @Test
    void evaluateFindsWhatTheRunFound() throws IOException {
        String table = Cli.run("evaluate", SPARK[0], SPARK[1], "--model", run.toString())
                .expectDone()
                .out();
        JsonNode record = record(run);
        assertThat(table.lines())
                .contains(
                        "examples 60",
                        String.format(
                                Locale.ROOT,
                                "loss     %.6f",
                                record.get("test_loss").asDouble()),
                        String.format(
                                Locale.ROOT,
                                "accuracy %.6f",
                                record.get("test_accuracy").asDouble()));
        assertThat(table).contains("confusion matrix", "precision", "recall", "f1", "support");
        assertThat(metrics(run, "test").get(2).get("loss").asDouble())
                .isEqualTo(record.get("test_loss").asDouble());
        assertThat(JSON.readTree(run.resolve("evaluation.json").toFile())
                        .get("loss")
                        .asDouble())
                .isEqualTo(record.get("test_loss").asDouble());
    }

    @Test
    void predictWritesOneRowAnExampleWhoseFiguresAreTheEvaluations() throws IOException {
        Path csv = folder.resolve("new/predictions.csv");
        Cli.run(
                        "predict",
                        SPARK[0],
                        SPARK[1],
                        "--model",
                        run + "/model.zip",
                        "--data",
                        data.toString(),
                        "--out",
                        csv.toString())
                .expectDone();
        List<String> rows = Files.readAllLines(csv);
        assertThat(rows).hasSize(1 + TinyData.TEST).first().isEqualTo("index,predicted,p0,p1,p2");
        int right = 0;
        for (int i = 0; i < TinyData.TEST; i++) {
            String[] row = rows.get(1 + i).split(",", -1);
            assertThat(row[0]).isEqualTo(Integer.toString(i));
            double[] p = {Double.parseDouble(row[2]), Double.parseDouble(row[3]), Double.parseDouble(row[4])};
            assertThat(p[0] + p[1] + p[2]).isCloseTo(1, within(1e-5));
            int predicted = Integer.parseInt(row[1]);
            assertThat(p[predicted]).isEqualTo(Math.max(p[0], Math.max(p[1], p[2])));
            right += predicted == i % TinyData.CLASSES ? 1 : 0;
        }
        assertThat((double) right / TinyData.TEST)
                .isEqualTo(record(run).get("test_accuracy").asDouble());
        assertThat(names(csv.getParent())).containsExactly("predictions.csv");
    }

    @Test
    void reportIsBuiltAnew() throws IOException {
        Path copy = copy("reported");
        Files.delete(copy.resolve("report.html"));
        assertThat(Cli.run("report", copy.toString()).expectDone().out()).contains("report.html");
        assertThat(copy.resolve("report.html"))
                .content()
                .contains("<svg", "finished")
                .doesNotContain("https://");
    }

    /** Looking into the layers meanwhile changes nothing. */
    @Test
    void theResolvedConfigurationRepeatsTheRun() throws IOException {
        Path again = folder.resolve("again");
        Cli.run(
                        "train",
                        "--quiet",
                        SPARK[0],
                        "local[1]",
                        "--conf",
                        run + "/config.resolved.conf",
                        "--out",
                        again.toString(),
                        "train.histograms=7")
                .expectDone();
        for (String key : List.of("parameters_sha256", "optimizer_sha256", "test_loss")) {
            assertThat(record(again).get(key)).isEqualTo(record(run).get(key));
        }
        assertThat(Files.readString(again.resolve("config.resolved.conf"))
                        .replaceFirst(" *histograms=\"7 steps\"\n", ""))
                .isEqualTo(Files.readString(run.resolve("config.resolved.conf")));
        assertThat(again.resolve("model.zip")).hasSameBinaryContentAs(run.resolve("model.zip"));
        List<JsonNode> lines = lines(again.resolve("histograms.jsonl"));
        assertThat(steps(lines).stream().distinct()).containsExactly(0L, 7L, 14L, 21L, 28L, 30L);
        assertThat(lines).hasSize(6 * 2 * 3);
        assertThat(lines.get(0).toString())
                .startsWith("{\"schema\":1,\"step\":0,\"layer\":\"0\",\"what\":\"weights\",\"low\":-");
        assertThat(again.resolve("report.html")).content().contains("Inside the layers", "Gradients of the weights");
    }

    @Test
    void aCheckpointThatIsCutShortIsPassedOverAndSaid() throws IOException {
        Path copy = copy("cut");
        Files.write(copy.resolve("checkpoints/step-00000030/parameters.f32"), new byte[7]);
        Cli resumed = resume(copy).expectDone();
        assertThat(resumed.out())
                .contains(
                        "warning: checkpoint ",
                        "step-00000030 is damaged: parameters.f32 has 7 bytes, expected 492; using the one before it",
                        "resuming after step 20");
        assertThat(record(copy).get("parameters_sha256")).isEqualTo(record(run).get("parameters_sha256"));
        assertThat(record(copy).get("run_id")).isEqualTo(record(run).get("run_id"));
        assertThat(steps(metrics(copy, "train"))).isEqualTo(steps(metrics(run, "train")));
        assertThat(steps(metrics(copy, "test"))).containsExactly(10L, 20L, 30L);
    }

    @Test
    void whenEveryCheckpointIsCutShortTheRunCannotGoOn() throws IOException {
        Path copy = copy("all-cut");
        for (String name : names(copy.resolve("checkpoints"))) {
            Files.write(copy.resolve("checkpoints").resolve(name).resolve("optimizer.f32"), new byte[0]);
        }
        resume(copy)
                .expectError(
                        5, "step-00000030 is damaged: optimizer.f32 has 0 bytes", "none of the 3 here can be used");
        assertThat(copy.resolve("run.json")).hasSameTextualContentAs(run.resolve("run.json"));
    }

    @Test
    void anotherConfigurationIsRefusedByItsKeyAndChangesNothing() throws IOException {
        Path copy = copy("other");
        resume(copy, "train.shards=4")
                .expectError(5, "is of another run: train.shards is 2 there and 4 here", "choose another --out");
        resume(copy, "optimizer.beta1=0.8").expectError(5, "optimizer.beta1 is 0.9 there and 0.8 here");
        resume(copy, "data.train-limit=100").expectError(5, "data.train-limit is 0 there and 100 here");
        Path other = TinyData.write(folder.resolve("other-data"));
        byte[] labels = TinyData.labels(TinyData.TRAIN);
        labels[8] ^= 1;
        Files.write(other.resolve(TinyData.TRAIN_LABELS), TinyData.gzip(labels));
        resume(copy, "data.path=" + other).expectError(5, "examples (SHA-256) is ");
        for (String file : List.of("run.json", "config.resolved.conf", "metrics.jsonl")) {
            assertThat(copy.resolve(file)).hasSameTextualContentAs(run.resolve(file));
        }
    }

    @Test
    void aFinishedRunGoesOnWithMoreEpochsButNotWithFewer() throws IOException {
        Path copy = copy("more");
        assertThat(resume(copy, "train.epochs=4").expectDone().out()).contains("resuming after step 30");
        assertThat(record(copy).get("steps").asInt()).isEqualTo(40);
        assertThat(steps(metrics(copy, "train"))).hasSize(40).doesNotHaveDuplicates();
        resume(copy, "train.iterations=35").expectError(5, "is at step 40, behind the run's end at step 35");
    }

    /** DL4J's layers stand for another kind of processor. */
    @Test
    void aRunGoesOnInOtherBitsOnlyWhenToldTo() throws IOException {
        Path copy = copy("elsewhere");
        String ours = record(run).get("arithmetic").asText();
        assertThat(ours).matches("Lockstep's layers and OpenBLAS for \\w+, sample gradient [0-9a-f]{16}");
        System.setProperty("lockstep.kernels", "off");
        try {
            for (String exchange : List.of("gang", "job", "local")) {
                resume(copy, "train.epochs=4", "train.exchange=" + exchange)
                        .expectError(
                                2,
                                "the steps so far were computed with " + ours + ", but task 0",
                                " computes with DL4J's layers and OpenBLAS for ",
                                "--other-kernels");
                assertThat(names(copy.resolve("checkpoints"))).endsWith("step-00000030");
            }
            resume(copy, "train.epochs=4", "--other-kernels").expectDone();
        } finally {
            System.clearProperty("lockstep.kernels");
        }
        JsonNode record = record(copy);
        assertThat(record.get("arithmetic").asText()).startsWith("DL4J's layers and OpenBLAS for ");
        assertThat(record.at("/arithmetic_before/0/arithmetic").asText()).isEqualTo(ours);
        assertThat(record.at("/arithmetic_before/0/to_step").asLong()).isEqualTo(30);
        resume(copy, "train.epochs=5", "--other-kernels").expectDone();
        assertThat(record(copy).get("arithmetic_before"))
                .as("where what ended, in order")
                .map(stretch -> stretch.get("to_step").asLong())
                .containsExactly(30L, 40L);
        assertThat(record(copy).get("arithmetic").asText()).isEqualTo(ours);
    }

    /** Its last round was cut short: a longer run would not have averaged there. */
    @Test
    void aRunOfParameterAveragingIsLengthenedToTheBitsOfALongOne() throws IOException {
        String[] rounds = {"--quiet", "train.sync-every=3", "train.iterations=10"};
        Path longer = folder.resolve("lengthened");
        train(longer, rounds).expectDone();
        assertThat(names(longer.resolve("checkpoints")))
                .containsExactly("step-00000000", "step-00000009", "step-00000010");
        resume(longer, "train.iterations=9").expectError(5, "is at step 10, behind the run's end at step 9");
        assertThat(resume(longer, "train.iterations=11").expectDone().out()).contains("resuming after step 9");
        assertThat(resume(longer, "train.iterations=20").expectDone().out())
                .contains("resuming after step 9\n")
                .contains("step-00000011 is inside a round of train.sync-every = 3 steps; using the one before it");
        Path atOnce = folder.resolve("long-at-once");
        train(atOnce, "--quiet", "train.sync-every=3", "train.iterations=20").expectDone();
        assertThat(record(longer).get("parameters_sha256"))
                .isEqualTo(record(atOnce).get("parameters_sha256"));
        assertThat(record(longer).get("optimizer_sha256"))
                .isEqualTo(record(atOnce).get("optimizer_sha256"));
        assertThat(steps(metrics(longer, "train"))).isEqualTo(steps(metrics(atOnce, "train")));
        assertThat(names(longer.resolve("checkpoints"))).isEqualTo(names(atOnce.resolve("checkpoints")));
    }

    @Test
    void validationAndTheCadenceOfEvaluationsAndCheckpoints() throws IOException {
        Path out = folder.resolve("cadence");
        train(
                        out,
                        "--quiet",
                        "data.validation-fraction=0.1",
                        "train.epochs=2",
                        "train.evaluate-every=4 steps",
                        "train.checkpoint-every=7")
                .expectDone();
        // 180 examples are left: 9 steps an epoch; the end is always due.
        assertThat(steps(metrics(out, "validation"))).containsExactly(4L, 8L, 12L, 16L, 18L);
        assertThat(steps(metrics(out, "test"))).containsExactly(4L, 8L, 12L, 16L, 18L);
        assertThat(names(out.resolve("checkpoints")))
                .containsExactly("step-00000007", "step-00000014", "step-00000018");
        assertThat(record(out).get("epochs").asDouble()).isEqualTo(2);
        assertThat(metrics(out, "train").get(17).get("epoch").asInt()).isEqualTo(1);
    }

    @Test
    void iterationsWithReplacementInOneTask() throws IOException {
        Path out = folder.resolve("drawn");
        Cli drawn = train(
                        out,
                        "train.iterations=13",
                        "data.sampling=with-replacement",
                        "train.exchange=local",
                        "train.evaluate-every=1 epoch",
                        "data.train-limit=70",
                        "data.test-limit=11")
                .expectDone();
        assertThat(steps(metrics(out, "train"))).hasSize(13);
        assertThat(steps(metrics(out, "test"))).containsExactly(4L, 8L, 12L, 13L);
        assertThat(record(out).get("tasks").asInt()).isEqualTo(1);
        assertThat(record(out).get("epochs").asDouble()).isEqualTo(13 / 4.0);
        assertThat(drawn.out()).contains("step 13/13");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gang", "job", "local"})
    void aRunThatDivergesKeepsItsLastGoodCheckpoint(String exchange) throws IOException {
        Path out = folder.resolve("diverged-" + exchange);
        Cli diverged = train(
                out,
                "optimizer.name=sgd",
                "optimizer.learning-rate=1e30",
                "train.checkpoint-every=1",
                "train.exchange=" + exchange);
        diverged.expectError(
                4,
                "training diverged at step ",
                "loss ",
                "the step was not applied",
                "smaller optimizer.learning-rate");
        JsonNode record = record(out);
        assertThat(record.get("status").asText()).isEqualTo("diverged");
        assertThat(record.get("exit_code").asInt()).isEqualTo(4);
        assertThat(diverged.err()).contains(record.get("error").asText());
        assertThat(names(out)).contains("report.html", "metrics.jsonl").doesNotContain("model.zip");
        List<String> checkpoints = names(out.resolve("checkpoints"));
        long kept = Long.parseLong(checkpoints.get(checkpoints.size() - 1).substring("step-".length()));
        assertThat(diverged.err()).contains("at step " + kept + " ");
        Cli again = resume(out);
        assertThat(again.code()).isEqualTo(4);
        assertThat(again.err())
                .as("the checkpoint is loaded, and the same step fails")
                .isEqualTo(diverged.err());
        assertThat(again.out()).contains("resuming after step " + kept);
    }

    @Test
    void aModelOfStockDl4jIsEvaluated() throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .list()
                .layer(new DenseLayer.Builder().nIn(16).nOut(5).build())
                .layer(new OutputLayer.Builder()
                        .nIn(5)
                        .nOut(3)
                        .activation(org.nd4j.linalg.activations.Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        Path file = folder.resolve("stock.zip");
        ModelSerializer.writeModel(network, file.toFile(), false);
        assertThat(Cli.run("evaluate", SPARK[0], SPARK[1], "--model", file.toString(), "--data", data.toString())
                        .expectDone()
                        .out())
                .startsWith("examples 60");
        Cli.run("evaluate", SPARK[0], SPARK[1], "--model", file.toString())
                .expectError(2, "nothing beside it says what data it is for", "give --data DIR");
    }

    @Test
    void aMasterThatIsNoneIsRefused() throws IOException {
        Path out = folder.resolve("nonsense");
        train(out, "--master", "nonsense").expectError(2, "specified only once");
        Cli.run(
                        Stream.concat(Stream.of("train", "--out", out.toString()), TinyData.network(data).stream())
                                .toList(),
                        "--master",
                        "nonsense",
                        "train.iterations=2")
                .expectError(2, "--master nonsense: expected local, local[N], ");
        assertThat(record(out).get("status").asText()).isEqualTo("failed");
        assertThat(record(out).get("exit_code").asInt()).isEqualTo(2);
        assertThat(resume(out).expectDone().out())
                .as("a failed start can be made good")
                .contains("step 2/2");
    }

    @Test
    void moreThanThereAreExamplesIsNoBatch() throws IOException {
        train(folder.resolve("large"), "train.batch-size=201")
                .expectError(2, "train.batch-size: is 201, but there are only 200 training examples");
    }
}
