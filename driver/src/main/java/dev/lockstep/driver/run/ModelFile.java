package dev.lockstep.driver.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.evaluate.Evaluator.Model;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.network.Network;
import dev.lockstep.worker.network.NetworkSpec;
import dev.lockstep.worker.network.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's model file: written so that stock DL4J restores it without our jar, and read without running anything that is
 * in it (DL4J's own reader also takes Java-serialised objects, and builds any class that the JSON names).
 */
public final class ModelFile {
    public static final String NAME = "model.zip";

    private static final Pattern TRUSTED =
            Pattern.compile("(org\\.deeplearning4j|org\\.nd4j|dev\\.lockstep)\\.[\\w.$]+");
    private static final int LARGEST_JSON = 16 << 20;
    private static final int LARGEST_ARRAY =
            (int) Math.min(Integer.MAX_VALUE - 16, Runtime.getRuntime().maxMemory() / 4);

    /** An entry of ours beside DL4J's, which DL4J passes over: what its configuration does not say. */
    private static final String OURS = "lockstep.json";

    /** A key given twice could hide a class from the check that DL4J then builds. */
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    /** DL4J's configuration does not keep the size of an input image; a model of others is taken to be for MNIST's. */
    private static final int USUAL_IMAGE_SIDE = 28;

    /** @param needsLockstep whether it has layers or activations of ours, so that DL4J reads it with our jar alone */
    private record Ours(
            List<Integer> input,
            int classes,
            @JsonProperty("needs_lockstep") boolean needsLockstep) {}

    /**
     * What a model file holds.
     *
     * @param input the shape of one example
     */
    public record Contents(Model model, Shape input, int classes) {}

    private ModelFile() {}

    /** Writes a model with its optimizer state; an optimizer that is ours is named as the nearest stock one. */
    public static void write(NetworkSpec spec, TrainingState state, OutputStream out) throws IOException {
        Network network = spec.stockNetwork();
        network.parameters().assign(Nd4j.createFromArray(state.parameters()));
        if (state.optimizer().length > 0) {
            network.optimizerState().assign(Nd4j.createFromArray(state.optimizer()));
        }
        ByteArrayOutputStream dl4j = new ByteArrayOutputStream();
        ModelSerializer.writeModel(network.model(), dl4j, true);
        Map<String, byte[]> entries = entries(NAME, new ByteArrayInputStream(dl4j.toByteArray()));
        entries.put(OURS, JSON.writeValueAsBytes(new Ours(sizes(spec.input()), spec.classes(), needsLockstep(spec))));
        // Written anew, in order and without a clock: the same run gives the same file.
        ZipOutputStream zip = new ZipOutputStream(out);
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            ZipEntry header = new ZipEntry(entry.getKey());
            header.setTime(0);
            zip.putNextEntry(header);
            zip.write(entry.getValue());
        }
        zip.finish();
    }

    /** Whether DL4J can read a network's model only where our jar is. */
    static boolean needsLockstep(NetworkSpec spec) {
        return spec.stockNetwork().configurationJson().contains("\"dev.lockstep.");
    }

    private static List<Integer> sizes(Shape shape) {
        return shape.isImage() ? List.of(shape.channels(), shape.height(), shape.width()) : List.of(shape.channels());
    }

    /**
     * Reads a model file of ours or of DL4J's.
     *
     * @param name what to call it in messages
     * @throws ModelException when it is not a model file, damaged, not of a kind we can run, or names foreign classes
     */
    public static Contents read(String name, InputStream in) throws IOException {
        Map<String, byte[]> entries = entries(name, in);
        byte[] json = entries.get(ModelSerializer.CONFIGURATION_JSON);
        byte[] coefficients = entries.get(ModelSerializer.COEFFICIENTS_BIN);
        if (json == null || coefficients == null) {
            throw new ModelException(name + ": is not a DL4J model file: expected the entries "
                    + ModelSerializer.CONFIGURATION_JSON + " and " + ModelSerializer.COEFFICIENTS_BIN + ", found "
                    + entries.keySet());
        }
        String configuration = new String(json, StandardCharsets.UTF_8);
        try {
            for (String type : JSON.readTree(configuration).findValuesAsText("@class")) {
                if (!TRUSTED.matcher(type).matches()) {
                    throw new ModelException(
                            name + ": names the class " + type + ", which is neither DL4J's nor ours; it is not read");
                }
            }
            Network network = Network.fromJson(configuration);
            float[] parameters = values(name, coefficients, network.configuredParameters());
            network.init();
            if (!(network.outputLayer() instanceof IOutputLayer)) {
                throw new ModelException(
                        name + ": its last layer computes no loss; expected an output or a loss layer");
            }
            Model model = new Model(configuration, parameters);
            byte[] ours = entries.get(OURS);
            return ours == null ? foreign(model, network) : ours(model, JSON.readValue(ours, Ours.class));
        } catch (ModelException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new ModelException(
                    name + ": is damaged or of a kind we cannot run (expected a DL4J network of one input and output): "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    /** Reads DL4J's array format. (ND4J's own reader trusts the lengths in it: a damaged file ends the whole JVM.) */
    private static float[] values(String name, byte[] coefficients, long expected) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(coefficients));
        Header shape = Header.read(in);
        in.skipNBytes(Math.multiplyExact(
                shape.length(), DataType.valueOf(shape.type()).width()));
        Header values = Header.read(in);
        boolean doubles = values.type().equals("DOUBLE");
        if (!doubles && !values.type().equals("FLOAT")) {
            throw new ModelException(
                    name + ": holds parameters of type " + values.type() + "; expected FLOAT or DOUBLE");
        }
        if (values.length() != expected || expected > in.available()) {
            throw new ModelException(
                    name + ": holds " + values.length() + " parameters, but its network has " + expected);
        }
        float[] parameters = new float[(int) expected];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = doubles ? (float) in.readDouble() : in.readFloat();
        }
        return parameters;
    }

    private record Header(long length, String type) {
        static Header read(DataInputStream in) throws IOException {
            boolean old = Set.of("DIRECT", "HEAP", "JAVACPP").contains(in.readUTF());
            return new Header(old ? in.readInt() : in.readLong(), in.readUTF());
        }
    }

    private static Contents ours(Model model, Ours ours) {
        List<Integer> sizes = ours.input();
        Shape input =
                sizes.size() == 1 ? Shape.vector(sizes.get(0)) : new Shape(sizes.get(0), sizes.get(1), sizes.get(2));
        return new Contents(model, input, ours.classes());
    }

    private static Contents foreign(Model model, Network network) {
        Layer first = network.layers().get(0);
        int in = first.conf().getLayer() instanceof FeedForwardLayer sized ? Math.toIntExact(sized.getNIn()) : 0;
        Shape input = first instanceof ConvolutionLayer
                ? new Shape(in, USUAL_IMAGE_SIDE, USUAL_IMAGE_SIDE)
                : Shape.vector(in);
        var last = network.outputLayer().conf().getLayer();
        return new Contents(
                model, input, last instanceof FeedForwardLayer sized ? Math.toIntExact(sized.getNOut()) : 0);
    }

    private static Map<String, byte[]> entries(String name, InputStream in) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        try (ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                boolean json = entry.getName().endsWith(".json");
                int most = json ? LARGEST_JSON : LARGEST_ARRAY;
                byte[] content = zip.readNBytes(most);
                if (zip.read() >= 0) {
                    throw new ModelException(name + ": its entry " + entry.getName() + " holds more than " + most
                            + " bytes; " + (json ? "this is no model" : "give Java more memory (-Xmx)"));
                }
                entries.put(entry.getName(), content);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new ModelException(name + ": is not a whole zip file: " + e.getMessage(), e);
        }
        return entries;
    }
}
