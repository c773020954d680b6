package dev.lockstep.driver.keras;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A model as Keras saved it: HDF5 with the configuration as an attribute (Keras 1 to 3), or the zip of Keras 3 with
 * config.json and the weights in HDF5.
 */
final class KerasFile implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] HDF5 = {(byte) 0x89, 'H', 'D', 'F'};
    private static final byte[] ZIP = {'P', 'K', 3, 4};
    private static final String WEIGHTS = "model.weights.h5";
    private static final int LARGEST_JSON = 16 << 20;
    /** Where arrays lie in Keras 3's group of a layer: its own, a recurrent cell's, those of both directions, an inner layer's. */
    private static final List<List<String>> PARTS = List.of(
            List.of(),
            List.of("cell"),
            List.of("forward_layer", "cell"),
            List.of("backward_layer", "cell"),
            List.of("layer"));
    /** Beside it the file, and the values that are read of it. */
    private static final int MOST_UNPACKED =
            (int) Math.min(Integer.MAX_VALUE - 8, Runtime.getRuntime().maxMemory() / 4);

    private final String name;
    private final String version;
    private final JsonNode model;
    private final HdfFile file;
    private final boolean zipped;
    private final long bytes;
    private final Map<String, Integer> containers = new HashMap<>();

    /** An array of weights, the last size first to run. */
    record Tensor(List<Integer> sizes, float[] values) {}

    private KerasFile(String name, String version, JsonNode model, HdfFile file, boolean zipped, long bytes) {
        if (!version.matches("[1-3](\\D.*)?")) {
            file.close();
            throw new ModelException(name + ": is of Keras " + Excerpt.of(version) + "; expected one from 1 to 3");
        }
        this.name = name;
        this.version = version;
        this.model = model;
        this.file = file;
        this.zipped = zipped;
        this.bytes = bytes;
    }

    /**
     * Opens it.
     *
     * @param name what to call it in messages
     * @throws ModelException when it is no whole model of Keras
     */
    static KerasFile of(String name, byte[] content) {
        try {
            if (starts(content, HDF5)) {
                return ofHdf5(name, content);
            }
            if (starts(content, ZIP)) {
                return ofZip(name, content);
            }
        } catch (ModelException e) {
            throw e;
        } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw damaged(name, e); // sizes and places in it may be any
        }
        throw new ModelException(name + ": is no model of Keras: expected HDF5 (.h5) or Keras 3's zip (.keras)");
    }

    private static ModelException damaged(String name, Throwable cause) {
        return new ModelException(name + ": is damaged: " + Excerpt.line(cause), cause);
    }

    private static boolean starts(byte[] content, byte[] with) {
        return content.length >= with.length && Arrays.equals(content, 0, with.length, with, 0, with.length);
    }

    private static KerasFile ofHdf5(String name, byte[] content) throws IOException {
        HdfFile file = HdfFile.fromBytes(content);
        String model = text(file, "model_config");
        if (model == null) {
            throw new ModelException(name + ": has weights alone, without the model; expected a file of model.save");
        }
        String version = text(file, "keras_version");
        return new KerasFile(name, version == null ? "1" : version, tree(name, model), file, false, content.length);
    }

    private static KerasFile ofZip(String name, byte[] content) throws IOException {
        String config = null;
        String metadata = null;
        byte[] weights = null;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(content))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                switch (entry.getName()) {
                    case "config.json" -> config = json(name, entry, zip);
                    case "metadata.json" -> metadata = json(name, entry, zip);
                    case WEIGHTS -> weights = unpacked(name, entry, zip, MOST_UNPACKED);
                    default -> {
                        // the optimizer's, or a vocabulary's
                    }
                }
            }
        }
        if (config == null || weights == null) {
            throw new ModelException(
                    name + ": is no model of Keras: expected config.json and " + WEIGHTS + " in the zip");
        }
        String version = metadata == null
                ? "3"
                : tree(name, metadata).path("keras_version").asText("3");
        return new KerasFile(name, version, tree(name, config), HdfFile.fromBytes(weights), true, weights.length);
    }

    private static String json(String name, ZipEntry entry, InputStream in) throws IOException {
        return new String(unpacked(name, entry, in, LARGEST_JSON), StandardCharsets.UTF_8);
    }

    private static byte[] unpacked(String name, ZipEntry entry, InputStream in, int most) throws IOException {
        byte[] content = in.readNBytes(most);
        if (in.read() >= 0) {
            throw new ModelException(name + ": its entry " + entry.getName() + " unpacks to more than " + most
                    + " bytes; this is no model, or Java needs more memory (-Xmx)");
        }
        return content;
    }

    private static JsonNode tree(String name, String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw damaged(name, e);
        }
    }

    /** What the model was compiled with, in our word; null for the usual loss of its activation, or none that we know. */
    String loss() {
        JsonNode compiled = model.path("compile_config");
        String training = zipped ? null : text(file, "training_config");
        JsonNode loss = (training == null ? compiled : tree(name, training)).path("loss");
        String word =
                loss.isTextual() ? loss.asText() : snake(loss.path("class_name").asText());
        return switch (word) {
            case "mse", "mean_squared_error" -> "squared-error";
            case "mae", "mean_absolute_error" -> "absolute-error";
            case "huber", "huber_loss" -> "huber";
            default -> null;
        };
    }

    private static String snake(String className) {
        return className
                .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }

    /** As {@code model.to_json()} has it: a class's name and its configuration. */
    JsonNode model() {
        return model;
    }

    /** Of Keras. */
    String version() {
        return version;
    }

    /**
     * A layer's arrays, in Keras's order. To be asked for each layer once, in their order.
     *
     * @throws ModelException when the file does not have them whole
     */
    List<Tensor> weights(String className, String layer) {
        try {
            return zipped ? numbered(className) : named(layer);
        } catch (ModelException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            throw damaged(name, e);
        }
    }

    /** Of Keras 3's zip: groups go by the class, the second of one class is called ..._1. */
    private List<Tensor> numbered(String className) {
        String snake = snake(className);
        int before = containers.merge(snake, 1, Integer::sum) - 1;
        String name = snake + (before == 0 ? "" : "_" + before);
        List<Tensor> tensors = new ArrayList<>();
        if (file.getByPath("layers") instanceof Group layers && layers.getChild(name) instanceof Group own) {
            for (List<String> part : PARTS) {
                variables("layers/" + name, own, part, tensors);
            }
        }
        return tensors;
    }

    /** Those of a part of a layer, which may have none. */
    private void variables(String path, Group group, List<String> way, List<Tensor> tensors) {
        if (way.isEmpty()) {
            if (group.getChild("vars") instanceof Group variables) {
                int count = variables.getChildren().size();
                for (int i = 0; i < count; i++) {
                    tensors.add(tensor(path + "/vars/" + i));
                }
            }
        } else if (group.getChild(way.get(0)) instanceof Group inside) {
            variables(path + "/" + way.get(0), inside, way.subList(1, way.size()), tensors);
        }
    }

    /** Of HDF5: a group by the layer's name, with the paths of its arrays as an attribute. */
    private List<Tensor> named(String layer) {
        String root = file.getChild("model_weights") == null ? "" : "model_weights/";
        Node group = root.isEmpty() ? file.getChild(layer) : ((Group) file.getChild("model_weights")).getChild(layer);
        List<Tensor> tensors = new ArrayList<>();
        if (group != null) {
            for (String path : paths(group)) {
                tensors.add(tensor(root + layer + "/" + path));
            }
        }
        return tensors;
    }

    private static List<String> paths(Node group) {
        List<String> paths = new ArrayList<>(texts(group, "weight_names"));
        for (int part = 0; group.getAttribute("weight_names" + part) != null; part++) { // where they are many
            paths.addAll(texts(group, "weight_names" + part));
        }
        return paths;
    }

    private Tensor tensor(String path) {
        if (!(file.getByPath(path) instanceof Dataset data)) {
            throw new ModelException(name + ": " + Excerpt.of(path) + " is no array");
        }
        if (data.getSize() > bytes) { // a byte or more each, but for what was compressed a lot
            throw new ModelException(name + ": " + Excerpt.of(path) + " has " + data.getSize()
                    + " values, more than the file has bytes; it is damaged");
        }
        List<Integer> sizes = Arrays.stream(data.getDimensions()).boxed().toList();
        Object flat = data.getDataFlat();
        if (flat instanceof float[] values) {
            return new Tensor(sizes, values);
        }
        if (flat instanceof double[] wide) {
            float[] values = new float[wide.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) wide[i];
            }
            return new Tensor(sizes, values);
        }
        throw new ModelException(name + ": " + Excerpt.of(path) + " holds "
                + data.getJavaType().getSimpleName() + "; expected float or double");
    }

    private static String text(Node node, String attribute) {
        Attribute found = node.getAttribute(attribute);
        return found != null && found.getData() instanceof String text ? text : null;
    }

    private static List<String> texts(Node node, String attribute) {
        Attribute found = node.getAttribute(attribute);
        Object data = found == null || found.getSize() == 0 ? null : found.getData();
        if (data instanceof String[] texts) {
            return List.of(texts);
        }
        return data instanceof String text ? List.of(text) : List.of();
    }

    @Override
    public void close() {
        file.close();
    }
}
