package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValueFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.File;
import java.util.List;

/** A configuration that a program gives: HOCON, and values that are laid over it or, where it says nothing, under it. */
public record GivenConfig(Config config) {

    /**
     * @param textOrName HOCON, or where it is one word of a line the name of a file, or of a configuration that comes with
     *     Lockstep; null for nothing
     * @throws ConfigurationException when there is no such file, or it is no HOCON
     */
    public static GivenConfig of(String textOrName) {
        if (textOrName == null || textOrName.isBlank()) {
            return new GivenConfig(ConfigFactory.empty());
        }
        boolean text = textOrName.matches("(?s).*[\\n={}].*");
        return new GivenConfig(text ? Hocon.inline("conf", textOrName) : named(textOrName.strip()));
    }

    private static Config named(String name) {
        File file = new File(name);
        String resource = "conf/" + name + (name.endsWith(".conf") ? "" : ".conf");
        ClassLoader ours = GivenConfig.class.getClassLoader();
        if (file.isFile()) {
            return Hocon.file(file);
        }
        if (ours.getResource(resource) == null) {
            throw new ConfigurationException(
                    "conf: '" + name + "' is no file, no HOCON, and no configuration of that name comes with Lockstep");
        }
        return Hocon.resource(ours, resource);
    }

    /** Whether it says something of a key. */
    public boolean has(String key) {
        return peeked().hasPathOrNull(key);
    }

    /** What it says of a key that lists something; empty when that is no list. */
    public List<String> texts(String key) {
        return peeked().getValue(key) instanceof ConfigList list
                ? list.unwrapped().stream().map(String::valueOf).toList()
                : List.of();
    }

    /** To look into: with what stands in other places, as far as it is there. */
    private Config peeked() {
        return config.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
    }

    /** The same with another value: a number, a text, a truth or a list of them; null changes nothing. */
    public GivenConfig over(String key, Object value) {
        return value == null ? this : new GivenConfig(config.withValue(key, ConfigValueFactory.fromAnyRef(value)));
    }

    /** The same with a value where it says nothing; null changes nothing. */
    public GivenConfig under(String key, Object value) {
        return has(key) ? this : over(key, value);
    }

    /** The same with HOCON where it says nothing of a key. */
    public GivenConfig underText(String key, String hocon) {
        return has(key) ? this : new GivenConfig(config.withFallback(ConfigFactory.parseString(key + " = " + hocon)));
    }

    /** The same without a key. */
    public GivenConfig without(String key) {
        return new GivenConfig(config.withoutPath(key));
    }

    /** @throws ConfigurationException that names every problem found, one a line */
    public RunConfig parse(Substitutions substitutions) {
        return RunConfigParser.parse(config, substitutions);
    }

    /** What it says of the data alone. */
    public RunConfig.Data data() {
        return RunConfigParser.testData(config, null);
    }
}
