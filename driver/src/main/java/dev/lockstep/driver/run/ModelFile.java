package dev.lockstep.driver.run;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Network;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.reduce.FloatArray;
import dev.lockstep.worker.table.Fitted;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * DL4J's model file: written so that stock DL4J restores it without our jar, and read without running anything that is
 * in it (DL4J's own reader also takes Java-serialised objects, and builds any class that the JSON names).
 */
public final class ModelFile {
    public static final String NAME = "model.zip";

    private static final Pattern TRUSTED =
            Pattern.compile("(org\\.deeplearning4j|org\\.nd4j|dev\\.lockstep)\\.[\\w.$]+");
    private static final int LARGEST_JSON = 16 << 20;
    /** The entries of a model file are half a dozen; their names are kept. */
    private static final int MOST_ENTRIES = 100;
    /** What is unpacked costs time, kept or not: parameters and optimizer state that fit into memory are less. */
    private static final long MOST_UNPACKED =
            LARGEST_JSON + 4 * Math.min(Long.MAX_VALUE / 8, Runtime.getRuntime().maxMemory());
    /** More values than one example can have while it is computed. */
    private static final long MOST_ACTIVATIONS =
            Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / Float.BYTES);
    /** ND4J's mark of an array of float32. */
    private static final long FLOAT_BITS = 8192;

    private static final String CONFIGURATION = "configuration.json";
    private static final String PARAMETERS = "coefficients.bin";
    private static final String OPTIMIZER = "updaterState.bin";

    /** A key given twice could hide a class from the check that DL4J then builds. */
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    /**
     * What a model file holds.
     *
     * @param input the shape of one example
     * @param classes how many outputs there are
     * @param everyStep whether they are of each step of a sequence
     * @param fitted what it remembers of the table that it was trained with
     */
    public record Contents(
            StoredModel model, Shape input, int classes, boolean everyStep, Objective objective, Fitted fitted) {
        /** What is told of an example. */
        public Target target() {
            return new Target(
                    objective == Objective.CLASSIFICATION ? Target.Kind.CLASS : Target.Kind.VALUES, classes, everyStep);
        }
    }

    private ModelFile() {}

    /** A file that can be read from its beginning, again and again. */
    public interface Source {
        InputStream open() throws IOException;
    }

    /** Writes a model with its optimizer state; an optimizer that is ours is named as the nearest stock one. */
    public static void write(NetworkSpec spec, TrainingState state, OutputStream out) throws IOException {
        write(spec, state, Fitted.NOTHING, out);
    }

    /** @param fitted what the model must remember of the table that it was trained with */
    public static void write(NetworkSpec spec, TrainingState state, Fitted fitted, OutputStream out)
            throws IOException {
        StoredModel model = new StoredModel(Networks.stockConfigurationJson(spec), state.parameters());
        boolean everyStep = spec.target().everyStep();
        write(
                new Contents(model, spec.input(), spec.classes(), everyStep, spec.objective(), fitted),
                Arrays.copyOf(state.optimizer(), state.optimizer().length - spec.carriedValues()),
                out);
    }

    /** Writes a model as it was read, without its optimizer state. */
    public static void write(Contents model, OutputStream out) throws IOException {
        write(model, new float[0], out);
    }

    private static void write(Contents contents, float[] optimizer, OutputStream out) throws IOException {
        String configuration = contents.model().configurationJson();
        // In order and without a clock: the same run gives the same file.
        ZipOutputStream zip = new ZipOutputStream(out);
        zip.setLevel(Deflater.NO_COMPRESSION); // 7 % of trained numbers could be saved, at a twentieth of the speed
        begin(zip, PARAMETERS);
        write(contents.model().parameters(), zip);
        begin(zip, CONFIGURATION);
        zip.write(configuration.getBytes(StandardCharsets.UTF_8));
        begin(zip, ModelNote.NAME);
        zip.write(note(contents, isOurs(configuration)));
        if (optimizer.length > 0) {
            begin(zip, OPTIMIZER);
            write(optimizer, zip);
        }
        zip.finish();
    }

    /**
     * Writes a model with weights of a byte each; only Lockstep reads it.
     *
     * @return the model as it will be read
     */
    public static StoredModel writeInt8(Contents contents, OutputStream out) throws IOException {
        StoredModel model = contents.model();
        Int8Parameters parameters = Int8Parameters.of(model.configurationJson());
        ZipOutputStream zip = new ZipOutputStream(out);
        begin(zip, CONFIGURATION);
        zip.write(model.configurationJson().getBytes(StandardCharsets.UTF_8));
        begin(zip, ModelNote.NAME);
        zip.write(note(contents, true));
        begin(zip, Int8Parameters.NAME);
        parameters.write(model.parameters(), zip);
        zip.finish();
        return new StoredModel(model.configurationJson(), parameters.rounded(model.parameters()));
    }

    private static byte[] note(Contents contents, boolean needsLockstep) {
        return StoredJson.line(ModelNote.of(contents, needsLockstep)).getBytes(StandardCharsets.UTF_8);
    }

    private static void begin(ZipOutputStream zip, String entry) throws IOException {
        ZipEntry header = new ZipEntry(entry);
        header.setTime(0);
        zip.putNextEntry(header);
    }

    /** As ND4J writes an array {@code [1, values]}, but piece by piece, so that any length costs no memory. */
    private static void write(float[] values, OutputStream to) throws IOException {
        DataOutputStream out = new DataOutputStream(to);
        long[] shape = {2, 1, values.length, 1, 1, FLOAT_BITS, 1, 'c'}; // rank, sizes, strides, type, stride, order
        new Header(shape.length, "LONG").write(out);
        for (long number : shape) {
            out.writeLong(number);
        }
        new Header(values.length, "FLOAT").write(out);
        FloatArray.of(values).writeTo(out, ByteOrder.BIG_ENDIAN);
    }

    /** Whether DL4J can read a network's model only where our jar is. */
    public static boolean needsLockstep(NetworkSpec spec) {
        return isOurs(Networks.stockConfigurationJson(spec));
    }

    private static boolean isOurs(String configuration) {
        return configuration.contains("\"dev.lockstep.");
    }

    /** Reads the model of a run; as {@link #read(String, Source)}. */
    public static Contents read(RunFolder run) throws IOException {
        return read(run.path(NAME).toString(), () -> run.files().open(run.path(NAME)));
    }

    /**
     * Reads a model file of ours or of DL4J's.
     *
     * @param name what to call it in messages
     * @throws FileNotFoundException when there is no such file
     * @throws ModelException when it is not a model file, damaged, not of a kind we can run, or names foreign classes
     */
    public static Contents read(String name, Source file) throws IOException {
        Map<String, byte[]> texts = new TreeMap<>();
        Map<String, Long> lengths = new TreeMap<>();
        try {
            forEachEntry(file, (entry, in) -> {
                if (entry.equals(CONFIGURATION) || entry.equals(ModelNote.NAME)) {
                    texts.put(entry, text(name, entry, in));
                }
                long passed =
                        lengths.values().stream().mapToLong(Long::longValue).sum();
                Long twice = lengths.put(entry, length(in, MOST_UNPACKED - passed));
                if (twice != null || lengths.size() > MOST_ENTRIES) {
                    throw new ModelException(name + ": has the entry " + Excerpt.of(entry) + " twice, or more than "
                            + MOST_ENTRIES + " entries; this is no model");
                }
                if (in.read() >= 0) {
                    throw new ModelException(name + ": unpacks to more than " + MOST_UNPACKED
                            + " bytes; this is no model, or Java needs more memory (-Xmx)");
                }
            });
        } catch (FileNotFoundException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new ModelException(name + ": is not a whole zip file: " + Excerpt.line(e), e);
        }
        byte[] json = texts.get(CONFIGURATION);
        Long int8 = lengths.get(Int8Parameters.NAME);
        if (json == null || int8 == null && !lengths.containsKey(PARAMETERS)) {
            throw new ModelException(name + ": is not a DL4J model file: expected the entries "
                    + CONFIGURATION + " and " + PARAMETERS + ", found "
                    + Excerpt.of(lengths.keySet()));
        }
        String configuration = new String(json, StandardCharsets.UTF_8);
        try {
            for (String type : JSON.readTree(configuration).findValuesAsText("@class")) {
                if (!TRUSTED.matcher(type).matches()) {
                    throw new ModelException(name + ": names the class " + Excerpt.of(type)
                            + ", which is neither DL4J's nor ours; it is not read");
                }
            }
            Network network = Network.fromJson(configuration);
            long expected = network.configuredParameters();
            float[] parameters = int8 != null
                    ? parameters(name, file, Int8Parameters.NAME, in -> Int8Parameters.read(name, network, int8, in))
                    : parameters(name, file, PARAMETERS, in -> values(name, in, expected, lengths.get(PARAMETERS)));
            network.init();
            try {
                return contents(name, network, texts.get(ModelNote.NAME), new StoredModel(configuration, parameters));
            } finally {
                network.close();
            }
        } catch (ModelException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new ModelException(
                    name + ": is damaged or of a kind we cannot run (expected a DL4J network of one input and output): "
                            + Excerpt.line(e),
                    e);
        }
    }

    /** @param said what {@link #ModelNote.NAME} says, which must fit the network; null when the file has none */
    private static Contents contents(String name, Network network, byte[] said, StoredModel model) throws IOException {
        if (!network.computesLoss()) {
            throw new ModelException(name + ": its last layer computes no loss; expected an output or a loss layer");
        }
        ModelNote ours = said == null
                ? null
                : StoredJson.of(ModelNote.NAME, new String(said, StandardCharsets.UTF_8))
                        .as(ModelNote.class);
        Shape input = ours == null ? network.usualInput() : ours.shape();
        Network.Fit fit = network.fit(input);
        if (fit.parameters() != network.configuredParameters() || fit.activations() > MOST_ACTIVATIONS) {
            throw new ModelException(name + ": says that examples are of " + input + ", but for these its network would"
                    + " have " + fit.parameters() + " parameters, not " + network.configuredParameters()
                    + ", and compute "
                    + fit.activations() + " values an example");
        }
        if (ours != null && ours.classes() != fit.outputs()) {
            throw new ModelException(name + ": says that there are " + ours.classes() + " classes, but its network has "
                    + fit.outputs() + " outputs");
        }
        return new Contents(
                model,
                input,
                Math.toIntExact(fit.outputs()),
                network.tellsEveryStep(),
                ours == null ? Objective.CLASSIFICATION : ours.purpose(),
                ours == null ? Fitted.NOTHING : ours.fitted(input));
    }

    private interface Values {
        float[] read(DataInputStream in) throws IOException;
    }

    private static float[] parameters(String name, Source file, String from, Values values) throws IOException {
        List<float[]> found = new ArrayList<>();
        forEachEntry(file, (entry, in) -> {
            if (entry.equals(from) && found.isEmpty()) {
                found.add(values.read(new DataInputStream(new BufferedInputStream(in))));
            }
        });
        return finite(name, found.get(0));
    }

    private static float[] finite(String name, float[] parameters) {
        for (int i = 0; i < parameters.length; i++) {
            if (!Float.isFinite(parameters[i])) {
                throw new ModelException(name + ": its parameter " + i + " of " + parameters.length + " is "
                        + parameters[i] + "; expected finite numbers: it diverged while it was trained, or is damaged");
            }
        }
        return parameters;
    }

    /**
     * Reads DL4J's array format. (ND4J's own reader trusts the lengths in it: a damaged file ends the whole JVM.)
     *
     * @param bytes how many there are: memory is taken for no more values than can be among them
     */
    private static float[] values(String name, DataInputStream in, long expected, long bytes) throws IOException {
        Header shape = Header.read(in);
        in.skipNBytes(Math.multiplyExact(shape.length(), width(shape.type())));
        Header values = Header.read(in);
        boolean doubles = values.type().equals("DOUBLE");
        if (!doubles && !values.type().equals("FLOAT")) {
            throw new ModelException(
                    name + ": holds parameters of type " + Excerpt.of(values.type()) + "; expected FLOAT or DOUBLE");
        }
        if (values.length() != expected) {
            throw new ModelException(
                    name + ": holds " + values.length() + " parameters, but its network has " + expected);
        }
        if (expected > bytes / (doubles ? Double.BYTES : Float.BYTES)) {
            throw new EOFException(PARAMETERS + " is cut short");
        }
        long heap = Runtime.getRuntime().maxMemory();
        if (expected > Math.min(FloatArray.LONGEST, heap / Float.BYTES)) {
            throw new ModelException(name + ": holds " + expected + " parameters, for which Java's memory of " + heap
                    + " bytes is too small; give it more (-Xmx)");
        }
        if (!doubles) {
            return FloatArray.readFrom(in, (int) expected, ByteOrder.BIG_ENDIAN).values();
        }
        float[] parameters = new float[(int) expected];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = (float) in.readDouble();
        }
        return parameters;
    }

    /** The bytes of a number of a shape. */
    private static int width(String type) {
        return switch (type) {
            case "LONG" -> Long.BYTES;
            case "INT" -> Integer.BYTES;
            default ->
                throw new IllegalArgumentException(
                        "its shape is of type " + Excerpt.of(type) + "; expected LONG or INT");
        };
    }

    /** What stands before the values of ND4J's arrays. */
    private record Header(long length, String type) {
        static Header read(DataInputStream in) throws IOException {
            boolean old = Set.of("DIRECT", "HEAP", "JAVACPP").contains(in.readUTF());
            return new Header(old ? in.readInt() : in.readLong(), in.readUTF());
        }

        void write(DataOutputStream out) throws IOException {
            out.writeUTF("MIXED_DATA_TYPES");
            out.writeLong(length);
            out.writeUTF(type);
        }
    }

    private interface EntryReader {
        void read(String entry, InputStream in) throws IOException;
    }

    private static void forEachEntry(Source file, EntryReader reader) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(file.open())) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                reader.read(entry.getName(), zip);
            }
        }
    }

    /** How much there is, unpacked; at most so much of it is. */
    private static long length(InputStream in, long most) throws IOException {
        byte[] piece = new byte[1 << 13];
        long length = 0;
        for (int read = 0; read >= 0 && length < most; ) {
            length += read;
            read = in.read(piece, 0, (int) Math.min(piece.length, most - length));
        }
        return length;
    }

    private static byte[] text(String name, String entry, InputStream in) throws IOException {
        byte[] content = in.readNBytes(LARGEST_JSON);
        if (in.read() >= 0) {
            throw new ModelException(
                    name + ": its entry " + entry + " holds more than " + LARGEST_JSON + " bytes; this is no model");
        }
        return content;
    }
}
