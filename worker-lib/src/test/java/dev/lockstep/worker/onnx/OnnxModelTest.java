package dev.lockstep.worker.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import org.junit.jupiter.api.Test;

/** What is written, read by the classes that protobuf's compiler made of ONNX's own definition. */
class OnnxModelTest {

    private static byte[] written(OnnxModel model) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        model.writeTo(out);
        return out.toByteArray();
    }

    private static OnnxModel model(Tensor weights) {
        OnnxModel model = new OnnxModel();
        String x = model.input("image", "light", List.of(Dimension.BATCH, Dimension.of(300), Dimension.TIME));
        OnnxLayer layer = model.layer("a.1", Map.of("W", weights));
        String y = layer.add(
                "Conv",
                List.of(x, layer.parameter("W"), layer.integers("sizes", 0, -1, 1L << 40)),
                Attribute.of("epsilon", 1e-5f),
                Attribute.of("axis", -2),
                Attribute.of("pads", new long[] {0, 1, 300}));
        String z = layer.add("Conv", List.of(y));
        model.metadata("objective", "größer");
        model.output("values", "", List.of(Dimension.BATCH), z);
        return model;
    }

    @Test
    void isReadAsItWasPutTogether() throws IOException {
        Tensor weights = new Tensor(List.of(2L, 3L), () -> new float[] {1, -2, 0.5f, 3e38f, -0f, 7});
        ModelProto read = ModelProto.parseFrom(written(model(weights)));
        assertThat(read.getIrVersion()).isEqualTo(7);
        assertThat(read.getOpsetImportList()).hasSize(1);
        assertThat(read.getOpsetImport(0).getVersion()).isEqualTo(13);
        assertThat(read.getOpsetImport(0).getDomain()).isEmpty();
        assertThat(read.getProducerName()).isEqualTo("lockstep");
        assertThat(read.getMetadataProps(0).getKey()).isEqualTo("objective");
        assertThat(read.getMetadataProps(0).getValue()).isEqualTo("größer");

        GraphProto graph = read.getGraph();
        assertThat(graph.getNodeList().stream().map(NodeProto::getName))
                .containsExactly("a.1/Conv", "a.1/Conv_2", "values");
        NodeProto first = graph.getNode(0);
        assertThat(first.getOpType()).isEqualTo("Conv");
        assertThat(first.getInputList()).containsExactly("image", "a.1/W", "a.1/sizes");
        assertThat(first.getOutputList()).containsExactly("a.1/Conv");
        assertThat(first.getAttribute(0).getName()).isEqualTo("epsilon");
        assertThat(first.getAttribute(0).getType()).isEqualTo(AttributeProto.AttributeType.FLOAT);
        assertThat(first.getAttribute(0).getF()).isEqualTo(1e-5f);
        assertThat(first.getAttribute(1).getType()).isEqualTo(AttributeProto.AttributeType.INT);
        assertThat(first.getAttribute(1).getI()).isEqualTo(-2);
        assertThat(first.getAttribute(2).getType()).isEqualTo(AttributeProto.AttributeType.INTS);
        assertThat(first.getAttribute(2).getIntsList()).containsExactly(0L, 1L, 300L);
        assertThat(graph.getNode(2).getOpType()).isEqualTo("Identity");

        TensorProto floats = graph.getInitializer(0);
        assertThat(floats.getName()).isEqualTo("a.1/W");
        assertThat(floats.getDataType()).isEqualTo(TensorProto.DataType.FLOAT);
        assertThat(floats.getDimsList()).containsExactly(2L, 3L);
        float[] values = new float[6];
        floats.getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        assertThat(values).containsExactly(1, -2, 0.5f, 3e38f, -0f, 7);
        assertThat(graph.getInitializer(1).getInt64DataList()).containsExactly(0L, -1L, 1L << 40);

        assertThat(graph.getInput(0).getDocString()).isEqualTo("light");
        List<TensorShapeProto.Dimension> dimensions =
                graph.getInput(0).getType().getTensorType().getShape().getDimList();
        assertThat(dimensions.get(0).getDimParam()).isEqualTo("batch");
        assertThat(dimensions.get(1).getDimValue()).isEqualTo(300);
        assertThat(dimensions.get(2).getDimParam()).isEqualTo("time");
        assertThat(graph.getOutput(0).getName()).isEqualTo("values");
        assertThat(model(weights)).hasToString("image [batch, 300, time] to values [batch]");
    }

    @Test
    void whatIsTooLargeForTheFormatIsRefusedBeforeAByteIsWritten() {
        Tensor huge = new Tensor(List.of(1L << 15, 1L << 14), () -> {
            throw new AssertionError("nobody asks for them");
        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> model(huge).writeTo(out))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageMatching(
                        "the network is too large for an ONNX file: it would have 2147484\\d{3} bytes, and the"
                                + " format ends at 2147483647");
        assertThat(out.size()).isZero();
    }

    @Test
    void valuesAreAsManyAsTheirSizesSay() {
        Tensor three = new Tensor(List.of(3L), () -> new float[2]);
        assertThatThrownBy(() -> written(model(three))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> three.as(2)).isInstanceOf(IllegalArgumentException.class);
    }
}
