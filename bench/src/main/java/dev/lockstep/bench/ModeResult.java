package dev.lockstep.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What was measured of one network in one mode.
 *
 * @param tasks that share a step
 * @param batch examples a step, all tasks together
 * @param exchangeMillis not a number when it is not known
 */
record ModeResult(
        String network,
        String mode,
        String exchange,
        String master,
        int tasks,
        int batch,
        double examplesPerSecond,
        double stepMillis,
        double exchangeMillis) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Writes an array of results; the file is the old one or the new one, never a part. */
    static void write(List<ModeResult> results, Path file) throws IOException {
        ArrayNode array = JSON.createArrayNode();
        for (ModeResult result : results) {
            ObjectNode object = array.addObject();
            object.put("network", result.network);
            object.put("mode", result.mode);
            object.put("exchange", result.exchange);
            object.put("master", result.master);
            object.put("tasks", result.tasks);
            object.put("batch", result.batch);
            object.put("examples_per_second", rounded(result.examplesPerSecond));
            object.put("step_ms", rounded(result.stepMillis));
            object.put("exchange_ms", rounded(result.exchangeMillis));
        }
        Path whole = file.toAbsolutePath();
        Files.createDirectories(whole.getParent());
        Path unfinished = whole.resolveSibling("." + whole.getFileName() + ".unfinished");
        Files.write(unfinished, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(array));
        Files.move(unfinished, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Double rounded(double value) {
        return Double.isNaN(value) ? null : (Double) (Math.round(value * 1000) / 1000.0);
    }
}
