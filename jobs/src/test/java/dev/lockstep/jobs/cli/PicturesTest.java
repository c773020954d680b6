package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.jobs.BundledPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of pictures, and pictures in tables, are the examples that they would be in files of bytes. */
class PicturesTest {
    private static final int TRAIN = 300;
    private static final int TEST = 60;

    @TempDir
    static Path folder;

    /** Some of the bundled pictures as files, and these in tables. */
    @BeforeAll
    static void write() throws IOException {
        BundledPictures.write(TRAIN, folder.resolve("train"), TEST, folder.resolve("test"));
        try (SparkSession spark = SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .getOrCreate()) {
            for (String part : List.of("train", "test")) {
                table(
                                spark,
                                part,
                                "binaryFile",
                                "path",
                                functions.col("content").as("picture"))
                        .repartition(5)
                        .write()
                        .parquet(folder.resolve(part + "-encoded.parquet").toString());
                table(spark, part, "image", "image.origin", functions.col("image"))
                        .repartition(3)
                        .write()
                        .parquet(folder.resolve(part + "-image.parquet").toString());
                table(spark, part, "image", "image.origin", functions.col("image.data"))
                        .write()
                        .parquet(folder.resolve(part + "-bytes.parquet").toString());
            }
        }
    }

    private static org.apache.spark.sql.Column labelOf(String path) {
        return functions.regexp_extract(functions.col(path), "kind-(\\d)/", 1);
    }

    private static List<String> settings(String... more) {
        return Stream.concat(
                        Stream.of(
                                "network.input=[1,28,28]",
                                "network.layers=[{type=dense,units=16,activation=relu},{type=output}]",
                                "train.batch-size=40",
                                "train.shards=4",
                                "train.epochs=2"),
                        Stream.of(more))
                .toList();
    }

    private static List<String> files(String train, String test, String... more) {
        return Stream.concat(
                        settings(
                                "data.format=images",
                                "data.path=" + folder.resolve(train),
                                "data.test-path=" + folder.resolve(test))
                                .stream(),
                        Stream.of(more))
                .toList();
    }

    private static List<String> table(String kind, String... more) {
        return Stream.concat(
                        settings(
                                "data.format=parquet",
                                "data.path=" + folder.resolve("train-" + kind + ".parquet"),
                                "data.test-path=" + folder.resolve("test-" + kind + ".parquet"),
                                "data.columns.id=number")
                                .stream(),
                        Stream.of(more))
                .toList();
    }

    /** Pictures with their labels and numbers, as a source of Spark's reads them. */
    private static org.apache.spark.sql.Dataset<Row> table(
            SparkSession spark, String part, String source, String path, Column picture) {
        return spark.read()
                .format(source)
                .option("recursiveFileLookup", "true")
                .load(folder.resolve(part).toString())
                .select(
                        picture,
                        labelOf(path).as("label"),
                        functions
                                .regexp_extract(functions.col(path), "(\\d*).png", 1)
                                .cast("int")
                                .as("number"));
    }

    private static String hash(String name, List<String> settings, String master) throws IOException {
        JsonNode run = Cli.trained(folder, name, settings, "--master", master);
        return run.path("parameters_sha256").asText() + " "
                + run.path("test_loss").asText();
    }

    private static void refuses(List<String> settings, String... fragments) {
        Cli.refused(folder, 3, settings, fragments);
    }

    @Test
    void filesAndTablesOfPicturesGiveTheBitsOfIdx() throws IOException {
        TreeSet<String> hashes = new TreeSet<>();
        hashes.add(hash("idx", settings("data.train-limit=" + TRAIN, "data.test-limit=" + TEST), "local[2]"));
        hashes.add(hash("files", files("train", "test", "data.columns.id=name"), "local[2]"));
        hashes.add(hash(
                "encoded",
                table("encoded", "data.columns.features=[picture]", "data.images.resize=stretch"),
                "local[1]"));
        hashes.add(hash("image", table("image", "data.columns.features=[image]"), "local[2]"));
        hashes.add(hash("bytes", table("bytes", "data.columns.features=[data]"), "local[1]"));
        assertThat(hashes).hasSize(1);
    }

    @Test
    void withoutIdsTheContentIsTheOrder() throws IOException {
        Path renamed = folder.resolve("renamed");
        List<Path> pictures;
        try (Stream<Path> files = Files.walk(folder.resolve("train"))) {
            pictures = files.filter(Files::isRegularFile).toList();
        }
        for (Path file : pictures) {
            Path to = renamed.resolve("a/b")
                    .resolve(file.getParent().getFileName())
                    .resolve("x " + file.hashCode() + ".PNG");
            Files.createDirectories(to.getParent());
            Files.copy(file, to);
        }
        assertThat(hash("named", files("train", "test"), "local[2]"))
                .isEqualTo(hash("other-names", files("renamed/*", "test"), "local[1]"));
    }

    @Test
    void theModelShowsPicturesAsItLearntThem() throws IOException {
        hash("colours", files("train", "test", "network.input=[3,20,24]", "data.images.resize=stretch"), "local[2]");
        String evaluated = Cli.run(
                        "evaluate",
                        "--master",
                        "local[2]",
                        "--model",
                        folder.resolve("colours").toString())
                .expectDone()
                .out();
        assertThat(evaluated).contains("accuracy");
        Path answers = folder.resolve("answers.jsonl");
        Cli.run(
                        "predict",
                        "--master",
                        "local[2]",
                        "--model",
                        folder.resolve("colours").toString(),
                        "--data",
                        folder.resolve("test").toString(),
                        "--out",
                        answers.toString())
                .expectDone();
        assertThat(Cli.written(answers)).hasSize(TEST).allSatisfy(line -> assertThat(line)
                .matches("\\{\"label\":\"(kind-\\d)\",\"name\":\"\\d{5}\",\"path\":\"file:.*\",\"prediction\":\\d\\.0,"
                        + "\"predictedLabel\":\"kind-\\d\",\"probability\":\\[.*]}"));
    }

    @Test
    void whatIsNoPictureIsRefusedOrLeftOut() throws IOException {
        Path some = folder.resolve("some");
        for (String kind : List.of("kind-0", "kind-1")) {
            Files.createDirectories(some.resolve(kind));
            try (Stream<Path> files = Files.list(folder.resolve("train").resolve(kind))) {
                for (Path file : files.limit(20).toList()) {
                    Files.copy(file, some.resolve(kind).resolve(file.getFileName()));
                }
            }
        }
        Path bad = Files.writeString(some.resolve("kind-0/bad.jpg"), "GIF89a, it says");
        Files.writeString(some.resolve("kind-1/notes.txt"), "no picture, and nobody says so");
        refuses(
                files("some", "some", "network.classes=2", "data.columns.id=name"),
                "a row of file:",
                "kind-0/bad.jpg, column 'image' cannot be read as a picture: it is no PNG or JPEG: found GIF;"
                        + " get it again or take it out (data.on-bad-row = skip leaves such rows out)");
        hash("skipping", files("some", "some", "network.classes=2", "data.on-bad-row=skip"), "local[2]");
        assertThat(Files.readAllLines(folder.resolve("skipping/skipped-rows.txt"))
                        .get(0))
                .isEqualTo("2 rows left out");
        Files.delete(bad);
    }

    @Test
    void whatDoesNotFitIsSaidInALine() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty/cat"));
        Files.writeString(empty.resolve("a.gif"), "GIF89a");
        refuses(
                files("empty", "test"),
                "empty has no pictures: expected LABEL/FILE.png, .jpg or .jpeg, found no such file however deep");
        refuses(files("nowhere", "test"), "nowhere cannot be read: [PATH_NOT_FOUND]");
        refuses(
                files("train", "test", "network.classes=9"),
                "column 'label' holds 10 labels (kind-0, kind-1,",
                "but the network tells 9 classes; set network.classes = 10");
        refuses(
                files("train", "test", "network.input=[784]"),
                "column 'image' holds pictures but the network expects 784; set network.input to"
                        + " [channels, height, width], with 1 channel for grey or 3 for colours");
        refuses(
                table("encoded", "data.columns.features=[picture]"),
                "column 'picture': expected 784 values, found",
                "(data.on-bad-row = skip leaves such rows out)");
    }
}
