package dev.lockstep.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;

/** {@code run.json}, or another file of its form: what a run is and how it went; rewritten whole at each change. */
public final class RunRecord {
    public static final String FILE = "run.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** How a run stands. */
    public enum Status {
        RUNNING,
        FINISHED,
        FAILED,
        DIVERGED,
        INTERRUPTED
    }

    private final RunFolder folder;
    private final String file;
    private final ObjectNode fields = JSON.createObjectNode();

    public RunRecord(RunFolder folder) {
        this(folder, FILE);
    }

    public RunRecord(RunFolder folder, String file) {
        this.folder = folder;
        this.file = file;
    }

    /** Sets a field; a null value is written as null, a number or a truth value as itself, all else as text. */
    public RunRecord put(String name, Object value) {
        fields.putPOJO(name, value);
        return this;
    }

    public void write(Status status, Integer exitCode) throws IOException {
        ObjectNode all = JSON.createObjectNode();
        all.put("status", status.name().toLowerCase(Locale.ROOT));
        all.put("exit_code", exitCode);
        all.setAll(fields);
        folder.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(all) + "\n");
    }

    /** @return null when the folder has none */
    public static JsonNode read(RunFolder folder) throws IOException {
        return read(folder, FILE);
    }

    /** @return null when the folder has none */
    public static JsonNode read(RunFolder folder, String file) throws IOException {
        byte[] bytes = folder.read(file);
        return bytes == null ? null : StoredJson.object(bytes);
    }
}
