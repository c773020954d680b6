package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.ModelFile.Contents;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.table.Fitted;
import dev.lockstep.worker.text.TextCut;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextUnit;
import dev.lockstep.worker.text.TextVocabulary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** Weights of a byte each. */
class Int8ParametersTest {
    private static final NetworkSpec SPEC =
            RunConfigParser.parse(ConfigFactory.parseString("""
                    network { input = [1, 12, 12], layers = [
                      { type = convolution, filters = 5, kernel = 3 }, { type = batch-norm }
                      { type = dense, units = 20, activation = relu }, { type = output }
                    ] }""")).network();
    /** Nothing that goes with such a network; it is kept all the same. */
    private static final Fitted FITTED = Fitted.of(
            new TextVocabulary(TextUnit.WORDS, true, List.of("<pad>", "<bos>", "<eos>", "<unk>", "a")),
            new TextCut(TextTask.NEXT, 7, 3, true, false));
    /** Convolution, dense, output. */
    private static final int WEIGHTS = 45 + 500 * 20 + 200;

    private static float[] parameters() {
        float[] parameters = Networks.initialParameters(SPEC, 3);
        for (int i = 0; i < parameters.length; i += 7) {
            parameters[i] = 0; // as if pruned
        }
        return parameters;
    }

    private static Contents contents(float[] parameters) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ModelFile.write(SPEC, new TrainingState(1, parameters, new float[0]), FITTED, out);
        return ModelFile.read("a", () -> new ByteArrayInputStream(out.toByteArray()));
    }

    private static byte[] small(float[] parameters) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        StoredModel told = ModelFile.writeInt8(contents(parameters), out);
        byte[] file = out.toByteArray();
        assertThat(ModelFile.read("b", () -> new ByteArrayInputStream(file))
                        .model()
                        .parameters())
                .isEqualTo(told.parameters());
        return file;
    }

    @Test
    void aWeightIsOffByHalfAStepAndTheRestByNothing() throws IOException {
        float[] parameters = parameters();
        byte[] file = small(parameters);
        assertThat(file.length).isLessThan((int) (0.3 * Float.BYTES * parameters.length));
        Contents read = ModelFile.read("b", () -> new ByteArrayInputStream(file));
        assertThat(read.input()).isEqualTo(SPEC.input());
        assertThat(read.fitted()).isEqualTo(FITTED);
        float[] rounded = read.model().parameters();
        int off = 0;
        for (int i = 0; i < rounded.length; i++) {
            if (parameters[i] == 0) {
                assertThat(rounded[i]).isZero();
            }
            off += rounded[i] == parameters[i] ? 0 : 1;
            float largest = 0;
            for (int j = Math.max(0, i - 63); j < Math.min(rounded.length, i + 64); j++) {
                largest = Math.max(largest, Math.abs(parameters[j]));
            }
            assertThat(Math.abs(rounded[i] - parameters[i])).isLessThanOrEqualTo(largest / 254 * 1.0001f);
        }
        assertThat(off).isBetween(WEIGHTS * 3 / 4, WEIGHTS);
        assertThat(rounded).hasSize(WEIGHTS + 5 + 20 + 20 + 10);
        byte[] again = small(rounded);
        assertThat(ModelFile.read("c", () -> new ByteArrayInputStream(again))
                        .model()
                        .parameters())
                .usingComparatorWithPrecision(1e-6f)
                .containsExactly(rounded);
    }

    @Test
    void groupsHaveScalesOfTheirOwn() throws IOException {
        float[] parameters = new float[parameters().length];
        int dense = parameters.length - 210 - 10_000 - 20; // W of the dense layer
        java.util.Arrays.fill(parameters, dense, dense + 64, 0.127f);
        parameters[dense] = -0.001f * 0.4f;
        parameters[dense + 1] = 0.0016f;
        parameters[dense + 64] = 1270;
        parameters[dense + 65] = 14;
        byte[] file = small(parameters);
        float[] rounded = ModelFile.read("b", () -> new ByteArrayInputStream(file))
                .model()
                .parameters();
        float scale = 0.127f / 127;
        assertThat(rounded[dense]).isZero();
        assertThat(rounded[dense + 1]).isEqualTo(2 * scale);
        assertThat(rounded[dense + 64]).isEqualTo(1270);
        assertThat(rounded[dense + 65]).isEqualTo(10);
    }

    @Test
    void anotherNumberOfBytesIsRefused() throws IOException {
        byte[] file = small(parameters());
        ByteArrayOutputStream cut = new ByteArrayOutputStream();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(file));
                ZipOutputStream out = new ZipOutputStream(cut)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(
                        content, 0, entry.getName().equals("coefficients.int8") ? content.length - 1 : content.length);
            }
        }
        assertThatThrownBy(() -> ModelFile.read("b", () -> new ByteArrayInputStream(cut.toByteArray())))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("b: coefficients.int8 holds ")
                .hasMessageContaining(" bytes, which are not those of the network's 10300 parameters");
    }
}
