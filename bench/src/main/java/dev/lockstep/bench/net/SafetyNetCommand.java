package dev.lockstep.bench.net;

import dev.lockstep.bench.net.Table.Key;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.spark.KeptSpark;
import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.natives.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lockstep safety-net}: every part's bits beside those of the table, or into it. */
@Command(
        name = "safety-net",
        description = "Short runs of every part, their bits beside those of bench/safety-net.csv.",
        mixinStandardHelpOptions = true)
public final class SafetyNetCommand implements LockstepCommand.Extra {
    @Option(names = "--table", paramLabel = "FILE", required = true, description = "bench/safety-net.csv.")
    private Path table;

    @Option(names = "--record", description = "Write what the table lacks into it; what it has is never changed.")
    private boolean record;

    @Option(names = "--only", paramLabel = "REGEX", description = "The cases whose names hold a match.")
    private Pattern only = Pattern.compile("");

    @Option(
            names = "--master",
            split = ";",
            paramLabel = "URL",
            description = "Spark's masters, each case on every one (default: ${DEFAULT-VALUE}).",
            defaultValue = "local[2]")
    private List<String> masters;

    @Option(
            names = "--exchange",
            split = ",",
            paramLabel = "NAME",
            description = "Instead of each case's own exchange.")
    private List<String> exchanges = java.util.Arrays.asList((String) null);

    private int equal;
    private int differ;
    private int added;
    private int failed;

    @Override
    public Integer call() throws IOException {
        Natives.ready(); // loads what is then asked for
        String processor = FastLayers.kernels();
        Table known = Table.read(table);
        SafetyNet net = new SafetyNet(Files.createTempDirectory("safety-net"));
        try (KeptSpark spark = new KeptSpark()) {
            for (String master : masters) { // outside, so that an application serves all cases
                for (Case each : net.cases()) {
                    for (String exchange : only.matcher(each.name()).find() ? exchanges : List.<String>of()) {
                        compare(net, each, new Case.Shape(master, exchange), known, spark);
                    }
                }
            }
        }
        if (record) {
            known.write(table);
        }
        System.out.printf(
                "%s: %d runs equal, %d differ, %d %s, %d cases failed%n",
                processor, equal, differ, added, record ? "recorded" : "not in the table", failed);
        if (differ > 0 || failed > 0 || !record && added > 0) {
            throw new IllegalStateException("not all bits are those of " + table);
        }
        return 0;
    }

    private void compare(SafetyNet net, Case each, Case.Shape shape, Table known, KeptSpark spark) {
        Map<String, Bits> bits;
        long began = System.nanoTime();
        try {
            bits = net.run(each, shape);
        } catch (IOException | RuntimeException e) { // the command has said why, in a line above
            failed++;
            System.out.printf("%s on %s: failed: %s%n", each.name(), shape.master(), ExitCode.message(e));
            spark.stop(); // what it left there would be the next one's
            return;
        }
        bits.forEach((name, found) -> {
            Key key = new Key(name, FastLayers.kernels());
            Bits before = known.rows().putIfAbsent(key, found);
            if (before == null) {
                added++;
            } else if (before.equals(found)) {
                equal++;
            } else {
                differ++;
                System.out.printf("%s on %s: %s, expected %s%n", name, shape.master(), found, before);
            }
        });
        System.out.printf(
                Locale.ROOT,
                "%s on %s: %d runs, %.1f s%n",
                each.name(),
                shape.master(),
                bits.size(),
                (System.nanoTime() - began) / 1e9);
    }
}
