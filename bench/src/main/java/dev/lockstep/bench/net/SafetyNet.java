package dev.lockstep.bench.net;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.NetworkSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Runs the cases, in this JVM, and reads the bits that they leave behind. */
final class SafetyNet {
    private static final int CIFAR10_RECORD = 1 + 3 * 32 * 32;

    private final Path folder;
    private final List<Case> cases;
    private int runs;

    /** @param folder takes everything, made-up data included */
    SafetyNet(Path folder) throws IOException {
        this.folder = folder;
        Path cifar10 = Files.createDirectories(folder.resolve("cifar-10"));
        Random random = new Random(1);
        for (String file :
                List.of("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")) {
            byte[] records = new byte[100 * CIFAR10_RECORD];
            random.nextBytes(records);
            for (int i = 0; i < records.length; i += CIFAR10_RECORD) {
                records[i] = (byte) (Byte.toUnsignedInt(records[i]) % 10);
            }
            Files.write(cifar10.resolve(file + ".bin"), records);
        }
        this.cases = Cases.all(cifar10, teacher(folder.resolve("teacher.zip")), labels(folder.resolve("labels.csv")));
    }

    /** Rows of two labels, which hold of the same ones or not. */
    private static Path labels(Path file) throws IOException {
        Random random = new Random(2);
        StringBuilder rows = new StringBuilder("row,a,b,left,right\n");
        for (int row = 0; row < 240; row++) {
            float a = random.nextFloat();
            float b = random.nextFloat();
            rows.append(row + "," + a + "," + b + "," + (a > b ? 1 : 0) + "," + (a + b > 1 ? 1 : 0) + "\n");
        }
        return Files.writeString(file, rows);
    }

    /** A network that learnt nothing: what it says is by chance, and always the same. */
    private static Path teacher(Path file) throws IOException {
        NetworkSpec network = RunConfigParser.parse(ConfigFactory.parseString(
                        "network.layers = [{ type = dense, units = 24, activation = tanh }, { type = output }]"))
                .network();
        float[] parameters = Networks.initialParameters(network, 1);
        try (OutputStream out = Files.newOutputStream(file)) {
            ModelFile.write(network, new TrainingState(0, parameters, new float[0]), out);
        }
        return file;
    }

    List<Case> cases() {
        return cases;
    }

    /**
     * @return the bits of each run that the case leaves behind: under its own name, or of several by their places
     * @throws IOException when a command fails
     */
    Map<String, Bits> run(Case net, Case.Shape shape) throws IOException {
        Path out = folder.resolve("run-" + runs++);
        for (List<String> command : net.with(shape).commands()) {
            List<String> words = new ArrayList<>(command);
            words.addAll(List.of("--quiet", "--out", out.toString()));
            int code = quietly(words);
            if (code != 0) {
                throw new IOException(
                        net.name() + " ended with exit code " + code + ": lockstep " + String.join(" ", words));
            }
        }
        Map<String, Bits> bits = new TreeMap<>();
        try (Stream<Path> files = Files.walk(out)) {
            for (Path record : files.filter(file -> file.endsWith("run.json")).toList()) {
                Path run = record.getParent();
                String place = out.relativize(run).toString().replace("trials/", "");
                bits.put(place.isEmpty() ? net.name() : net.name() + "/" + place, Bits.of(run));
            }
        }
        delete(out);
        return bits;
    }

    private static int quietly(List<String> words) {
        PrintStream out = System.out;
        try (PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            System.setOut(nowhere);
            return LockstepCommand.run(words.toArray(String[]::new));
        } finally {
            System.setOut(out);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(file);
            }
        }
    }
}
