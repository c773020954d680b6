package dev.lockstep.bench.mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ExampleFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

/** Networks of sequences by their names. */
class SequenceNetworkTest {

    @Test
    void aNameSaysKindWidthAndSteps() {
        assertThat(SequenceNetwork.named("lstm-128x32")).contains(new SequenceNetwork("lstm", 128, 32));
        assertThat(List.of("lenet", "lstm", "rnn-128x32", "gru-0x32", "gru-128x32x2"))
                .allSatisfy(name -> assertThat(SequenceNetwork.named(name)).isEmpty());
    }

    @Test
    void allSequencesAreAsLongAndAsManyAsFillTheSteps() {
        Workload workload = Workload.of("gru-12x5", 2, 2, 12_000, new Configuration());
        ExampleFormat format = workload.format();
        assertThat(workload.dataset().train().size()).isEqualTo(20 * 2 * 64);
        assertThat(workload.plan().stepsPerEpoch()).isEqualTo(20);
        assertThat(workload.shardOfEachStep(1).get(3))
                .hasSize(64)
                .allSatisfy(example -> assertThat(format.steps(example)).isEqualTo(5));
        assertThat(Networks.size(workload.spec()).parameters())
                .isEqualTo(3 * (12 * 12 + 12 * 12 + 2 * 12) + 12 * 10 + 10);
    }

    @Test
    void dl4jHasNoGru() {
        Workload workload = Workload.of("gru-12x5", 1, 1, 12_000, new Configuration());
        assertThatThrownBy(workload::stock)
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("--modes: DL4J has nothing that computes gru of gru-12x5; leave its modes out");
        assertThat(Workload.of("lstm-12x5", 1, 1, 12_000, new Configuration())
                        .stock()
                        .getConfs())
                .hasSize(3);
    }
}
