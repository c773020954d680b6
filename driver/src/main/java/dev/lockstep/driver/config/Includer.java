package dev.lockstep.driver.config;

import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.function.Function;

/**
 * What HOCON's {@code include} may read: files and the class path, or nothing at all; never a URL, in whatever way it is
 * written.
 *
 * @param files the library's own way to read files
 * @param refusal of what may not be included
 */
record Includer(ConfigIncluder files, boolean takesFiles, Function<String, RuntimeException> refusal)
        implements ConfigIncluder, ConfigIncluderURL, ConfigIncluderFile, ConfigIncluderClasspath {

    static Includer ofFiles(Function<String, RuntimeException> refusal) {
        return new Includer(null, true, refusal);
    }

    static Includer ofNothing(Function<String, RuntimeException> refusal) {
        return new Includer(null, false, refusal);
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
        return new Includer(fallback, takesFiles, refusal);
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
        if (isUrl(what)) {
            throw refusal.apply(what);
        }
        return allowed(what).include(context, what);
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
        throw refusal.apply(what.toString());
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
        return ((ConfigIncluderFile) allowed(what.toString())).includeFile(context, what);
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
        return ((ConfigIncluderClasspath) allowed(what)).includeResources(context, what);
    }

    private ConfigIncluder allowed(String what) {
        if (!takesFiles) {
            throw refusal.apply(what);
        }
        return files;
    }

    /** As the library decides that it would fetch it. */
    private static boolean isUrl(String what) {
        try {
            new URL(what);
            return true;
        } catch (MalformedURLException e) {
            return false;
        }
    }
}
