package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.ConfigurationFactory;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.message.SimpleMessage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ConsoleLogTest {
    private static LoggerContext context;
    private static Configuration ours;

    @BeforeAll
    static void start() {
        context = new LoggerContext("console log test");
        ours = read(Path.of("..", "conf", "log4j2.properties").toUri());
        ours.initialize();
    }

    @AfterAll
    static void stop() {
        context.stop();
    }

    private static Configuration read(URI location) {
        return ConfigurationFactory.getInstance().getConfiguration(context, "test", location);
    }

    private static String line(String message, Throwable thrown) {
        Log4jLogEvent event = Log4jLogEvent.newBuilder()
                .setLoggerName("org.apache.spark.executor.Executor")
                .setLevel(Level.ERROR)
                .setMessage(new SimpleMessage(message))
                .setThrown(thrown)
                .build();
        return ours.getAppender("console").getLayout().toSerializable(event).toString();
    }

    @Test
    void anEventIsALine() {
        String end = System.lineSeparator();
        assertThat(line("as it is", null)).isEqualTo("ERROR: as it is" + end);
        assertThat(line("Exception in task 0.0", new IllegalStateException("no\nyes: 3 $1 \\d")))
                .isEqualTo("ERROR: Exception in task 0.0: no yes: 3 $1 \\d" + end);
        assertThat(line("Lost task\n  at X.y\r\n  at Z\n", null))
                .startsWith("ERROR: Lost task at X.y at Z")
                .hasLineCount(1);
        assertThat(line("without a message", new NullPointerException()))
                .hasLineCount(1)
                .endsWith(end);
    }

    @Test
    void whatNobodyConfiguredIsKnown() {
        URL sparks = getClass().getClassLoader().getResource("org/apache/spark/log4j2-defaults.properties");
        assertThat(ConsoleLog.isConfigured(ours)).isTrue();
        assertThat(ConsoleLog.isConfigured(new DefaultConfiguration())).isFalse();
        assertThat(ConsoleLog.isConfigured(read(URI.create(sparks.toString())))).isFalse();
    }
}
