package dev.lockstep.driver.exchange;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.LocalSpark;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Split;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class DivergingGangTest {
    private static final ExampleFormat FORMAT = ExampleFormat.floats(Shape.vector(2), 1);

    /** One example in twelve is infinite. */
    private record OneInfinite(long size) implements Split {
        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            List<byte[]> examples = new ArrayList<>();
            for (long number = from; number < to; number++) {
                float value = number % 12 == 7 ? Float.POSITIVE_INFINITY : number;
                examples.add(FORMAT.pack(new float[] {value, 1}, new float[] {1}));
            }
            return Block.of(from, examples);
        }
    }

    /** By another seed it is in another task's shard; whoever computed it says where no number came out first. */
    @Test
    void whicheverTaskComputedItNamesTheLayer() {
        try (JavaSparkContext spark = LocalSpark.start(3)) {
            Dataset dataset = new Dataset(FORMAT, new OneInfinite(12), new OneInfinite(0), "one infinite");
            for (int seed = 1; seed <= 6; seed++) {
                try (Trainer trainer =
                        new Trainer(spark, RunConfigParser.parse(ConfigFactory.parseString("""
                        network { input = [2], targets = 1, layers = [{ type = dense, units = 3 }, { type = output }] }
                        data { format = generated, generated { rule = linear, train = 12, test = 0 } }
                        train { objective = regression, epochs = 1, batch-size = 12, shards = 3, exchange = gang }
                        seed = """ + seed)), dataset)) {
                    assertThatThrownBy(() -> trainer.train(trainer.initialState(), new LoopListener() {}))
                            .isInstanceOf(DivergenceException.class)
                            .hasMessageContaining("; the first that says no number is the layer '0' (dense);");
                }
            }
        }
    }
}
