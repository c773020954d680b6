package dev.lockstep.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.jobs.it.ListeningSockets;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Split;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

/** A local master is this machine's own business: nobody else reaches it, and a gang in it needs no port. */
class LoopbackTest {
    private static final Shape SHAPE = new Shape(1, 3, 3);
    private static final ExampleFormat FORMAT = ExampleFormat.bytes(SHAPE, 3);

    private record Blank(long size) implements Split {
        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            int examples = (int) (to - from);
            return Block.of(FORMAT, from, new int[examples], new byte[examples * SHAPE.size()]);
        }
    }

    /** Told after each step, while the gang runs, where this JVM listens. */
    private static final class Listening implements LoopListener {
        private final Map<String, String> duringTheGang = new HashMap<>();
        private long steps;

        @Override
        public void stepDone(StepReport step) {
            steps++;
            duringTheGang.putAll(ListeningSockets.of(ProcessHandle.current()));
        }
    }

    @Test
    void aLocalMasterListensOnTheLoopbackAlone() {
        Map<String, String> before = ListeningSockets.of(ProcessHandle.current());
        try (JavaSparkContext spark =
                SparkApplication.start(SparkApplication.conf("local[2]", "loopback test", null), () -> false)) {
            Map<String, String> sparks = ListeningSockets.of(ProcessHandle.current());
            Listening gang = new Listening();
            Dataset dataset = new Dataset(ExampleFormat.bytes(SHAPE, 2), new Blank(40), new Blank(0), "blank");
            try (Trainer trainer = new Trainer(spark, RunConfigParser.parse(ConfigFactory.parseString("""
                            network { input = [1, 3, 3], classes = 2, layers = [{ type = output }] }
                            train { iterations = 20, batch-size = 8, shards = 2, exchange = gang }
                            """)), dataset)) {
                trainer.train(trainer.initialState(), gang);
            }
            assertThat(gang.steps).isEqualTo(20);
            assertThat(gang.duringTheGang).isEqualTo(sparks);
            sparks.keySet().removeAll(before.keySet());
            assertThat(sparks).isNotEmpty().allSatisfy((inode, address) -> assertThat(
                            ListeningSockets.isLoopback(address))
                    .as(address)
                    .isTrue());
        }
    }
}
