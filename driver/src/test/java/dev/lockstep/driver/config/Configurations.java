package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import org.assertj.core.api.AbstractThrowableAssert;

/** Short ways to write a configuration in a test. */
final class Configurations {
    /** The smallest network that there is. */
    private static final String NETWORK = "network.layers = [{ type = output }]\n";

    private Configurations() {}

    /** A configuration with a network of its own. */
    static RunConfig whole(String hocon) {
        return RunConfigParser.parse(ConfigFactory.parseString(hocon));
    }

    /** A configuration of these lines and the smallest network. */
    static RunConfig of(String... lines) {
        return whole(NETWORK + String.join("\n", lines));
    }

    static RunConfig layers(String input, String... layers) {
        return whole("network { input = " + input + ", layers = [\n" + String.join("\n", layers) + "\n] }");
    }

    static AbstractThrowableAssert<?, ?> assertRefused(String... lines) {
        return assertThatThrownBy(() -> of(lines)).isInstanceOf(ConfigurationException.class);
    }

    static AbstractThrowableAssert<?, ?> assertLayersRefused(String input, String... layers) {
        return assertThatThrownBy(() -> layers(input, layers)).isInstanceOf(ConfigurationException.class);
    }
}
