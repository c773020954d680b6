package dev.lockstep.driver.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.ModelException;
import java.io.File;
import java.util.List;
import java.util.function.Supplier;

/**
 * HOCON as text: what a user wrote, which may include other files, and what a run left in its folder, which may be a
 * stranger's and includes nothing. Nothing is ever fetched from a network.
 */
public final class Hocon {
    /** More levels than any configuration has, and far fewer than a thread's stack holds. */
    private static final int DEEPEST = 100;

    private Hocon() {}

    /**
     * A file of the user's, with the files that it includes.
     *
     * @throws ConfigurationException when it, or one that it includes, is missing or no HOCON, or when it includes a URL
     */
    public static Config file(File file) {
        return checked(file.toString(), () -> ConfigFactory.parseFile(file, ofUser(file.toString())));
    }

    /** What a user's program wrote, as {@link #file}. */
    public static Config inline(String place, String hocon) {
        return checked(place, () -> ConfigFactory.parseString(hocon, ofUser(place)));
    }

    /** A file on the class path, as {@link #file}. */
    public static Config resource(ClassLoader loader, String name) {
        return checked(name, () -> ConfigFactory.parseResources(loader, name, ofUser(name)));
    }

    /**
     * A configuration that was left in a folder. What it takes from elsewhere, {@code ${NAME}}, stays as it is written.
     *
     * @param place what to call it in messages
     * @throws ModelException when it is damaged, or includes anything
     */
    public static Config stored(String text, String place) {
        ConfigParseOptions options = ConfigParseOptions.defaults()
                .setOriginDescription(place)
                .setIncluder(Includer.ofNothing(what -> new ModelException(place + ": includes " + Excerpt.of(what)
                        + ", but what a run leaves behind includes nothing; it is not read")));
        try {
            return checked(place, () -> ConfigFactory.parseString(text, options));
        } catch (ConfigurationException e) {
            throw new ModelException(place + " is damaged (" + e.getMessage() + "); name the --conf it was instead", e);
        }
    }

    /** The text of a configuration, to be read again. */
    public static String text(Config config) {
        return config.root()
                .render(ConfigRenderOptions.defaults().setOriginComments(false).setJson(false));
    }

    /**
     * Does some work of the library, which goes as deep as the HOCON does.
     *
     * @throws ConfigurationException when the library refuses it, or it is nested too deeply
     */
    static Config checked(String place, Supplier<Config> work) {
        try {
            Config config = work.get();
            checkDepth(place, config.root(), DEEPEST);
            return config;
        } catch (ConfigException e) {
            throw new ConfigurationException(Excerpt.line(e.getMessage()), e);
        } catch (StackOverflowError e) {
            throw tooDeep(place);
        }
    }

    private static ConfigParseOptions ofUser(String place) {
        return ConfigParseOptions.defaults()
                .setAllowMissing(false)
                .setIncluder(Includer.ofFiles(url -> new ConfigurationException(place + ": includes " + Excerpt.of(url)
                        + ", but nothing is fetched from a network; save it as a file and include that")));
    }

    private static void checkDepth(String place, ConfigValue value, int left) {
        if (left == 0) {
            throw tooDeep(place);
        }
        for (ConfigValue child : children(value)) {
            checkDepth(place, child, left - 1);
        }
    }

    private static Iterable<ConfigValue> children(ConfigValue value) {
        try {
            return value instanceof ConfigObject object
                    ? object.values()
                    : value instanceof ConfigList list ? list : List.of();
        } catch (ConfigException.NotResolved e) {
            return List.of(); // seen when it is resolved
        }
    }

    private static ConfigurationException tooDeep(String place) {
        return new ConfigurationException(place + ": is nested more than " + DEEPEST + " levels deep");
    }
}
