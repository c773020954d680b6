package dev.lockstep.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DL4J alone, without our jar, restores every model.zip and sees in it what we see. */
class StockRestoreIT {
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int IMAGES = 40;
    private static final double TOLERANCE = 1e-5;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;

    private static Installation lockstep;
    private static Path images;

    @BeforeAll
    static void prepare() throws IOException {
        lockstep = new Installation(folder);
        Experiment.writeTo(folder);
        images = folder.resolve("images-idx3-ubyte");
        Files.write(images, firstTestImages());
        String itself = StockPredictions.class.getSimpleName() + ".class";
        Path copy =
                folder.resolve("stock").resolve(StockPredictions.class.getName().replace('.', '/') + ".class");
        Files.createDirectories(copy.getParent());
        try (InputStream compiled = StockPredictions.class.getResourceAsStream(itself)) {
            Files.copy(compiled, copy);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sgd, Sgd, true",
        "momentum, Nesterovs, false",
        "adagrad, AdaGrad, true",
        "rmsprop, RmsProp, true",
        "adam, Adam, true"
    })
    void restoresParametersOptimizerAndAnswers(String optimizer, String stock, boolean exact) throws IOException {
        Run run = train(optimizer);
        assertThat(run.record().path("model_optimizer").asText()).isEqualTo(stock);
        assertThat(run.record().path("model_optimizer_exact").asBoolean()).isEqualTo(exact);

        List<String> restored = restoreWithoutUs(run);
        assertThat(restored.subList(0, 3))
                .containsExactly(
                        stock,
                        run.record().path("parameters_sha256").asText(),
                        run.record().path("optimizer_sha256").asText());
        List<String> rows = restored.subList(3, restored.size());
        List<String> ours = predict(run);
        assertThat(rows).hasSize(IMAGES);
        assertThat(ours).hasSize(IMAGES);
        for (int i = 0; i < IMAGES; i++) {
            double[] theirs = numbers(rows.get(i).replaceAll("[\\[\\] ]", "").split(",", -1));
            String[] fields = ours.get(i).split(",", -1);
            assertThat(fields[0]).isEqualTo(Integer.toString(i));
            assertThat(numbers(Arrays.copyOfRange(fields, 2, fields.length)))
                    .as("image %d", i)
                    .containsExactly(theirs, within(TOLERANCE));
        }
    }

    private static Run train(String optimizer) {
        Run run = new Run(folder.resolve(optimizer));
        try (ChildProcess process = lockstep.start(
                optimizer + "-train",
                "train",
                "--quiet",
                "--master=local[2]",
                "--conf",
                folder.resolve("small.conf").toString(),
                "--out",
                run.folder().toString(),
                "optimizer.name=" + optimizer,
                "data.test-limit=" + IMAGES,
                "train.iterations=5")) {
            process.expectExit(0, DEADLINE);
            assertThat(process.stdout() + process.stderr()).isEmpty();
        }
        return run;
    }

    private static List<String> restoreWithoutUs(Run run) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(
                java,
                Installation.QUICK_JIT,
                "-cp",
                folder.resolve("stock") + File.pathSeparator + classPathWithoutUs(),
                StockPredictions.class.getName(),
                run.folder().resolve("model.zip").toString(),
                images.toString());
        try (ChildProcess process =
                new ChildProcess(run.folder().getFileName() + "-restore", folder, command, Map.of())) {
            process.expectExit(0, DEADLINE);
            return process.stdout().lines().toList();
        }
    }

    /** The rows of predict's table, without its header. */
    private static List<String> predict(Run run) throws IOException {
        Path table = run.folder().resolve("predictions.csv");
        try (ChildProcess process = lockstep.start(
                run.folder().getFileName() + "-predict",
                "predict",
                "--master=local[1]",
                "--model",
                run.folder().toString(),
                "--out",
                table.toString())) {
            process.expectExit(0, DEADLINE);
        }
        List<String> lines = Files.readAllLines(table);
        assertThat(lines.get(0)).startsWith("index,predicted,p0,");
        return lines.subList(1, lines.size());
    }

    private static String classPathWithoutUs() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !holdsOurs(new File(entry)))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean holdsOurs(File entry) {
        if (!entry.isFile()) {
            return true; // a module's classes, from a build that made no jar
        }
        try (JarFile jar = new JarFile(entry)) {
            return jar.stream().anyMatch(file -> file.getName().startsWith("dev/lockstep/"));
        } catch (IOException e) {
            throw new IllegalStateException(entry + " on the class path cannot be read", e);
        }
    }

    /** The bundled test images, read without our code: an IDX file with the first of them. */
    private static byte[] firstTestImages() throws IOException {
        try (InputStream stored =
                        StockRestoreIT.class.getResourceAsStream("/data/fashion-mnist-12k/t10k-images-idx3-ubyte.gz");
                DataInputStream in =
                        new DataInputStream(new ByteArrayInputStream(new GZIPInputStream(stored).readAllBytes()))) {
            int magic = in.readInt();
            in.readInt();
            int height = in.readInt();
            int width = in.readInt();
            byte[] pixels = in.readNBytes(IMAGES * height * width);
            return ByteBuffer.allocate(16 + pixels.length)
                    .putInt(magic)
                    .putInt(IMAGES)
                    .putInt(height)
                    .putInt(width)
                    .put(pixels)
                    .array();
        }
    }

    private static double[] numbers(String[] words) {
        return Arrays.stream(words).mapToDouble(Double::parseDouble).toArray();
    }
}
