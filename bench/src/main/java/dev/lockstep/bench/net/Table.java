package dev.lockstep.bench.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code bench/safety-net.csv}: the bits of each run, by name and kind of processor.
 *
 * @param rows by {@link Key}, in the file's order
 */
record Table(Map<Key, Bits> rows) {
    private static final String HEADER = "name,processor,parameters_sha256,optimizer_sha256,metrics_sha256";

    /** @param processor what computes: other kinds give other bits */
    record Key(String name, String processor) {}

    /** @return an empty one when there is no file */
    static Table read(Path file) throws IOException {
        Map<Key, Bits> rows = new LinkedHashMap<>();
        if (Files.exists(file)) {
            List<String> lines = Files.readAllLines(file);
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.split(",", -1);
                rows.put(new Key(cells[0], cells[1]), new Bits(cells[2], cells[3], cells[4]));
            }
        }
        return new Table(rows);
    }

    Optional<Bits> find(String name, String processor) {
        return Optional.ofNullable(rows.get(new Key(name, processor)));
    }

    boolean knows(String processor) {
        return rows.keySet().stream().anyMatch(key -> key.processor().equals(processor));
    }

    void write(Path file) throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        rows.forEach((key, bits) -> text.append(
                String.join(",", key.name(), key.processor(), bits.parameters(), bits.optimizer(), bits.metrics())
                        + "\n"));
        Files.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
