package dev.lockstep.jobs.damage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.checkpoint.CheckpointStore;
import dev.lockstep.driver.checkpoint.Fingerprint;
import dev.lockstep.driver.config.DataFormat;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.driver.config.SweepParser;
import dev.lockstep.driver.ensemble.EnsembleFile;
import dev.lockstep.driver.report.CompareReport;
import dev.lockstep.driver.report.ComparedRun;
import dev.lockstep.driver.report.RunReport;
import dev.lockstep.driver.report.SweepReport;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.ExampleWeights;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.jobs.course.CourseReport;
import dev.lockstep.jobs.course.ExerciseReport;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.picture.PictureReader;
import dev.lockstep.worker.plan.Sampling;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files as a bad disk or a stranger leaves them: each is either read, or refused in one line with the exit code of its kind,
 * whatever is in it. {@code -Dlockstep.mutations=N} tries N of each kind; a failure names the number of its case.
 */
class DamagedFilesTest {
    private static final int CASES = Integer.getInteger("lockstep.mutations", 680);
    private static final long FIRST = Long.getLong("lockstep.mutations.first", 0);
    /** Files here have a few KB; whoever believes a number in one takes far more. */
    private static final long MOST_MEMORY = 128L << 20;

    private static final int LONGEST_LINE = 1500;
    /** Of a configuration so many problems are told, one a line. */
    private static final int MOST_PROBLEMS = 22;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private static Path temporary;

    private final Configuration hadoop = new Configuration(false);
    private Path place;

    /** What is read by whom. */
    enum Kind {
        RUN_JSON(Set.of(3, 5), Mutation::json),
        METRICS(Set.of(3, 5), Mutation::json),
        EVALUATION(Set.of(3), Mutation::json),
        HISTOGRAMS(Set.of(3), Mutation::json),
        PICTURES(Set.of(3), Mutation::json),
        SWEEP_JSON(Set.of(3), Mutation::json),
        TRIALS(Set.of(3), Mutation::json),
        TRIAL_METRICS(Set.of(3), Mutation::json),
        COURSE(Set.of(3), Mutation::json),
        COURSE_TRIAL(Set.of(3), Mutation::json),
        COMPARISON(Set.of(3), Mutation::json),
        ENSEMBLE(Set.of(5), Mutation::json),
        MODEL(Set.of(5), Mutation::binary),
        MODEL_CONFIGURATION(Set.of(5), Mutation::json),
        MODEL_COEFFICIENTS(Set.of(5), Mutation::binary),
        MODEL_OURS(Set.of(5), Mutation::json),
        STORED_CONFIGURATION(Set.of(2, 5), Mutation::text),
        USERS_CONFIGURATION(Set.of(2), Mutation::text),
        SWEEP_CONFIGURATION(Set.of(2, 5), Mutation::text),
        IDX_IMAGES(Set.of(3), Mutation::binary),
        IDX_LABELS(Set.of(3), Mutation::binary),
        IDX_GZIP(Set.of(3), Mutation::binary),
        CIFAR(Set.of(3), Mutation::binary),
        CIFAR_GZIP(Set.of(3), Mutation::binary),
        WEIGHTS(Set.of(3), Mutation::text),
        PNG(Set.of(3), Mutation::binary),
        PNG_SEALED_AGAIN(Set.of(3), Mutation::png),
        PNG_INTERLACED(Set.of(3), Mutation::png),
        JPEG(Set.of(3), Mutation::binary),
        JPEG_OF_SCANS(Set.of(3), Mutation::binary),
        JPEG_PROGRESSIVE(Set.of(3), Mutation::binary),
        STATE_JSON(Set.of(5), Mutation::json),
        STATE_ARRAY(Set.of(5), Mutation::binary);

        private final Set<Integer> codes;
        private final Damage damage;

        Kind(Set<Integer> codes, Damage damage) {
            this.codes = codes;
            this.damage = damage;
        }
    }

    private interface Damage extends BiFunction<Mutation, byte[], byte[]> {}

    /** Reads a damaged file the way the commands do. */
    private interface Reading {
        void of(byte[] damaged) throws IOException;
    }

    private record Subject(byte[] whole, Reading reading) {}

    @BeforeEach
    void emptyFolder() throws IOException {
        place = Files.createTempDirectory(temporary, "kind");
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void isReadOrRefusedInOneLine(Kind kind) throws IOException {
        Subject subject = subject(kind);
        subject.reading().of(subject.whole());
        int refused = 0;
        for (long i = FIRST; i < FIRST + CASES; i++) {
            byte[] damaged = kind.damage.apply(new Mutation(i), subject.whole());
            refused += refused(kind, i, subject, damaged) ? 1 : 0;
        }
        assertThat(refused).as("refused of %d", CASES).isBetween(CASES / 10, CASES);
    }

    private static boolean refused(Kind kind, long number, Subject subject, byte[] damaged) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Throwable thrown = null;
        try {
            subject.reading().of(damaged);
        } catch (IOException | RuntimeException | Error e) {
            thrown = e;
        }
        String name = kind + ", case " + number;
        long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(taken)
                .as("%s: bytes taken for %d read", name, damaged.length)
                .isLessThan(MOST_MEMORY);
        if (thrown != null) {
            int code = ExitCode.of(thrown);
            String message = ExitCode.message(thrown);
            boolean readable = message.lines().allMatch(line -> line.length() < LONGEST_LINE)
                    && message.lines().count() <= (code == ExitCode.USAGE ? MOST_PROBLEMS : 1);
            if (!kind.codes.contains(code) || !readable) {
                throw new AssertionError(name + ": exit code " + code + ", " + message, thrown);
            }
        }
        return thrown != null;
    }

    private Subject subject(Kind kind) throws IOException {
        return switch (kind) {
            case RUN_JSON -> report(RunFolder.at(place.toString(), hadoop), "run.json", WholeFiles.RUN);
            case METRICS -> {
                write("run.json", WholeFiles.RUN.getBytes(StandardCharsets.UTF_8));
                yield report(RunFolder.at(place.toString(), hadoop), "metrics.jsonl", WholeFiles.METRICS);
            }
            case EVALUATION -> {
                write("run.json", WholeFiles.RUN.getBytes(StandardCharsets.UTF_8));
                yield report(RunFolder.at(place.toString(), hadoop), "evaluation.json", WholeFiles.EVALUATION);
            }
            case HISTOGRAMS -> {
                write("run.json", WholeFiles.RUN.getBytes(StandardCharsets.UTF_8));
                yield report(RunFolder.at(place.toString(), hadoop), "histograms.jsonl", WholeFiles.HISTOGRAMS);
            }
            case PICTURES -> {
                write("run.json", WholeFiles.RUN.getBytes(StandardCharsets.UTF_8));
                yield report(RunFolder.at(place.toString(), hadoop), "pictures.json", WholeFiles.PICTURES);
            }
            case SWEEP_JSON -> sweep("sweep.json", WholeFiles.SWEEP);
            case TRIALS -> sweep("trials.jsonl", WholeFiles.TRIALS);
            case TRIAL_METRICS -> sweep("trials/001/metrics.jsonl", WholeFiles.METRICS);
            case COURSE -> course("course.json", WholeFiles.COURSE);
            case COURSE_TRIAL -> course("trials/one/run.json", WholeFiles.RUN);
            case COMPARISON -> comparison();
            case ENSEMBLE -> ensemble();
            case MODEL -> new Subject(model(), bytes -> model(bytes));
            case MODEL_CONFIGURATION -> entry("configuration.json");
            case MODEL_COEFFICIENTS -> entry("coefficients.bin");
            case MODEL_OURS -> entry("lockstep.json");
            case STORED_CONFIGURATION ->
                configuration(text -> {
                    Config config = Hocon.stored(text, "run/config.resolved.conf");
                    RunConfigParser.parse(config.withoutPath("sweep"), Substitutions.NONE);
                });
            case USERS_CONFIGURATION ->
                configuration(text -> {
                    File file = write("my.conf", text.getBytes(StandardCharsets.UTF_8))
                            .toFile();
                    RunConfigParser.parse(
                            Hocon.file(file).withoutPath("sweep"),
                            Substitutions.of(Map.of("PATH", "/x", "MY_TOKEN", "y"), Pattern.compile("TOKEN")));
                });
            case SWEEP_CONFIGURATION ->
                configuration(text -> {
                    Config config = Hocon.stored(text, "sweep/sweep.conf");
                    SweepParser.parse(config, Substitutions.NONE);
                });
            case IDX_IMAGES -> idx("t10k-images-idx3-ubyte", WholeFiles.images(60, 4, 4), false);
            case IDX_LABELS -> idx("train-labels-idx1-ubyte", WholeFiles.labels(60), false);
            case IDX_GZIP -> idx("train-images-idx3-ubyte", WholeFiles.images(60, 4, 4), true);
            case CIFAR -> cifar(false);
            case CIFAR_GZIP -> cifar(true);
            case WEIGHTS ->
                new Subject(
                        "1\n0.5\n2e-3\n0\n7\n".getBytes(StandardCharsets.UTF_8),
                        bytes -> ExampleWeights.read(write("weights.txt", bytes).toString(), 5, hadoop));
            case PNG -> picture("rgb-8.png");
            case PNG_SEALED_AGAIN -> picture("palette-4-stored.png");
            case PNG_INTERLACED -> picture("grey-4-key.png");
            case JPEG -> picture("restarts.jpg");
            case JPEG_OF_SCANS -> picture("separate.jpg");
            case JPEG_PROGRESSIVE -> picture("progressive.jpg");
            case STATE_JSON -> checkpoint("state.json");
            case STATE_ARRAY -> checkpoint("parameters.f32");
        };
    }

    private Path write(String name, byte[] content) throws IOException {
        Path file = place.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    private Subject report(RunFolder folder, String file, String whole) {
        return new Subject(whole.getBytes(StandardCharsets.UTF_8), bytes -> {
            write(file, bytes);
            RunReport.write(folder);
        });
    }

    private Subject sweep(String file, String whole) throws IOException {
        write("sweep.json", WholeFiles.SWEEP.getBytes(StandardCharsets.UTF_8));
        write("trials.jsonl", WholeFiles.TRIALS.getBytes(StandardCharsets.UTF_8));
        write("trials/001/metrics.jsonl", WholeFiles.METRICS.getBytes(StandardCharsets.UTF_8));
        RunFolder folder = RunFolder.at(place.toString(), hadoop);
        return new Subject(whole.getBytes(StandardCharsets.UTF_8), bytes -> {
            write(file, bytes);
            SweepReport.write(folder);
        });
    }

    private Subject course(String file, String whole) throws IOException {
        String exercise = "2_4_optimizer/";
        write(exercise + "course.json", WholeFiles.COURSE.getBytes(StandardCharsets.UTF_8));
        write(exercise + "trials/one/run.json", WholeFiles.RUN.getBytes(StandardCharsets.UTF_8));
        write(exercise + "trials/one/metrics.jsonl", WholeFiles.METRICS.getBytes(StandardCharsets.UTF_8));
        RunFolder folder = RunFolder.at(place.toString(), hadoop);
        return new Subject(whole.getBytes(StandardCharsets.UTF_8), bytes -> {
            write(exercise + file, bytes);
            ExerciseReport.write(folder.folder(exercise.substring(0, exercise.length() - 1)));
            CourseReport.write(folder);
        });
    }

    private Subject comparison() throws IOException {
        write("a/run.json", WholeFiles.RUN.getBytes(StandardCharsets.UTF_8));
        RunFolder folder = RunFolder.at(place.toString(), hadoop);
        new CompareReport(ComparedRun.in(folder.folder("a"))).write(folder);
        return new Subject(Files.readAllBytes(place.resolve("compare.json")), bytes -> {
            write("compare.json", bytes);
            CompareReport.read(folder, hadoop).write(folder);
        });
    }

    private Subject ensemble() throws IOException {
        write("a/model.zip", model());
        write("b/model.zip", model());
        RunFolder folder = RunFolder.at(place.toString(), hadoop);
        return new Subject(WholeFiles.ENSEMBLE.getBytes(StandardCharsets.UTF_8), bytes -> {
            write("ensemble.json", bytes);
            EnsembleFile.open(folder);
        });
    }

    private static RunConfig network() {
        return RunConfigParser.parse(
                ConfigFactory.parseString(WholeFiles.CONFIGURATION).withoutPath("sweep"));
    }

    private static byte[] model() throws IOException {
        RunConfig config = network();
        float[] parameters = Networks.initialParameters(config.network(), 1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ModelFile.write(config.network(), new TrainingState(1, parameters, new float[2 * parameters.length]), out);
        return out.toByteArray();
    }

    private static void model(byte[] zip) throws IOException {
        ModelFile.read("m.zip", () -> new ByteArrayInputStream(zip));
    }

    private static Subject entry(String name) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(model()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        }
        return new Subject(entries.get(name), bytes -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(out)) {
                for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    zip.write(entry.getKey().equals(name) ? bytes : entry.getValue());
                }
            }
            model(out.toByteArray());
        });
    }

    private interface Parsing {
        void of(String text) throws IOException;
    }

    private static Subject configuration(Parsing parsing) {
        return new Subject(
                WholeFiles.CONFIGURATION.getBytes(StandardCharsets.UTF_8),
                bytes -> parsing.of(new String(bytes, StandardCharsets.UTF_8)));
    }

    private Subject idx(String file, byte[] whole, boolean gzip) throws IOException {
        write("train-images-idx3-ubyte", WholeFiles.images(60, 4, 4));
        write("train-labels-idx1-ubyte", WholeFiles.labels(60));
        write("t10k-images-idx3-ubyte", WholeFiles.images(60, 4, 4));
        write("t10k-labels-idx1-ubyte", WholeFiles.labels(60));
        return new Subject(gzip ? WholeFiles.gzip(whole) : whole, bytes -> {
            write(file, bytes);
            open(DataFormat.IDX, Shape.vector(16));
        });
    }

    private Subject cifar(boolean gzip) throws IOException {
        byte[] whole = new byte[2 * 3073];
        for (int i = 1; i <= 5; i++) {
            write("data_batch_" + i + ".bin", whole);
        }
        return new Subject(gzip ? WholeFiles.gzip(whole) : whole, bytes -> {
            write("test_batch.bin", bytes);
            open(DataFormat.CIFAR10, new Shape(3, 32, 32));
        });
    }

    private void open(DataFormat format, Shape shape) {
        Dataset dataset = Dataset.open(
                new RunConfig.Data(place.toString(), format, 0, 0, 0, Sampling.EPOCH, null),
                shape,
                new Target(Target.Kind.CLASS, 3),
                hadoop);
        dataset.train().first(dataset.train().size());
        dataset.test().first(dataset.test().size());
    }

    private static Subject picture(String file) throws IOException {
        PictureReader reader = new PictureReader(new Shape(3, 8, 6), PictureReader.Fit.CROP);
        return new Subject(
                Files.readAllBytes(Path.of("../worker-lib/src/test/resources/pictures", file)),
                bytes -> reader.decode(file, bytes));
    }

    private Subject checkpoint(String file) throws IOException {
        RunFolder folder = RunFolder.at(place.toString(), hadoop);
        CheckpointStore store =
                new CheckpointStore(folder.files(), folder.path("checkpoints"), Fingerprint.of(Map.of("seed", "1")));
        store.write(new TrainingState(7, new float[] {1, 2, 3}, new float[6]), Map.of("run_id", "a"));
        byte[] whole = Files.readAllBytes(place.resolve("checkpoints/step-00000007/" + file));
        if (file.equals("state.json")) { // of the format that has no check sum: what is in it is read, then
            ObjectNode meta = ((ObjectNode) new ObjectMapper().readTree(whole)).put("format", 1);
            meta.remove("sha256");
            whole = meta.toString().getBytes(StandardCharsets.UTF_8);
        }
        return new Subject(whole, bytes -> {
            write("checkpoints/step-00000007/" + file, bytes);
            store.newest(state -> null, warning -> {});
        });
    }
}
