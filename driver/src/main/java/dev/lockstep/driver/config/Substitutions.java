package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What stands in the place of {@code ${NAME}} in a configuration. Where NAME is a secret of the environment, its value
 * is for the run alone: whatever is written down says {@code ${NAME}}.
 */
public final class Substitutions {
    /** For what a run left behind: nothing. A stranger's would be told the environment, or double a text forty times. */
    public static final Substitutions NONE = new Substitutions(null, null);

    /** Values of the same configuration. */
    public static final Substitutions WITHIN = new Substitutions(Map.of(), Pattern.compile("(?!)"));

    private static final Pattern NAME = Pattern.compile("\\w+");

    /** Around the name of a secret, in the place of its value, until it is written: no keyboard has them. */
    private static final String OPEN = "\uE000";

    private static final String CLOSE = "\uE001";
    private static final Pattern MARK = Pattern.compile(OPEN + "(\\w+)" + CLOSE);
    /** What is left of a text where a secret is at its end; quotes inside of texts are escaped. */
    private static final Pattern EMPTY = Pattern.compile("(?<!\\\\)\"\"(?=\\$\\{)|(?<=\\})\"\"");

    private final Map<String, String> environment;
    private final Pattern secret;

    private Substitutions(Map<String, String> environment, Pattern secret) {
        this.environment = environment;
        this.secret = secret;
    }

    /**
     * For what the user wrote: values of the same configuration, else of the environment.
     *
     * @param secret found in the names of variables that are secrets
     */
    public static Substitutions of(Map<String, String> environment, Pattern secret) {
        return new Substitutions(environment, secret);
    }

    /**
     * A configuration as it is to be written down: with every substitution made but those of secrets.
     *
     * @throws ConfigurationException when there is nothing to put somewhere
     */
    public Config written(Config config) {
        return unmasked(masked(config));
    }

    /** The configuration with all values in their places. */
    Config resolved(Config config) {
        return substituted(config, name -> environment.get(name));
    }

    /** The same, but for a mark in the place of each secret. */
    Config masked(Config config) {
        return substituted(
                config,
                name -> secret.matcher(name).find() && environment.containsKey(name)
                        ? OPEN + name + CLOSE
                        : environment.get(name));
    }

    private Config substituted(Config config, UnaryOperator<String> variables) {
        if (environment == null) {
            return complete(config);
        }
        return Hocon.checked(
                "the configuration",
                () -> config.resolve(ConfigResolveOptions.noSystem().appendResolver(new Variables(variables))));
    }

    /** Puts {@code ${NAME}} for the mark of each secret, in HOCON's words: {@code "text"${NAME}"text"}. */
    Config unmasked(Config masked) {
        String text = hasSecrets() ? Hocon.text(masked) : "";
        return text.contains(OPEN)
                ? Hocon.checked(
                        "the configuration",
                        () -> ConfigFactory.parseString(
                                EMPTY.matcher(MARK.matcher(text).replaceAll("\"\\${$1}\""))
                                        .replaceAll("")))
                : masked;
    }

    private boolean hasSecrets() {
        return environment != null
                && environment.keySet().stream()
                        .anyMatch(name -> secret.matcher(name).find());
    }

    private static Config complete(Config config) {
        List<String> missing = new ArrayList<>();
        collect("", config.root(), missing);
        if (!missing.isEmpty()) {
            throw new ConfigurationException(
                    "not stored with the run, so give it again: " + String.join(", ", missing));
        }
        return config;
    }

    private static void collect(String key, ConfigValue value, List<String> missing) {
        try {
            if (value instanceof ConfigObject object) {
                object.forEach((name, child) -> collect(key.isEmpty() ? name : key + "." + name, child, missing));
            } else if (value instanceof ConfigList list) {
                for (int i = 0; i < list.size(); i++) {
                    collect(key + "[" + i + "]", list.get(i), missing);
                }
            } else {
                value.valueType();
            }
        } catch (ConfigException.NotResolved e) {
            missing.add(key + " = " + Excerpt.of(value.render()) + " ("
                    + value.origin().description() + ")");
        }
    }

    private record Variables(UnaryOperator<String> values) implements ConfigResolver {
        @Override
        public ConfigValue lookup(String path) {
            String value = NAME.matcher(path).matches() ? values.apply(path) : null;
            return value == null ? null : ConfigValueFactory.fromAnyRef(value, "the environment's " + path);
        }

        @Override
        public ConfigResolver withFallback(ConfigResolver fallback) {
            return this;
        }
    }
}
