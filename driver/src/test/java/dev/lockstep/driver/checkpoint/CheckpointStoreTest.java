package dev.lockstep.driver.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.state.Memory;
import dev.lockstep.driver.state.Provenance;
import dev.lockstep.driver.state.Provenance.Fault;
import dev.lockstep.driver.state.Provenance.Stretch;
import dev.lockstep.driver.state.Standing;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
    private static final Map<String, String> RUN = Map.of("seed", "1", "train.shards", "4");
    private static final Map<String, String> IDENTITY = Map.of("run_id", "7", "started", "today");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private CheckpointStore store;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        store = store(folder, RUN);
    }

    private static CheckpointStore store(Path folder, Map<String, String> run) throws IOException {
        RawLocalFileSystem files = new RawLocalFileSystem();
        files.initialize(FileSystem.getLocal(new Configuration()).getUri(), new Configuration());
        return new CheckpointStore(files, new org.apache.hadoop.fs.Path(folder.toUri()), Fingerprint.of(run));
    }

    private static TrainingState state(long step) {
        return new TrainingState(step, new float[] {step, 0.1f, -3}, new float[] {step, 1e-30f});
    }

    private void write(long... steps) throws IOException {
        for (long step : steps) {
            store.write(state(step), IDENTITY);
        }
    }

    private TrainingState newest() throws IOException {
        return store.newest(state -> null, warnings::add).orElseThrow();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private Path file(long step, String name) {
        return folder.resolve("step-%08d".formatted(step)).resolve(name);
    }

    /** As it was before there was a check sum, to be changed. */
    private ObjectNode metadata(long step) throws IOException {
        ObjectNode metadata = (ObjectNode) JSON.readTree(Files.readAllBytes(file(step, "state.json")));
        metadata.put("format", 1).remove("sha256");
        return metadata;
    }

    @Property(tries = 30)
    void anyBitsComeBack(@ForAll int[] parameters, @ForAll int[] optimizer) throws IOException {
        Path own = Files.createTempDirectory("checkpoints");
        CheckpointStore any = store(own, RUN);
        TrainingState written = new TrainingState(5, floats(parameters), floats(optimizer));
        any.write(written, IDENTITY);
        TrainingState read = any.newest(state -> null, warnings::add).orElseThrow();
        assertThat(read.step()).isEqualTo(5);
        assertThat(bits(read.parameters())).containsExactly(bits(written.parameters()));
        assertThat(bits(read.optimizer())).containsExactly(bits(written.optimizer()));
        FileSystem.getLocal(new Configuration()).delete(new org.apache.hadoop.fs.Path(own.toUri()), true);
    }

    @Test
    void whatEvaluationsLedToComesBack() throws IOException {
        Memory memory = new Memory(new Standing(0.1 + 0.2, 2), state(3), new Standing(-1e-300, 1), 4);
        store.write(state(9).with(memory), IDENTITY);
        Memory read = newest().memory();
        assertThat(read.stopping()).isEqualTo(memory.stopping());
        assertThat(read.plateau()).isEqualTo(memory.plateau());
        assertThat(read.cuts()).isEqualTo(4);
        assertThat(read.best().step()).isEqualTo(3);
        assertThat(read.best().parameters()).isEqualTo(state(3).parameters());
        assertThat(read.best().optimizer()).isEqualTo(state(3).optimizer());
        assertThat(read.best().memory()).isEqualTo(Memory.NOTHING);
        write(10);
        assertThat(newest().memory()).isEqualTo(Memory.NOTHING);
    }

    @Test
    void notANumberKeepsItsPayload() throws IOException {
        int[] odd = {0x7fc00000, 0x7fc12345, 0xffc00001, 0x7f800000, 0xff800000, 0x80000000, 0x00000001, 0x7f7fffff};
        store.write(new TrainingState(9, floats(odd), new float[0]), IDENTITY);
        TrainingState read = newest();
        assertThat(bits(read.parameters())).containsExactly(odd);
        assertThat(read.optimizer()).isEmpty();
        assertThat(Files.readAllBytes(file(9, "parameters.f32")))
                .as("little-endian float32")
                .startsWith(0x00, 0x00, 0xc0, 0x7f, 0x45, 0x23, 0xc1, 0x7f);
    }

    private static float[] floats(int[] bits) {
        float[] values = new float[bits.length];
        for (int i = 0; i < bits.length; i++) {
            values[i] = Float.intBitsToFloat(bits[i]);
        }
        return values;
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    @Test
    void nothingIsThereAtFirst() throws IOException {
        assertThat(store.newest(state -> null, warnings::add)).isEmpty();
        assertThat(store(folder.resolve("not/yet"), RUN).newest(state -> null, warnings::add))
                .isEmpty();
        assertThat(warnings).isEmpty();
    }

    @Test
    void aCheckpointThatWasBeingReplacedIsPutBack() throws IOException {
        write(5);
        Files.move(folder.resolve("step-00000005"), folder.resolve(".step-00000005.replaced"));
        Files.createDirectory(folder.resolve(".step-00000005"));
        store.deleteUnfinished();
        assertThat(names()).containsExactly("step-00000005");
        assertThat(newest().step()).isEqualTo(5);
        Files.createDirectory(folder.resolve(".step-00000005.replaced"));
        store.deleteUnfinished();
        assertThat(names()).containsExactly("step-00000005");
    }

    @Test
    void theLastThreeAreKept() throws IOException {
        write(0, 5, 10, 99_999_999, 100_000_000);
        assertThat(names()).containsExactly("step-00000010", "step-100000000", "step-99999999");
        assertThat(newest().step()).as("by number, not by name").isEqualTo(100_000_000);
    }

    @Test
    void aCheckpointIsReplacedByOneOfTheSameStep() throws IOException {
        write(5);
        store.write(new TrainingState(5, new float[] {42}, new float[0]), IDENTITY);
        assertThat(newest().parameters()).containsExactly(42);
        assertThat(names()).containsExactly("step-00000005");
    }

    @Test
    void whatAKilledWriterLeftIsPassedOverAndRemoved() throws IOException {
        write(5);
        Files.move(folder.resolve("step-00000005"), folder.resolve(".step-00000007"));
        write(6);
        Files.createDirectory(folder.resolve("notes"));
        Files.createDirectory(folder.resolve("step-99999999999999999999999"));
        assertThat(newest().step()).isEqualTo(6);
        assertThat(warnings).isEmpty();
        store.deleteUnfinished();
        assertThat(names()).containsExactly("notes", "step-00000006", "step-99999999999999999999999");
        store(folder.resolve("not/yet"), RUN).deleteUnfinished();
    }

    @ParameterizedTest
    @CsvSource({
        "parameters.f32, 11, parameters.f32 has 11 bytes; expected 12",
        "parameters.f32, 0, parameters.f32 has 0 bytes; expected 12",
        "parameters.f32, 1000000, parameters.f32 has 1000000 bytes; expected 12",
        "optimizer.f32, 4, optimizer.f32 has 4 bytes; expected 8",
        "state.json, 100, state.json is not JSON",
        "state.json, 0, state.json has 0 bytes; expected 2 to 1048576",
        "state.json, 3000000000, state.json has 3000000000 bytes; expected 2 to 1048576",
        "parameters.f32, 30000000000, parameters.f32 has 30000000000 bytes; expected 12"
    })
    void oneOfAnotherLengthIsPassedOver(String name, long length, String said) throws IOException {
        write(5, 10);
        try (RandomAccessFile file = new RandomAccessFile(file(10, name).toFile(), "rw")) {
            file.setLength(length); // a longer one is a hole, which takes no disk
        }
        assertPassedOver(said.replace(';', ','));
    }

    @ParameterizedTest
    @ValueSource(strings = {"parameters.f32", "optimizer.f32", "state.json"})
    void oneThatLacksAFileIsPassedOver(String name) throws IOException {
        write(5, 10);
        Files.delete(file(10, name));
        assertPassedOver(name + " is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"parameters.f32", "optimizer.f32"})
    void oneWithAFlippedBitIsPassedOver(String name) throws IOException {
        write(5, 10);
        byte[] bytes = Files.readAllBytes(file(10, name));
        bytes[bytes.length - 1] ^= 1;
        Files.write(file(10, name), bytes);
        assertPassedOver(name + " does not have the SHA-256 that was written");
    }

    @Test
    void metadataOfTheFirstFormatIsRead() throws IOException {
        write(5, 10);
        Files.writeString(file(10, "state.json"), metadata(10).toString());
        assertThat(newest().step()).isEqualTo(10);
        assertThat(warnings).isEmpty();
    }

    /** A flipped bit may fall on a space or on a digit beyond a number's precision; else another checkpoint is used. */
    @Test
    void noFlippedBitOfMetadataIsBelieved() throws IOException {
        write(5);
        Memory memory = new Memory(new Standing(0.25, 2), state(3), new Standing(-1e-300, 1), 4);
        store.write(
                state(10).with(memory).with(new Provenance("A", List.of(new Stretch("B", 3)), List.of())), IDENTITY);
        byte[] whole = Files.readAllBytes(file(10, "state.json"));
        String expected = JSON.readTree(whole).toString();
        for (int i = 0; i < whole.length; i++) {
            byte[] flipped = whole.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            Files.write(file(10, "state.json"), flipped);
            TrainingState read = newest();
            if (read.step() == 10) {
                assertThat(JSON.readTree(flipped)).as("byte " + i).hasToString(expected);
                assertThat(read.memory().stopping()).isEqualTo(memory.stopping());
            } else {
                assertThat(read.step()).isEqualTo(5);
            }
        }
        assertThat(warnings).hasSizeGreaterThan(whole.length / 2);
    }

    @Test
    void whatComputedTheStateComesBack() throws IOException {
        Provenance provenance = new Provenance(
                "A",
                List.of(new Stretch("B", 3), new Stretch("C", 7)),
                List.of(new Fault(4, 2, "7", "a.example"), new Fault(9, 0, null, null)));
        store.write(state(10).with(provenance), IDENTITY);
        assertThat(newest().provenance()).isEqualTo(provenance);
        write(11);
        assertThat(newest().provenance()).isEqualTo(Provenance.NONE);
    }

    @Test
    void theNewestWholeCheckpointSaysWhichRunItIs() throws IOException {
        assertThat(store.run()).isEmpty();
        write(5);
        store.write(state(10), Map.of("run_id", "8"));
        assertThat(store.run()).isEqualTo(Map.of("run_id", "8"));
        Files.write(file(10, "state.json"), new byte[100]);
        assertThat(store.run()).isEqualTo(IDENTITY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "17",
                "\"format 1\"",
                "{}",
                "{\"format\":3,\"step\":10}",
                "{\"format\":2,\"step\":10,\"fingerprint\":{}}",
                "{\"step\":10}",
                "{\"format\":1}",
                "{\"format\":1,\"step\":10}",
                "{\"format\":1,\"step\":10,\"fingerprint\":[]}",
                "{\"format\":1,\"step\":-10,\"fingerprint\":{}}",
                "{\"format\":1,\"step\":1e300,\"fingerprint\":{}}",
                "{\"format\":1,\"step\":11,\"fingerprint\":{}}",
                "{\"format\":1,\"step\":36893488147419103242,\"fingerprint\":{}}",
                "not json",
                "   "
            })
    void oneWithForeignMetadataIsPassedOver(String metadata) throws IOException {
        write(5, 10);
        Files.writeString(file(10, "state.json"), metadata);
        assertPassedOver("state.json ");
    }

    @Test
    void metadataOfAbsurdDepthIsPassedOver() throws IOException {
        write(5, 10);
        Files.writeString(file(10, "state.json"), "[".repeat(1_000_000));
        assertPassedOver("state.json is not JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-12", "0", "9223372036854775807", "\"many\"", "null", "[]"})
    void sizesThatAreNotTheFilesArePassedOver(String bytes) throws IOException {
        write(5, 10);
        ObjectNode metadata = metadata(10);
        ((ObjectNode) metadata.get("parameters")).set("bytes", JSON.readTree(bytes));
        Files.writeString(file(10, "state.json"), metadata.toString());
        assertPassedOver("parameters.f32 has 12 bytes, expected ");
    }

    @Test
    void metadataWithoutTheArraysIsPassedOver() throws IOException {
        write(5, 10);
        ObjectNode metadata = metadata(10);
        metadata.remove("optimizer");
        Files.writeString(file(10, "state.json"), metadata.toString());
        assertPassedOver("optimizer.f32 has 8 bytes, expected 0");
    }

    private void assertPassedOver(String damage) throws IOException {
        assertThat(newest().step()).isEqualTo(5);
        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith("checkpoint file:")
                .contains("step-00000010 is damaged: " + damage)
                .endsWith("; using the one before it")
                .doesNotContain("\n");
    }

    @Test
    void severalDamagedOnesAreAllSaid() throws IOException {
        write(5, 10, 15);
        Files.delete(file(15, "state.json"));
        Files.delete(file(10, "optimizer.f32"));
        assertThat(newest().step()).isEqualTo(5);
        assertThat(warnings).hasSize(2);
        assertThat(warnings.get(0)).contains("step-00000015", "state.json is missing");
        assertThat(warnings.get(1)).contains("step-00000010", "optimizer.f32 is missing");
    }

    @Test
    void whenNoneIsWholeTheRunCannotGoOn() throws IOException {
        write(5, 10);
        Files.delete(file(10, "optimizer.f32"));
        Files.writeString(file(5, "state.json"), "{");
        assertThatThrownBy(() -> store.newest(state -> null, warnings::add))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(
                        "step-00000010 is damaged: optimizer.f32 is missing",
                        "none of the 2 here can be used",
                        "start again with another --out");
        assertThat(warnings).as("no warning of what the error says").isEmpty();
    }

    @Test
    void oneThatTheRunCannotGoOnFromIsPassedOverAndDeleted() throws IOException {
        write(9, 10, 12);
        Function<TrainingState, String> rounds = state -> state.step() % 3 == 0 ? null : "is inside a round";
        assertThat(store.newest(rounds, warnings::add).orElseThrow().step()).isEqualTo(12);
        Files.delete(file(12, "state.json"));
        assertThat(store.newest(rounds, warnings::add).orElseThrow().step()).isEqualTo(9);
        assertThat(warnings).hasSize(2);
        assertThat(warnings.get(0)).contains("step-00000012 is damaged: ");
        assertThat(warnings.get(1)).endsWith("step-00000010 is inside a round; using the one before it");
        store.deleteAfter(9);
        assertThat(names()).containsExactly("step-00000009");
        assertThatThrownBy(() -> store.newest(state -> "is too old", warnings::add))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("step-00000009 is too old, and none of the 1 here can be used");
    }

    @Test
    void oneOfAnotherRunNamesTheKeyAndBothValues() throws IOException {
        write(5, 10);
        assertThatThrownBy(() ->
                        store(folder, Map.of("seed", "1", "train.shards", "8")).newest(state -> null, warnings::add))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(
                        "step-00000010 is of another run: train.shards is 4 there and 8 here",
                        "resume with the same configuration and data, or choose another --out");
        assertThatThrownBy(() -> store(folder, Map.of("seed", "1")).newest(state -> null, warnings::add))
                .hasMessageContaining("train.shards is 4 there and (absent) here");
        assertThatThrownBy(() -> store(folder, Map.of("seed", "1", "train.shards", "4", "a", "b"))
                        .newest(state -> null, warnings::add))
                .hasMessageContaining("a is (absent) there and b here");
    }

    @Test
    void aStateThatCannotBeReplacedIsAFailureNotALoss() throws IOException {
        write(5);
        Files.createFile(folder.resolve("blocked"));
        CheckpointStore blocked = store(folder.resolve("blocked/checkpoints"), RUN);
        assertThatThrownBy(() -> blocked.write(state(1), IDENTITY)).isInstanceOf(IOException.class);
        assertThat(newest().step()).isEqualTo(5);
    }
}
