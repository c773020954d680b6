package dev.lockstep.driver.run;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.DefaultConfiguration;

/** What the terminal shows of logs under spark-submit: as the launcher has it, where nobody configured logging. */
public final class ConsoleLog {
    /** Ours, beside the configurations that come with Lockstep. */
    private static final String OURS = "conf/log4j2.properties";
    /** What Spark takes when nobody configured logging: its INFO on the terminal, where it buries the progress line. */
    private static final String SPARKS_DEFAULT = "log4j2-defaults.properties";

    private ConsoleLog() {}

    /** To be called before Spark logs anything. */
    public static void quietUnlessConfigured() {
        URL ours = ConsoleLog.class.getClassLoader().getResource(OURS);
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        if (ours != null && !isConfigured(context.getConfiguration())) {
            try {
                context.setConfigLocation(ours.toURI());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static boolean isConfigured(Configuration configuration) {
        URI from = configuration.getConfigurationSource().getURI();
        return !(configuration instanceof DefaultConfiguration)
                && (from == null || !from.toString().endsWith(SPARKS_DEFAULT));
    }
}
