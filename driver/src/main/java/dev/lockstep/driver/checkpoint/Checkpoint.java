package dev.lockstep.driver.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.state.Experience;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.Provenance;
import dev.lockstep.driver.state.Provenance.Fault;
import dev.lockstep.driver.state.Provenance.Stretch;
import dev.lockstep.driver.state.Standing;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.reduce.FloatArray;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * One checkpoint: a folder with metadata in JSON and arrays of plain little-endian float32, all with their SHA-256.
 * Reading one runs no code of its writer.
 */
record Checkpoint(FileSystem files, Path folder) {
    /** 2 since state.json has a check sum; 1, which has none, is still read. */
    private static final int FORMAT = 2;

    private static final String SUM = "sha256";
    private static final int LARGEST_METADATA = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** It is not whole; the message says what of it. */
    static final class Damaged extends Exception {
        private static final long serialVersionUID = 1L;

        Damaged(String message) {
            super(message);
        }
    }

    /** How many steps were done, as its folder's name says. */
    long step() {
        return Long.parseLong(folder.getName().substring("step-".length()));
    }

    /** What identifies the run. */
    Map<String, String> run() throws Damaged {
        return strings(metadata().path("run"));
    }

    /**
     * Looks at what it is of, and not at its arrays.
     *
     * @throws ModelException when it is of another run; the message names the first differing key
     */
    void refuseOther(Fingerprint expected) throws Damaged {
        JsonNode written = metadata().path("fingerprint");
        if (written.isObject()) {
            check(expected, written);
        }
    }

    /**
     * Writes it into its folder, file by file.
     *
     * @param run what identifies the run, for {@link #run} to tell
     */
    void write(TrainingState state, Map<String, String> run, Fingerprint fingerprint) throws IOException {
        ObjectNode meta = JSON.createObjectNode();
        meta.put("format", FORMAT);
        meta.put("step", state.step());
        writeArrays(state, meta, "");
        Memory memory = state.memory();
        put(meta, "early_stopping", memory.stopping());
        if (memory.best() != null) {
            meta.put("best_step", memory.best().step());
            writeArrays(memory.best(), meta, "best_");
        }
        put(meta, "plateau", memory.plateau());
        meta.put("learning_rate_cuts", memory.cuts());
        Experience experience = memory.experience();
        if (experience != null) {
            meta.put("iterations", experience.iterations());
            meta.put("episodes", experience.episodes());
            meta.put("environment_steps", experience.steps());
            write("transitions", experience.transitions(), meta);
        }
        Provenance provenance = state.provenance();
        meta.put("arithmetic", provenance.arithmetic());
        ArrayNode before = meta.putArray("arithmetic_before");
        for (Stretch stretch : provenance.before()) {
            before.addObject().put("arithmetic", stretch.arithmetic()).put("to_step", stretch.toStep());
        }
        if (!provenance.faults().isEmpty()) {
            meta.set("audit_faults", JSON.valueToTree(provenance.faults()));
        }
        meta.set("run", JSON.valueToTree(run));
        meta.set("fingerprint", JSON.valueToTree(fingerprint.values()));
        meta.put(SUM, sum(meta));
        byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(meta);
        write(new Path(folder, "state.json"), out -> out.write(json));
    }

    /**
     * The state.
     *
     * @param expected fingerprint of the run that reads it
     * @throws ModelException when it is of another run; the message names the first differing key
     */
    TrainingState read(Fingerprint expected) throws Damaged {
        JsonNode meta = metadata();
        long step = step();
        if (!meta.path("step").asText().equals(Long.toString(step))
                || !meta.path("fingerprint").isObject()) {
            throw new Damaged("state.json says step "
                    + Excerpt.of(meta.path("step").asText("nothing")) + ", expected " + step + " and a fingerprint");
        }
        check(expected, meta.get("fingerprint"));
        TrainingState best =
                meta.has("best_step") ? arrays(meta, meta.path("best_step").asLong(), "best_") : null;
        return arrays(meta, step, "")
                .with(new Memory(
                        standing(meta, "early_stopping"),
                        best,
                        standing(meta, "plateau"),
                        meta.path("learning_rate_cuts").asInt(),
                        meta.has("iterations") ? experience(meta) : null))
                .with(provenance(meta));
    }

    private Experience experience(JsonNode meta) throws Damaged {
        return new Experience(
                meta.path("iterations").asLong(),
                meta.path("episodes").asLong(),
                meta.path("environment_steps").asLong(),
                array(meta, "transitions"));
    }

    private static Provenance provenance(JsonNode meta) {
        List<Stretch> before = new ArrayList<>();
        for (JsonNode stretch : meta.path("arithmetic_before")) {
            before.add(new Stretch(
                    stretch.path("arithmetic").asText(), stretch.path("to_step").asLong()));
        }
        List<Fault> faults = new ArrayList<>();
        for (JsonNode fault : meta.path("audit_faults")) {
            faults.add(new Fault(
                    fault.path("step").asLong(),
                    fault.path("shard").asInt(),
                    fault.path("executor").textValue(),
                    fault.path("host").textValue()));
        }
        return new Provenance(meta.path("arithmetic").textValue(), before, faults);
    }

    private TrainingState arrays(JsonNode meta, long step, String prefix) throws Damaged {
        return new TrainingState(step, array(meta, prefix + "parameters"), array(meta, prefix + "optimizer"));
    }

    /** @return null when nothing was written */
    private static Standing standing(JsonNode meta, String name) {
        JsonNode said = meta.path(name);
        return said.isObject()
                ? new Standing(said.path("best").asDouble(), said.path("waited").asInt())
                : null;
    }

    private JsonNode metadata() throws Damaged {
        Path file = new Path(folder, "state.json");
        JsonNode meta;
        try {
            meta = JSON.readTree(read(file, 2, LARGEST_METADATA, InputStream::readAllBytes));
        } catch (IOException e) {
            throw new Damaged("state.json is not JSON");
        }
        int format = meta.path("format").asInt();
        if (format < 1 || format > FORMAT) {
            throw new Damaged("state.json says format "
                    + Excerpt.of(meta.path("format").asText("nothing")) + ", expected 1 to " + FORMAT);
        }
        if (format > 1 && !meta.path(SUM).asText().equals(sum(meta))) {
            throw new Damaged("state.json does not have the SHA-256 that was written");
        }
        return meta;
    }

    /** SHA-256 of all else, as it is written without spaces. */
    private static String sum(JsonNode meta) {
        ObjectNode rest = ((ObjectNode) meta).deepCopy().without(SUM);
        return TrainingState.sha256(rest.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Map<String, String> strings(JsonNode object) {
        Map<String, String> strings = new TreeMap<>();
        object.fields()
                .forEachRemaining(
                        field -> strings.put(field.getKey(), field.getValue().asText()));
        return strings;
    }

    private void check(Fingerprint expected, JsonNode written) {
        String difference = expected.difference(strings(written));
        if (difference != null) {
            throw new ModelException("checkpoint " + folder + " is of another run: " + difference
                    + "; resume with the same configuration and data, or choose another --out");
        }
    }

    private float[] array(JsonNode meta, String name) throws Damaged {
        JsonNode said = meta.path(name);
        long length = said.path("bytes").asLong();
        FloatArray array = read(new Path(folder, name + ".f32"), length, length, in -> {
            if (length % Float.BYTES != 0 || length / Float.BYTES > FloatArray.LONGEST) {
                throw new IOException(length + " bytes are no array of floats");
            }
            return FloatArray.readFrom(in, (int) (length / Float.BYTES), ByteOrder.LITTLE_ENDIAN);
        });
        if (!array.sha256().equals(said.path("sha256").asText())) {
            throw new Damaged(name + ".f32 does not have the SHA-256 that was written");
        }
        return array.values();
    }

    private interface Reading<T> {
        T of(InputStream in) throws IOException;
    }

    /** Reads nothing of a file whose length is not right, so that a wrong one costs no memory. */
    private <T> T read(Path file, long least, long most, Reading<T> reading) throws Damaged {
        try {
            long length = files.getFileStatus(file).getLen();
            if (length < least || length > most) {
                throw new Damaged(file.getName() + " has " + length + " bytes, expected "
                        + (least == most ? "" + most : least + " to " + most));
            }
            try (FSDataInputStream in = files.open(file)) {
                return reading.of(in);
            }
        } catch (FileNotFoundException e) {
            throw new Damaged(file.getName() + " is missing");
        } catch (IOException e) { // HDFS and others check what they read
            throw new Damaged(file.getName() + " cannot be read: " + Excerpt.line(e));
        }
    }

    private static void put(ObjectNode meta, String name, Standing standing) {
        if (standing != null) {
            meta.putObject(name).put("best", standing.best()).put("waited", standing.waited());
        }
    }

    private void writeArrays(TrainingState state, ObjectNode meta, String prefix) throws IOException {
        write(prefix + "parameters", state.parameters(), meta);
        write(prefix + "optimizer", state.optimizer(), meta);
    }

    private void write(String name, float[] values, ObjectNode meta) throws IOException {
        FloatArray array = FloatArray.of(values);
        write(new Path(folder, name + ".f32"), out -> array.writeTo(out, ByteOrder.LITTLE_ENDIAN));
        meta.putObject(name).put("bytes", array.bytes()).put("sha256", array.sha256());
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private void write(Path file, Content content) throws IOException {
        try (FSDataOutputStream out = files.create(file, true)) {
            content.writeTo(out);
            out.hsync();
        } catch (IOException | FSError e) { // Hadoop says with an error that a disk is full
            throw new WriteException(file, e);
        }
    }
}
