package dev.lockstep.worker.onnx;

import dev.lockstep.worker.failure.ConfigurationException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * An ONNX file that is being put together (onnx.ai; its fields' numbers are those of onnx.proto). Operators are those of
 * {@link #OPSET}, the oldest with which all our layers can be said: whatever reads ONNX has known it for years. Values go
 * by their names.
 */
public final class OnnxModel {
    /** The version of ONNX's operators. */
    public static final int OPSET = 13;

    /** The version of the format that came with them. */
    private static final int IR_VERSION = 7;

    /** protobuf's own bound. */
    private static final long LONGEST = Integer.MAX_VALUE;

    // ModelProto
    private static final int MODEL_IR_VERSION = 1;
    private static final int MODEL_PRODUCER = 2;
    private static final int MODEL_GRAPH = 7;
    private static final int MODEL_OPSET = 8;
    private static final int MODEL_METADATA = 14;
    // GraphProto
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_NAME = 2;
    private static final int GRAPH_CONSTANT = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;
    // NodeProto
    private static final int NODE_INPUT = 1;
    private static final int NODE_OUTPUT = 2;
    private static final int NODE_NAME = 3;
    private static final int NODE_OPERATOR = 4;
    private static final int NODE_ATTRIBUTE = 5;
    // TensorProto
    private static final int TENSOR_SIZE = 1;
    private static final int TENSOR_TYPE = 2;
    private static final int TENSOR_INT64 = 7;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_BYTES = 9;

    private final Message head = new Message()
            .with(MODEL_IR_VERSION, IR_VERSION)
            .with(MODEL_PRODUCER, "lockstep")
            .with(MODEL_OPSET, new Message().with(1, "").with(2, OPSET));
    private final Message graph = new Message().with(GRAPH_NAME, "network");
    private final Set<String> names = new HashSet<>();
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();

    /**
     * Something that whoever runs the network gives it, float32.
     *
     * @param description what the values are
     * @return its value
     */
    public String input(String name, String description, List<Dimension> dimensions) {
        String value = unique(name);
        graph.with(GRAPH_INPUT, described(value, description, dimensions));
        inputs.add(value + " " + dimensions);
        return value;
    }

    /** Something that the network tells, float32: a value under a name of its own. */
    public void output(String name, String description, List<Dimension> dimensions, String value) {
        String told = operator(name, "Identity", List.of(value), List.of());
        graph.with(GRAPH_OUTPUT, described(told, description, dimensions));
        outputs.add(told + " " + dimensions);
    }

    /** A layer of this name, whose operators are still to be put. */
    public OnnxLayer layer(String name, Map<String, Tensor> parameters) {
        return new OnnxLayer(this, name, parameters);
    }

    /** Something that is said of the network beside what it computes. */
    public void metadata(String key, String value) {
        head.with(MODEL_METADATA, new Message().with(1, key).with(2, value));
    }

    String operator(String name, String operator, List<String> reads, List<Attribute> attributes) {
        String value = unique(name);
        Message node = new Message();
        reads.forEach(read -> node.with(NODE_INPUT, read));
        node.with(NODE_OUTPUT, value).with(NODE_NAME, value).with(NODE_OPERATOR, operator);
        attributes.forEach(attribute -> node.with(NODE_ATTRIBUTE, attribute.message()));
        graph.with(GRAPH_NODE, node);
        return value;
    }

    String constant(String name, Tensor tensor) {
        String value = unique(name);
        Message message = new Message();
        tensor.sizes().forEach(size -> message.with(TENSOR_SIZE, size));
        graph.with(
                GRAPH_CONSTANT,
                message.with(TENSOR_TYPE, ElementType.FLOAT.code())
                        .with(TENSOR_NAME, value)
                        .with(TENSOR_BYTES, tensor.count(), tensor.values()));
        return value;
    }

    String constant(String name, LongStream numbers) {
        String value = unique(name);
        long[] all = numbers.toArray();
        Message message = new Message().with(TENSOR_SIZE, all.length).with(TENSOR_TYPE, ElementType.INT64.code());
        for (long number : all) {
            message.with(TENSOR_INT64, number);
        }
        graph.with(GRAPH_CONSTANT, message.with(TENSOR_NAME, value));
        return value;
    }

    String constant(String name, long number) {
        String value = unique(name);
        graph.with(
                GRAPH_CONSTANT,
                new Message()
                        .with(TENSOR_TYPE, ElementType.INT64.code())
                        .with(TENSOR_INT64, number)
                        .with(TENSOR_NAME, value));
        return value;
    }

    /** ONNX wants each name once; a layer may need an operator twice. */
    private String unique(String name) {
        String free = name;
        for (int i = 2; !names.add(free); i++) {
            free = name + "_" + i;
        }
        return free;
    }

    /** A ValueInfoProto. */
    private static Message described(String name, String description, List<Dimension> dimensions) {
        Message shape = new Message();
        for (Dimension dimension : dimensions) {
            shape.with(
                    1,
                    dimension.name() == null
                            ? new Message().with(1, dimension.size())
                            : new Message().with(2, dimension.name()));
        }
        Message tensor = new Message().with(1, ElementType.FLOAT.code()).with(2, shape);
        return new Message()
                .with(1, name)
                .with(2, new Message().with(1, tensor))
                .with(3, description);
    }

    /**
     * Writes the file; the same network gives the same bytes.
     *
     * @throws ConfigurationException when it would be longer than a message of protobuf can be; nothing is written then
     */
    public void writeTo(OutputStream out) throws IOException {
        Message body = new Message().with(MODEL_GRAPH, graph);
        long length = head.length() + body.length();
        if (length > LONGEST) {
            throw new ConfigurationException("the network is too large for an ONNX file: it would have " + length
                    + " bytes, and the format ends at " + LONGEST);
        }
        head.writeTo(out);
        body.writeTo(out);
    }

    /** "image [batch, 1, 28, 28] to probabilities [batch, 10], logits [batch, 10]" */
    @Override
    public String toString() {
        return String.join(", ", inputs) + " to " + String.join(", ", outputs);
    }
}
