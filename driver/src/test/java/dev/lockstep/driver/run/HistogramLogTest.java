package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network of one layer with weights, looked into every 4 steps. */
class HistogramLogTest {
    private static final String BEFORE = """
            {"schema":1,"step":0,"layer":"0","what":"weights","low":-1,"high":1,"counts":[1,1]}
            {"schema":1,"step":4,"layer":"0","what":"weights","low":-2.50,"high":1,"counts":[1,1]}
            """;

    private final NetworkSpec network = RunConfigParser.parse(
                    ConfigFactory.parseString("network { input = [2], classes = 2, layers = [{ type = output }] }"))
            .network();
    private final ExampleFormat format = ExampleFormat.bytes(network.input(), 2);

    @TempDir
    private Path directory;

    private RunFolder folder;

    @BeforeEach
    void open() {
        folder = RunFolder.at(directory.toString(), new Configuration(false));
    }

    private HistogramLog log(long fromStep) throws IOException {
        ExampleSet examples = new ExampleSet() {
            @Override
            public long size() {
                return 3;
            }

            @Override
            public ExampleFormat format() {
                return format;
            }

            @Override
            public List<byte[]> firstPacked(long count) {
                return Collections.nCopies((int) count, format.pack(1, new byte[] {1, 2}, 0));
            }

            @Override
            public List<Block> first(long count) {
                throw new UnsupportedOperationException();
            }

            @Override
            public JavaRDD<Block> blocks(JavaSparkContext spark, int tasks) {
                throw new UnsupportedOperationException();
            }
        };
        return new HistogramLog(network.of(format), examples, folder, new Every(4, Every.Unit.STEPS), 10, fromStep);
    }

    private TrainingState state(long step) {
        return new TrainingState(step, Networks.initialParameters(network, 1), new float[0]);
    }

    private List<String> written() throws IOException {
        List<String> written = new ArrayList<>();
        HistogramLine.read(folder, line -> written.add(line.step() + " " + line.what()));
        return written;
    }

    @Test
    void theStateThatTrainingBeginsWithIsLookedAt() throws IOException {
        try (HistogramLog log = log(0)) {
            log.begin(state(0));
            log.rests(state(3), 0, false);
        }
        assertThat(written()).containsExactly("0 weights", "0 activations", "0 gradients");
    }

    /** A run that is killed and resumed twice looks as often as one that is not. */
    @Test
    void aResumedRunGoesOnWhereItWas() throws IOException {
        String gone = BEFORE.replaceAll("(?m)^.*\"step\":0.*\\n", "").replace("\"step\":4", "\"step\":8");
        Files.writeString(directory.resolve(HistogramLine.FILE), BEFORE + gone);
        try (HistogramLog log = log(4)) {
            log.begin(state(4));
            log.rests(state(7), 4, false);
            assertThat(written()).as("step 8 will be done again").containsExactly("0 weights", "4 weights");
            log.checkpoint(state(8));
            assertThat(written()).as("with the checkpoint").hasSize(5);
        }
        try (HistogramLog log = log(8)) {
            log.begin(state(8));
            log.checkpoint(state(8));
            log.rests(state(10), 8, true);
        }
        assertThat(written())
                .containsExactly(
                        "0 weights",
                        "4 weights",
                        "8 weights",
                        "8 activations",
                        "8 gradients",
                        "10 weights",
                        "10 activations",
                        "10 gradients");
        assertThat(Files.readString(directory.resolve(HistogramLine.FILE)))
                .as("what is kept is kept to the byte")
                .startsWith(BEFORE);
    }
}
