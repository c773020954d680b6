package dev.lockstep.bench.mode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.ConfigurationException;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class PeerModeTest {
    private final Workload workload = Workload.of("mlp", 2, 2, 256, new Configuration());

    @Test
    void takesTheSpeedThatTheProgramTells() {
        String answer = "{\"peer\":\"{network}\",\"exchange\":\"ddp\",\"examples_per_second\":{tasks}00.5}";
        try (PeerMode peer = new PeerMode(workload, "echo " + answer)) {
            TimedSteps window = peer.run(10);

            assertThat(window.steps()).isEqualTo(10);
            assertThat(window.seconds()).isEqualTo(10 * 128 / 200.5);
            assertThat(window.exchangeSeconds()).isNaN();
            assertThat(peer.name()).isEqualTo("mlp");
            assertThat(peer.exchange()).isEqualTo("ddp");
        }
    }

    @Test
    void everyTaskHasAsManyExamples() {
        Workload uneven = Workload.of("mlp", 3, 4, 256, new Configuration());
        assertThatThrownBy(() -> new PeerMode(uneven, "echo {batch}"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("--peer: 256 examples a step are not as many for each of 3 tasks; give --shards a multiple"
                        + " of them");
    }

    @Test
    void refusesAnAnswerWithoutASpeed() {
        try (PeerMode peer = new PeerMode(workload, "echo fast")) {
            assertThatThrownBy(() -> peer.run(1))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("--peer: echo fast ended with 0; expected 0 and a last line of JSON");
        }
        try (PeerMode peer = new PeerMode(workload, "false")) {
            assertThatThrownBy(() -> peer.run(1))
                    .hasMessageContaining("ended with 1")
                    .hasMessageContaining("no output");
        }
    }
}
