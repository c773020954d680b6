package dev.lockstep.jobs.cli;

import static dev.lockstep.jobs.cli.TinyData.TEST_LABELS;
import static dev.lockstep.jobs.cli.TinyData.TRAIN_IMAGES;
import static dev.lockstep.jobs.cli.TinyData.TRAIN_LABELS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong is told before Spark is started and before anything is written. */
class BadInputTest {

    @TempDir
    private Path folder;

    private Path data;
    private Path out;

    @BeforeEach
    void write() throws IOException {
        data = TinyData.write(folder.resolve("data"));
        out = folder.resolve("out");
    }

    @AfterEach
    void nothingWasStartedOrWritten() {
        assertThat(SparkEnv.get()).as("Spark").isNull();
        assertThat(out).doesNotExist();
    }

    private Cli train(String... more) {
        return run("train", more);
    }

    private Cli sweep(String... more) {
        return run("sweep", more);
    }

    private Cli run(String command, String... more) {
        return Cli.run(
                Stream.concat(Stream.of(command, "--out", out.toString()), TinyData.network(data).stream())
                        .toList(),
                more);
    }

    private Cli summary(String... more) {
        return Cli.run(
                Stream.concat(Stream.of("summary"), TinyData.network(data).stream())
                        .toList(),
                more);
    }

    private void expectDataError(String file, byte[] content, String... fragments) throws IOException {
        Files.write(data.resolve(file), content);
        assertThat(train().expectError(3, fragments).err()).contains(file);
    }

    private static final String HUGE =
            "network.layers=[{type=dense,units=100000},{type=dense,units=100000},{type=output}]";

    /** 40 GB of parameters: building them ended the process. */
    @Test
    void aNetworkTooLargeForMemoryIsToldByItsSize() {
        String counted = "10,002,100,003 parameters and 20,004,200,006 values of optimizer state";
        train(HUGE).expectError(2, "network.layers: " + counted + "; at most 2,147,483,639 of each");
        train("--dry-run", HUGE).expectError(2, counted);
        String inMemory = HUGE.replace("100000", "30000");
        train(inMemory).expectError(2, "900,630,003 parameters", "need at least", "MB of Java's memory, there are");
        String table = summary(HUGE).expectDone().out();
        assertThat(table)
                .contains("10,000,100,000", "10,002,100,003 parameters, 20,004,200,006 values of optimizer state");
        summary(inMemory, "--kernels").expectError(2, "900,630,003 parameters");
        train("network.input=[10,100000,100000]")
                .expectError(2, "network.input: a shape of 10x100000x100000 has more than 2147483647 values");
    }

    @Test
    void aDryRunSaysWhatWouldBeDoneAndMakesNothing() {
        String plan = train("--dry-run", "--master", "local[2]", "train.epochs=3")
                .expectDone()
                .out();
        assertThat(plan)
                .contains(
                        "123 parameters",
                        "200 training and 60 test examples from " + data,
                        "3 epochs, batches of 20 in 2 shards, exchange gang, on local[2]",
                        "would write to " + out);
    }

    @Test
    void aFileThatIsCutShort() throws IOException {
        byte[] whole = TinyData.gzip(TinyData.images(TinyData.TRAIN));
        expectDataError(
                TRAIN_IMAGES,
                Arrays.copyOf(whole, whole.length / 2),
                "is cut short: expected 3216 bytes",
                "get the file again");
        byte[] short1 = TinyData.images(TinyData.TRAIN);
        expectDataError(
                TRAIN_IMAGES,
                TinyData.gzip(Arrays.copyOf(short1, 3000)),
                "expected 3216 bytes for 200x4x4 images, found 3000 bytes");
    }

    @Test
    void anEmptyFile() throws IOException {
        expectDataError(TRAIN_LABELS, new byte[0], "has no data", "expected labels, found 0 bytes");
    }

    @Test
    void aFileThatIsNotGzip() throws IOException {
        expectDataError(
                TEST_LABELS, "labels".getBytes(StandardCharsets.UTF_8), "is named .gz but is not gzip", "found 0x6c61");
    }

    @Test
    void aWrongMagicNumber() throws IOException {
        expectDataError(
                TRAIN_IMAGES,
                TinyData.gzip(TinyData.labels(TinyData.TRAIN)),
                "is not an IDX file of images: expected magic number 0x00000803, found 0x00000801");
    }

    @Test
    void imagesAndLabelsOfDifferentCounts() throws IOException {
        expectDataError(
                TRAIN_LABELS,
                TinyData.gzip(TinyData.labels(199)),
                "has 200 images but",
                "has 199 labels: expected as many");
    }

    @Test
    void aLabelBeyondTheClasses() throws IOException {
        byte[] labels = TinyData.labels(TinyData.TEST);
        labels[8 + 41] = 3;
        expectDataError(TEST_LABELS, TinyData.gzip(labels), "3", "41", "network.classes");
    }

    @Test
    void anImageOfAnotherSize() {
        train("network.input=[1,5,4]")
                .expectError(3, "holds images of 1x4x4 but the network expects 1x5x4", "network.input");
        train("network.input=[15]").expectError(3, "holds images of 1x4x4 but the network expects 15");
    }

    @Test
    void noSuchPath() throws IOException {
        train("data.path=" + folder + "/none").expectError(3, folder + "/none", "no such directory", "data.path");
        train("data.path=nosuch://host/x").expectError(3, "nosuch://host/x", "names no usable file system");
        train("data.path=bundled:none").expectError(3, "bundled:none", "has no IDX data");
        Files.delete(data.resolve(TEST_LABELS));
        train().expectError(3, "lacks t10k-labels-idx1-ubyte");
    }

    @Test
    void aMasterThatThereIsNoWayTo() {
        train("--dry-run", "--master", "yarn").expectError(2, "--master yarn: the jars of Spark for it are not here");
        train("--dry-run", "--master", "lokal[2]").expectError(2, "--master lokal[2]: expected local, ");
    }

    @Test
    void aSettingOfOursAmongSparks() {
        System.setProperty("spark.lockstep.patience", "-5s");
        try {
            train("--dry-run").expectError(2, "spark.lockstep.patience: expected a time", "found '-5s'");
            train().expectError(2, "spark.lockstep.patience: expected a time", "found '-5s'");
        } finally {
            System.clearProperty("spark.lockstep.patience");
        }
    }

    @Test
    void kernelsThatThereAreNot() {
        String before = System.getProperty("lockstep.kernels");
        System.setProperty("lockstep.kernels", "fastest");
        try {
            train().expectError(
                            2, "LOCKSTEP_KERNELS, or -Dlockstep.kernels: expected on, onednn or off, found 'fastest'");
        } finally {
            if (before == null) {
                System.clearProperty("lockstep.kernels");
            } else {
                System.setProperty("lockstep.kernels", before);
            }
        }
    }

    @Test
    void anUnknownKey() {
        train("train.epoch=3").expectError(2, "train.epoch: unknown key; the nearest known one is train.epochs");
    }

    @Test
    void aWrongType() {
        train("train.epochs=many")
                .expectError(2, "train.epochs: expected a whole number", "found \"many\" (command line)");
    }

    @Test
    void severalMistakesAreAllReported() {
        Cli wrong = train("train.epochs=0", "sed=3", "train.shards=21");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err())
                .startsWith("lockstep: 3 problems in the configuration:")
                .contains(
                        "train.epochs: expected",
                        "sed: unknown key",
                        "train.batch-size: is 20, below train.shards = 21");
    }

    @Test
    void fewerExamplesThanShards() {
        train("train.shards=21").expectError(2, "train.batch-size: is 20, below train.shards = 21");
        train("train.shards=0").expectError(2, "train.shards: expected a whole number from 1", "found \"0\"");
    }

    @Test
    void aLayerThatDoesNotFit() {
        train("network.layers=[{type=dropout},{type=convolution,filters=2,kernel=5},{type=output}]")
                .expectError(
                        2, "network.layers[1]: convolution does not fit: kernel 5x5 is larger than its input 1x4x4");
    }

    @Test
    void aConfigurationThatCannotBeRead() throws IOException {
        Cli.run("train", "--conf", "lenot").expectError(2, "--conf lenot: no such file", "comes with Lockstep");
        Path wrong = folder.resolve("wrong.conf");
        Files.writeString(wrong, "train {\n  epochs = = 3\n}");
        Cli.run("train", "--conf", wrong.toString()).expectError(2, "--conf " + wrong, ": 2:");
        Cli.run("train", "--conf", folder.toString()).expectError(2, "--conf " + folder);
        Cli.run("train", "seed").expectError(2, "argument 'seed': expected key=value");
        Files.writeString(wrong, "seed = ${nowhere}");
        Cli.run("train", "--conf", wrong.toString()).expectError(2, wrong + ": 1", "${nowhere}");
    }

    @Test
    void anOutThatIsNotEmpty() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("notes.txt"), "mine");
        train("--out=" + taken).expectError(2, "option '--out' (DIR) should be specified only once");
        Cli.run(
                        Stream.concat(Stream.of("train"), TinyData.network(data).stream())
                                .toList(),
                        "--out",
                        taken.toString())
                .expectError(2, "--out " + taken + ": is not empty", "choose another folder", "--resume");
        assertThat(taken.toFile().list()).containsExactly("notes.txt");
    }

    @Test
    void anOutThatCannotBeWrittenOrNamesNothing() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        for (String place : new String[] {file + "/run", "/proc/run"}) {
            Cli.run(
                            Stream.concat(Stream.of("train"), TinyData.network(data).stream())
                                    .toList(),
                            "--out",
                            place)
                    .expectError(2, "cannot make the folder file:" + place, "choose another --out");
        }
        Cli.run("train", "--out", "nosuch://host/x").expectError(2, "'nosuch://host/x' names no usable folder");
        Cli.run("train", "--out", "a:b").expectError(2, "'a:b' names no usable folder");
    }

    @Test
    void aResumeWithNothingThere() throws IOException {
        Cli.run("train", "--resume", "--out", out.toString())
                .expectError(5, "--resume --out " + out, "there is no run to go on with", "leave --resume out");
        Cli.run("train", "--resume").expectError(2, "--resume needs --out DIR");
        Path half = Files.createDirectory(folder.resolve("half"));
        Files.writeString(half.resolve("run.json"), "{}");
        Cli.run("train", "--resume", "--out", half.toString())
                .expectError(5, "config.resolved.conf is missing; name the --conf that the run was started with");
        Files.writeString(half.resolve("config.resolved.conf"), "network { layers = [");
        Cli.run("train", "--resume", "--out", half.toString())
                .expectError(5, half + "/config.resolved.conf is damaged", "--conf");
    }

    @Test
    void aModelThatIsNotThere() throws IOException {
        for (String[] command : new String[][] {{"evaluate"}, {"predict", "--out", out.toString()}}) {
            List<String> words = List.of(command);
            Cli.run(words, "--model", folder + "/none")
                    .expectError(5, "--model " + folder + "/none: there is no file:");
            Cli.run(words, "--model", folder.toString()).expectError(5, "there is no file:" + folder + "/model.zip");
            Cli.run(words, "--model", data.resolve(TRAIN_IMAGES).toString())
                    .expectError(5, "is not a DL4J model file: expected the entries");
            Cli.run(words, "--model", "a:b").expectError(2, "'a:b' names no usable folder");
        }
    }

    @Test
    void aPredictionThatWouldOverwriteOrCannotBeWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("taken.csv"), "mine");
        Cli.run("predict", "--model", "x", "--out", file.toString())
                .expectError(2, "--out " + file + ": exists already; choose another name");
        Cli.run("predict", "--model", "x", "--out", file + "/p.csv")
                .expectError(2, "cannot make the folder file:" + file);
        Cli.run("predict", "--model", "x", "--out", "a:b").expectError(2, "'a:b' names no usable folder");
        assertThat(file).hasContent("mine");
    }

    @Test
    void aReportOfNoRun() throws IOException {
        Cli.run("report", folder.toString()).expectError(3, "holds no run: expected a run.json");
        Files.writeString(folder.resolve("run.json"), "{\"status\":");
        Cli.run("report", folder.toString()).expectError(3, "run.json: is damaged: expected JSON");
        assertThat(folder.resolve("report.html")).doesNotExist();
    }

    @Test
    void aRecordThatIsNoObjectIsDamaged() throws IOException {
        for (String text : List.of("", "null", "[]", "3", "{} {}")) {
            Files.writeString(folder.resolve("run.json"), text);
            Cli.run("report", folder.toString()).expectError(3, "run.json: is damaged: expected JSON");
        }
        assertThat(folder.resolve("report.html")).doesNotExist();
    }

    /** Whoever goes on with a folder reads what an earlier session left in it. */
    @Test
    void aDamagedSweepIsNotGoneOnWith() throws IOException {
        Path sweep = Files.createDirectories(folder.resolve("sweep"));
        List<String> words = new ArrayList<>(List.of("sweep", "--master", "local[1]", "--out", sweep.toString()));
        Path conf = Files.write(
                folder.resolve("sweep.conf"), TinyData.network(TinyData.write(folder.resolve("sweep-data"))));
        Cli.run(words, "--conf", conf.toString(), "train.iterations=2", "seed=1,2")
                .expectDone();
        Files.writeString(sweep.resolve("sweep.json"), "{\"train\": 3}");
        words.add("--resume");
        Cli.run(words).expectError(5, "sweep.json: is damaged: train: expected a text, found 3");
    }

    @Test
    void weightsAreLookedAtBeforeAnythingIsStarted() throws IOException {
        Path weights = Files.writeString(folder.resolve("weights.txt"), "1\n2\n");
        String[] given = {"data.bootstrap=true", "data.weights=" + weights};
        String message = "data.weights " + weights + ": has 2 lines: expected 200";
        train(given).expectError(3, message);
        train("--dry-run", given[0], given[1]).expectError(3, message);
        sweep("optimizer.learning-rate=0.1,0.2", given[0], given[1]).expectError(3, message);
    }

    @Test
    void aSweepWithoutASpace() {
        sweep().expectError(2, "sweep.space: is empty", "name a key and its values");
    }

    @Test
    void aSweepOverAnUnknownKey() {
        sweep("optimizer.learning-rat=0.1,0.2")
                .expectError(
                        2,
                        "2 of 2 trials cannot run, none was started; trial 001 (optimizer.learning-rat=0.1)",
                        "unknown key; the nearest known one is optimizer.learning-rate");
    }

    @Test
    void aSweepOneValueOfWhichCannotBe() {
        sweep("optimizer.learning-rate=0.1,fast")
                .expectError(2, "trial 002 (optimizer.learning-rate=fast) cannot run", "expected a number above 0");
    }

    @Test
    void aSweepOneTrialOfWhichHasTooFewExamples() {
        sweep("data.train-limit=200,10")
                .expectError(2, "trial 002 (data.train-limit=10) cannot run", "there are only 10 training examples");
    }

    @Test
    void aSweepThatWatchesASplitThatIsNotThere() {
        sweep(
                        "optimizer.learning-rate=0.1,0.2",
                        "train.early-stopping.metric=validation-loss",
                        "train.early-stopping.patience=2")
                .expectError(2, "validation-loss needs a validation split", "data.validation-fraction");
    }

    @Test
    void resumingASweepWhereThereIsNone() {
        Cli.run(List.of("sweep", "--resume", "--out", out.toString()))
                .expectError(5, "there is no sweep to go on with", "leave --resume out");
    }
}
