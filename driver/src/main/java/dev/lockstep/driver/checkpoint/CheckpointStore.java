package dev.lockstep.driver.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.Provenance;
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
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The checkpoints of a run: folders {@code step-NNNNNNNN}, each whole or absent. One is written under a name that starts
 * with a dot and renamed when all of it is on disk. Its metadata is JSON, its arrays plain little-endian float32 with
 * their SHA-256: reading one runs no code of its writer.
 */
public final class CheckpointStore {
    /** 2 since state.json has a check sum; 1, which has none, is still read. */
    private static final int FORMAT = 2;

    private static final String SUM = "sha256";

    /** The end of the name of a checkpoint while another takes its place. */
    private static final String REPLACED = ".replaced";

    private static final int KEPT = 3;
    private static final int LARGEST_METADATA = 1 << 20;
    private static final Pattern NAME = Pattern.compile("step-\\d{8,18}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileSystem files;
    private final Path folder;
    private final Fingerprint fingerprint;

    /**
     * @param folder of any Hadoop file system; made when the first checkpoint is written
     * @param fingerprint of the run; a checkpoint of another is refused
     */
    public CheckpointStore(FileSystem files, Path folder, Fingerprint fingerprint) {
        this.files = files;
        this.folder = folder;
        this.fingerprint = fingerprint;
    }

    /**
     * Writes a checkpoint and deletes the oldest beyond the last three.
     *
     * @param run what identifies the run, for {@link #run} to tell
     */
    public void write(TrainingState state, Map<String, String> run) throws IOException {
        String name = String.format(Locale.ROOT, "step-%08d", state.step());
        Path unfinished = new Path(folder, "." + name);
        files.delete(unfinished, true);
        try {
            write(unfinished, state, run);
            Path whole = new Path(folder, name);
            Path replaced = new Path(folder, "." + name + REPLACED);
            if (files.exists(whole)) { // a folder is not renamed over another in one step
                files.delete(replaced, true);
                rename(whole, replaced);
            }
            rename(unfinished, whole);
            files.delete(replaced, true);
        } catch (IOException | RuntimeException | Error e) {
            try {
                files.delete(unfinished, true); // what it takes may be what others lack
            } catch (IOException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
        List<Path> all = list();
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            files.delete(old, true);
        }
    }

    private void rename(Path from, Path to) throws IOException {
        if (!files.rename(from, to)) {
            throw new WriteException(to, new IOException("cannot rename " + from));
        }
    }

    private void write(Path into, TrainingState state, Map<String, String> run) throws IOException {
        ObjectNode meta = JSON.createObjectNode();
        meta.put("format", FORMAT);
        meta.put("step", state.step());
        writeArrays(into, state, meta, "");
        Memory memory = state.memory();
        put(meta, "early_stopping", memory.stopping());
        if (memory.best() != null) {
            meta.put("best_step", memory.best().step());
            writeArrays(into, memory.best(), meta, "best_");
        }
        put(meta, "plateau", memory.plateau());
        meta.put("learning_rate_cuts", memory.cuts());
        Provenance provenance = state.provenance();
        meta.put("arithmetic", provenance.arithmetic());
        ArrayNode before = meta.putArray("arithmetic_before");
        for (Stretch stretch : provenance.before()) {
            before.addObject().put("arithmetic", stretch.arithmetic()).put("to_step", stretch.toStep());
        }
        meta.set("run", JSON.valueToTree(run));
        meta.set("fingerprint", JSON.valueToTree(fingerprint.values()));
        meta.put(SUM, sum(meta));
        byte[] json = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(meta);
        write(new Path(into, "state.json"), out -> out.write(json));
    }

    /**
     * The newest checkpoint that is whole and that this run can go on from.
     *
     * @param obstacle why a run cannot go on from a state that is whole; null when it can
     * @param warnings told of each newer one that is passed over
     * @return empty when there is none at all
     * @throws ModelException when the newest whole one is of another configuration or other data (the message names the
     *     first differing key), or when there are checkpoints and none can be used
     */
    public Optional<TrainingState> newest(Function<TrainingState, String> obstacle, Consumer<String> warnings)
            throws IOException {
        List<Path> all = list();
        List<String> passedOver = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                TrainingState state = read(all.get(i));
                String why = obstacle.apply(state);
                if (why == null) {
                    passedOver.forEach(one -> warnings.accept(one + "; using the one before it"));
                    return Optional.of(state);
                }
                passedOver.add("checkpoint " + all.get(i) + " " + why);
            } catch (Damaged e) {
                passedOver.add("checkpoint " + all.get(i) + " is damaged: " + e.getMessage());
            }
        }
        if (!passedOver.isEmpty()) {
            throw new ModelException(passedOver.get(0) + ", and none of the " + all.size()
                    + " here can be used; start again with another --out");
        }
        return Optional.empty();
    }

    /** What identifies the run, as the newest whole checkpoint has it; nothing when there is none. */
    public Map<String, String> run() throws IOException {
        List<Path> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                return strings(metadata(all.get(i)).path("run"));
            } catch (Damaged e) {
                continue; // reading its state says so
            }
        }
        return Map.of();
    }

    /**
     * Looks at what checkpoints are of, and not at their arrays; damaged ones are passed over.
     *
     * @throws ModelException when one is of another configuration or other data; the message names the first differing key
     */
    public void refuseOther() throws IOException {
        for (Path checkpoint : list()) {
            try {
                JsonNode written = metadata(checkpoint).path("fingerprint");
                if (written.isObject()) {
                    checkFingerprint(checkpoint, written);
                }
            } catch (Damaged e) {
                // whoever reads it says so
            }
        }
    }

    /** Deletes what a killed writer left behind; a checkpoint that it was about to replace is put back. */
    public void deleteUnfinished() throws IOException {
        for (FileStatus status : statuses()) {
            String name = status.getPath().getName();
            if (name.startsWith(".step-") && name.endsWith(REPLACED)) {
                Path whole = new Path(folder, name.substring(1, name.length() - REPLACED.length()));
                if (!files.exists(whole)) {
                    rename(status.getPath(), whole);
                }
            }
            if (name.startsWith(".step-")) {
                files.delete(status.getPath(), true);
            }
        }
    }

    /** Deletes the checkpoints of later steps, which a run that goes on from this one takes again. */
    public void deleteAfter(long step) throws IOException {
        for (Path checkpoint : list()) {
            if (step(checkpoint) > step) {
                files.delete(checkpoint, true);
            }
        }
    }

    private TrainingState read(Path checkpoint) throws Damaged {
        JsonNode meta = metadata(checkpoint);
        long step = step(checkpoint);
        if (!meta.path("step").asText().equals(Long.toString(step))
                || !meta.path("fingerprint").isObject()) {
            throw new Damaged("state.json says step "
                    + Excerpt.of(meta.path("step").asText("nothing")) + ", expected " + step + " and a fingerprint");
        }
        checkFingerprint(checkpoint, meta.get("fingerprint"));
        TrainingState best = meta.has("best_step")
                ? arrays(checkpoint, meta, meta.path("best_step").asLong(), "best_")
                : null;
        return arrays(checkpoint, meta, step, "")
                .with(new Memory(
                        standing(meta, "early_stopping"),
                        best,
                        standing(meta, "plateau"),
                        meta.path("learning_rate_cuts").asInt()))
                .with(provenance(meta));
    }

    private static Provenance provenance(JsonNode meta) {
        List<Stretch> before = new ArrayList<>();
        for (JsonNode stretch : meta.path("arithmetic_before")) {
            before.add(new Stretch(
                    stretch.path("arithmetic").asText(), stretch.path("to_step").asLong()));
        }
        return new Provenance(meta.path("arithmetic").textValue(), before);
    }

    private TrainingState arrays(Path checkpoint, JsonNode meta, long step, String prefix) throws Damaged {
        return new TrainingState(
                step, array(checkpoint, meta, prefix + "parameters"), array(checkpoint, meta, prefix + "optimizer"));
    }

    /** @return null when nothing was written */
    private static Standing standing(JsonNode meta, String name) {
        JsonNode said = meta.path(name);
        return said.isObject()
                ? new Standing(said.path("best").asDouble(), said.path("waited").asInt())
                : null;
    }

    private JsonNode metadata(Path checkpoint) throws Damaged {
        Path file = new Path(checkpoint, "state.json");
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

    private void checkFingerprint(Path checkpoint, JsonNode written) {
        String difference = fingerprint.difference(strings(written));
        if (difference != null) {
            throw new ModelException("checkpoint " + checkpoint + " is of another run: " + difference
                    + "; resume with the same configuration and data, or choose another --out");
        }
    }

    private float[] array(Path checkpoint, JsonNode meta, String name) throws Damaged {
        JsonNode said = meta.path(name);
        long length = said.path("bytes").asLong();
        FloatArray array = read(new Path(checkpoint, name + ".f32"), length, length, in -> {
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

    private void writeArrays(Path into, TrainingState state, ObjectNode meta, String prefix) throws IOException {
        write(into, prefix + "parameters", state.parameters(), meta);
        write(into, prefix + "optimizer", state.optimizer(), meta);
    }

    private void write(Path into, String name, float[] values, ObjectNode meta) throws IOException {
        FloatArray array = FloatArray.of(values);
        write(new Path(into, name + ".f32"), out -> array.writeTo(out, ByteOrder.LITTLE_ENDIAN));
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

    /** The finished checkpoints, oldest first. */
    private List<Path> list() throws IOException {
        List<Path> found = new ArrayList<>();
        for (FileStatus status : statuses()) {
            if (NAME.matcher(status.getPath().getName()).matches()) {
                found.add(status.getPath());
            }
        }
        found.sort(Comparator.comparingLong(CheckpointStore::step));
        return found;
    }

    private static long step(Path checkpoint) {
        return Long.parseLong(checkpoint.getName().substring("step-".length()));
    }

    private FileStatus[] statuses() throws IOException {
        return files.exists(folder) ? files.listStatus(folder) : new FileStatus[0];
    }

    private static final class Damaged extends Exception {
        private static final long serialVersionUID = 1L;

        Damaged(String message) {
            super(message);
        }
    }
}
