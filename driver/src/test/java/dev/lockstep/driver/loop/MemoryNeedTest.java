package dev.lockstep.driver.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.loop.MemoryNeed.Memory;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.NetworkSize;
import org.junit.jupiter.api.Test;

class MemoryNeedTest {
    private static final long MB = 1 << 20;
    /** Of Adam: 4 MB of parameters, 8 MB of state. */
    private static final NetworkSize SIZE = new NetworkSize(MB, 2 * MB);

    private static RunConfig config(String text) {
        return RunConfigParser.parse(ConfigFactory.parseString(text));
    }

    @Test
    void countsWhatEachTaskHolds() {
        assertThat(new MemoryNeed(SIZE, 2).heap()).isEqualTo((4 + 8 + 2 * 4) * MB);
        assertThat(new MemoryNeed(SIZE, 2).outsideHeap()).isEqualTo((2 * (4 + 4) + 8) * MB);
        assertThat(new MemoryNeed(SIZE, 0).heap()).isEqualTo((4 + 8) * MB);
        assertThat(new MemoryNeed(SIZE, 0).outsideHeap()).isEqualTo(4 * MB);
    }

    @Test
    void whatFitsExactlyIsTaken() {
        MemoryNeed need = new MemoryNeed(SIZE, 2);
        assertThatCode(() -> need.check(new Memory(20 * MB, 44 * MB))).doesNotThrowAnyException();
        assertThatThrownBy(() -> need.check(new Memory(20 * MB - 1, 44 * MB)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "network.layers: 1,048,576 parameters and 2,097,152 values of optimizer state in 2 tasks need at"
                                + " least 20 MB of Java's memory, there are 20; give it more (-Xmx, spark.driver.memory), make"
                                + " the network smaller, or train.tasks");
        assertThatThrownBy(() -> need.check(new Memory(20 * MB, 43 * MB)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("need at least 44 MB of memory, 24 of them outside Java's, there are 43;");
    }

    @Test
    void whatNoArrayHoldsIsRefused() {
        long most = Integer.MAX_VALUE - 8;
        assertThatCode(() -> new MemoryNeed(new NetworkSize(most, most), 1).checkArrays(false))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new MemoryNeed(new NetworkSize(most / 2 + 1, most + 1), 1).checkArrays(false))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "network.layers: 1,073,741,820 parameters and 2,147,483,640 values of optimizer state; at most"
                                + " 2,147,483,639 of each go into one array of Java; make the network smaller");
        assertThatThrownBy(() -> new MemoryNeed(new NetworkSize(most / 2, most / 2 + 2), 1).checkArrays(true))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("of both together (train.sync-every)");
    }

    /** 10^10 parameters: found to be too many without being allocated, as all of them would end the process. */
    @Test
    void aNetworkFarTooLargeIsRefusedByItsSizeAlone() {
        RunConfig config = config(
                "network.layers = [{ type = dense, units = 100000 }, { type = dense, units = 100000 }, { type = output }]");
        assertThatThrownBy(() -> MemoryNeed.check(config, "local[2]"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(
                        "10,079,600,010 parameters and 20,159,200,020 values of optimizer state; at most");
        assertThatThrownBy(() -> MemoryNeed.check(
                        config("network.layers = [{ type = dense, units = 2147483647 }, { type = dense, units ="
                                + " 2147483647 }, { type = dense, units = 2147483647 }, { type = output }]"),
                        "local[2]"))
                .isInstanceOf(ConfigurationException.class);
    }

    @Test
    void examplesThatAreComputedTogetherGoIntoOneArray() {
        RunConfig config =
                config("network { input = [3, 2000, 1500], layers = [{ type = global-average-pool }, { type ="
                        + " output }] }, train { batch-size = 128, shards = 8 }");
        assertThatThrownBy(() -> MemoryNeed.check(config, "local[2]"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("network.input: 250 examples of 3x2000x1500");
    }
}
