package dev.lockstep.driver.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.LocalSpark;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.Split;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

/** What a job gives the driver is one model, however many tasks there are; and that is known before the work is done. */
class MaxResultSizeTest {
    private static final Shape SHAPE = new Shape(1, 5, 5);
    private static final ExampleFormat FORMAT = ExampleFormat.bytes(SHAPE, 3);
    private static final int PARAMETERS = 25 * 2000 + 2000 + 2000 * 3 + 3; // 232 KB; three tasks' sums are 696 KB

    private record Blank(long size) implements Split {
        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            int examples = (int) (to - from);
            byte[] values = new byte[examples * SHAPE.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (byte) (31 * (from + i));
            }
            return Block.of(FORMAT, from, new int[examples], values);
        }
    }

    private static final LoopListener NOBODY = new LoopListener() {};

    @Test
    void isUnlimitedUnlessTheUserLimitsIt() {
        assertThat(SparkApplication.conf("local[1]", "limits", null).get("spark.driver.maxResultSize"))
                .isEqualTo("0");
    }

    @Test
    void aJobSendsTheDriverOneModelHoweverManyTasksItHas() {
        try (JavaSparkContext spark = spark("500k")) {
            TrainingState expected = train(spark, "local");
            assertThat(expected.parameters()).hasSize(PARAMETERS);
            for (String exchange : new String[] {"job", "gang"}) {
                assertThat(train(spark, exchange).parametersSha256())
                        .as(exchange)
                        .isEqualTo(expected.parametersSha256());
            }
        }
    }

    @Test
    void aLimitBelowTheModelIsRefusedBeforeAnythingIsTrained() {
        try (JavaSparkContext spark = spark("200k")) {
            for (String exchange : new String[] {"job", "gang", "local"}) {
                assertThatThrownBy(() -> train(spark, exchange))
                        .as(exchange)
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessage("spark.driver.maxResultSize: is 200k, but a model of this size gives back "
                                + 4 * PARAMETERS + " bytes at once; set it to 0, or above "
                                + (4 * PARAMETERS + 65_536));
            }
        }
    }

    private static JavaSparkContext spark(String limit) {
        return new JavaSparkContext(LocalSpark.conf(3).set("spark.driver.maxResultSize", limit));
    }

    private static TrainingState train(JavaSparkContext spark, String exchange) {
        Dataset dataset = new Dataset(ExampleFormat.bytes(SHAPE, 3), new Blank(60), new Blank(0), "blank");
        try (Trainer trainer = new Trainer(
                spark,
                RunConfigParser.parse(ConfigFactory.parseString("""
                        network { input = [1, 5, 5], classes = 3, layers = [
                          { type = dense, units = 2000, activation = relu }, { type = output }] }
                        optimizer { name = sgd }
                        train { iterations = 3, batch-size = 20, shards = 3 }
                        """ + "train.exchange = " + exchange)),
                dataset)) {
            return trainer.train(trainer.initialState(), NOBODY);
        }
    }
}
