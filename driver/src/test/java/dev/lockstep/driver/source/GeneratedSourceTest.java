package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class GeneratedSourceTest {

    /** Checkpoints hold it: those written before examples could have weights still go on. */
    @Test
    void theFingerprintIsThatOfTheFirstCheckpoints() {
        RunConfig config = RunConfigParser.parse(ConfigFactory.parseString("""
                data { format = generated, generated { rule = images, train = 20, test = 10 } }
                network { input = [1, 2, 3], classes = 4, layers = [{ type = output }] }"""));
        Dataset dataset = Dataset.open(
                config.data(), config.network().input(), config.network().target(), new Configuration());
        String text = "Generated[rule=IMAGES, train=20, test=10, from=0.0, to=1.0, steps=10, seed=1] of"
                + " ExampleFormat[element=BYTE, features=1x2x3, target=Target[kind=CLASS, values=4]] 20 10";
        assertThat(dataset.fingerprint())
                .isEqualTo(HexFormat.of().formatHex(IdxSource.sha256().digest(text.getBytes(StandardCharsets.UTF_8))));
    }
}
