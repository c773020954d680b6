package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.Hocon;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.config.Substitutions;
import dev.lockstep.driver.config.SweepParser;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.spark.SparkApplication;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which configuration: a file, and values laid over it. */
final class ConfigurationOptions {
    /** The file in a run's folder that says how it was configured. */
    static final String RESOLVED = "config.resolved.conf";

    static final String DEFAULT = "fashion-cnn";

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
     * The configuration with the overrides; of a sweep's file, what its trials share.
     *
     * @param whenNotGiven the base when the user named none; null for the default one
     */
    RunConfig load(Config whenNotGiven) {
        Config base = base(whenNotGiven).withoutPath(SweepParser.SECTION);
        return RunConfigParser.parse(RunConfigParser.override(base, overrides), substitutions(whenNotGiven));
    }

    /** The configuration and its search space, with the overrides of both. */
    Config loadSweep(Config whenNotGiven) {
        return SweepParser.override(base(whenNotGiven), overrides);
    }

    /** What may stand for {@code ${NAME}}: the user's own file may ask for the environment, what a run left may not. */
    Substitutions substitutions(Config whenNotGiven) {
        return conf == null && whenNotGiven != null
                ? Substitutions.NONE
                : Substitutions.of(System.getenv(), SparkApplication.namesOfSecrets());
    }

    private Config base(Config whenNotGiven) {
        return conf == null && whenNotGiven != null ? whenNotGiven : named(conf == null ? DEFAULT : conf);
    }

    /** The words that train with the same configuration, but for what a sweep changes. */
    List<String> words() {
        List<String> words = new ArrayList<>(conf == null ? List.of() : List.of("--conf", conf));
        overrides.stream()
                .filter(argument -> !SweepParser.isSwept(argument) && !argument.startsWith(SweepParser.SECTION + "."))
                .forEach(words::add);
        return words;
    }

    /**
     * The configuration that a run left in its folder.
     *
     * @return null when there is none
     * @throws ModelException when it is damaged
     */
    static Config resolved(RunFolder folder) throws IOException {
        return stored(folder, RESOLVED);
    }

    /**
     * A configuration that was left in a folder.
     *
     * @return null when there is none
     * @throws ModelException when it is damaged
     */
    static Config stored(RunFolder folder, String file) throws IOException {
        byte[] bytes = folder.read(file);
        if (bytes == null) {
            return null;
        }
        return Hocon.stored(
                new String(bytes, StandardCharsets.UTF_8), folder.path(file).toString());
    }

    static Config named(String name) {
        File file = new File(name);
        String resource = "conf/" + name + (name.endsWith(".conf") ? "" : ".conf");
        ClassLoader ours = ConfigurationOptions.class.getClassLoader();
        if (!file.isFile() && ours.getResource(resource) == null) {
            throw new ConfigurationException(
                    "--conf " + name + ": no such file, and no configuration of that name comes with Lockstep");
        }
        try {
            return file.isFile() ? Hocon.file(file) : Hocon.resource(ours, resource);
        } catch (ConfigurationException e) {
            throw new ConfigurationException("--conf " + name + ": " + e.getMessage(), e);
        }
    }
}
