package dev.lockstep.bench.net;

import dev.lockstep.bench.net.Table.Key;
import dev.lockstep.jobs.cli.LockstepCommand;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.natives.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @Override
    public Integer call() throws IOException {
        Natives.ready(); // loads what is then asked for
        String processor = FastLayers.kernels();
        Table known = Table.read(table);
        Path folder = Files.createTempDirectory("safety-net");
        SafetyNet net = new SafetyNet(folder);
        int differ = 0;
        int equal = 0;
        int added = 0;
        for (Case each : net.cases()) {
            if (!only.matcher(each.name()).find()) {
                continue;
            }
            for (String master : masters) {
                for (String exchange : exchanges) {
                    for (Map.Entry<String, Bits> found :
                            net.run(each, new Case.Shape(master, exchange)).entrySet()) {
                        Key key = new Key(found.getKey(), processor);
                        Bits before = known.rows().get(key);
                        if (before == null) {
                            known.rows().put(key, found.getValue());
                            added++;
                        } else if (before.equals(found.getValue())) {
                            equal++;
                        } else {
                            differ++;
                            System.out.printf(
                                    "%s on %s: %s, expected %s%n", key.name(), master, found.getValue(), before);
                        }
                    }
                }
            }
        }
        if (record) {
            known.write(table);
        }
        System.out.printf(
                "%s: %d runs equal, %d differ, %d %s%n",
                processor, equal, differ, added, record ? "recorded" : "not in the table");
        if (differ > 0 || !record && added > 0) {
            throw new IllegalStateException("not all bits are those of " + table);
        }
        return 0;
    }
}
