package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.File;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which configuration: a file, and values laid over it. */
final class ConfigurationOptions {
    private static final String DEFAULT = "fashion-cnn";

    @Option(
            names = "--conf",
            paramLabel = "FILE",
            description =
                    "A HOCON file, or the name of one that comes with Lockstep, such as lenet (default: fashion-cnn).")
    private String conf;

    @Parameters(paramLabel = "key=value", arity = "0..*", description = "Values laid over the configuration.")
    private List<String> overrides = List.of();

    /** Whether the user named a configuration. */
    boolean isGiven() {
        return conf != null;
    }

    /**
     * The configuration with the overrides.
     *
     * @param whenNotGiven the base when the user named none; null for the default one
     */
    RunConfig load(Config whenNotGiven) {
        Config base = conf == null && whenNotGiven != null ? whenNotGiven : named(conf == null ? DEFAULT : conf);
        return RunConfigParser.parse(RunConfigParser.override(base, overrides));
    }

    private static Config named(String name) {
        try {
            File file = new File(name);
            if (file.isFile()) {
                return ConfigFactory.parseFile(file);
            }
            String resource = "conf/" + name + (name.endsWith(".conf") ? "" : ".conf");
            ConfigParseOptions strict = ConfigParseOptions.defaults().setAllowMissing(false);
            return ConfigFactory.parseResources(ConfigurationOptions.class.getClassLoader(), resource, strict);
        } catch (ConfigException.IO e) {
            throw new ConfigurationException(
                    "--conf " + name + ": no such file, and no configuration of that name comes with Lockstep");
        } catch (ConfigException e) {
            throw new ConfigurationException("--conf " + name + ": " + e.getMessage());
        }
    }
}
