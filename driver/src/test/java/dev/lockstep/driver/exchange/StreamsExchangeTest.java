package dev.lockstep.driver.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.loop.LoopListener;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.LocalSpark;
import dev.lockstep.driver.state.TrainingState;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Truncated back-propagation through time over several tasks: the states go where their shards are computed. */
class StreamsExchangeTest {
    private static JavaSparkContext spark;

    @BeforeAll
    static void start() {
        spark = LocalSpark.start(3);
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    private static RunConfig config(String... settings) {
        return RunConfigParser.parse(ConfigFactory.parseString("""
                data { format = generated, sampling = streams, generated { rule = reverse, steps = 5, train = 62, test = 5 } }
                network { input = [time, 1], classes = 10, layers = [
                  { type = embedding, vocabulary = 10, units = 4 }, { type = lstm, units = 4, recurrent-dropout = 0.2 }, { type = dropout }
                  { type = gru, units = 3, recurrent-dropout = 0.4 }, { type = output }] }
                train { epochs = 3, batch-size = 6, shards = 4, evaluate-every = 3 epochs, checkpoint-every = 4 steps }
                """ + String.join("\n", settings)));
    }

    private static TrainingState train(List<TrainingState> checkpoints, TrainingState from, String... settings) {
        RunConfig config = config(settings);
        Dataset dataset = Dataset.open(
                config.data(), config.network().input(), config.network().target(), new Configuration());
        try (Trainer trainer = new Trainer(spark, config, dataset)) {
            return trainer.train(from == null ? trainer.initialState() : from, new LoopListener() {
                @Override
                public void checkpoint(TrainingState state) {
                    checkpoints.add(state);
                }
            });
        }
    }

    @Test
    void whoeverComputesThemTheStatesAreTheSame() {
        List<TrainingState> checkpoints = new ArrayList<>();
        TrainingState expected = train(checkpoints, null, "train.exchange = local");
        assertThat(expected.step())
                .as("batches of 6 of 62, the last two left out")
                .isEqualTo(30);
        int carried = config().network().carriedValues();
        assertThat(carried).isEqualTo(6 * (2 * 4 + 3));
        for (String settings : List.of("gang", "job", "gang, audit = 1", "gang, tasks = 2")) {
            TrainingState actual = train(new ArrayList<>(), null, "train { exchange = " + settings + " }");
            assertThat(actual.parametersSha256()).as(settings).isEqualTo(expected.parametersSha256());
            assertThat(actual.optimizerSha256()).as(settings).isEqualTo(expected.optimizerSha256());
        }
        TrainingState inside = checkpoints.get(0);
        assertThat(inside.step()).as("in the midst of an epoch").isEqualTo(4);
        assertThat(inside.optimizer()[inside.optimizer().length - 1]).isNotZero();
        TrainingState resumed = train(new ArrayList<>(), inside, "train.exchange = gang");
        assertThat(resumed.parametersSha256()).isEqualTo(expected.parametersSha256());
        TrainingState apart = train(new ArrayList<>(), null, "data.sampling = epoch");
        assertThat(apart.parametersSha256()).isNotEqualTo(expected.parametersSha256());
    }

    @Test
    void whatCannotGoOnIsRefused() {
        assertThatThrownBy(() -> config(
                        "network.layers = [{ type = embedding, vocabulary = 10, units = 4 }, { type = output }]"))
                .hasMessageContaining("data.sampling: is streams, but no layer carries a state");
        assertThatThrownBy(() -> config("train.sync-every = 2")).hasMessageContaining("train.sync-every: is above 1");
        assertThatThrownBy(() -> config("data.validation-fraction = 0.2"))
                .hasMessageContaining("tear examples out of their order");
    }
}
