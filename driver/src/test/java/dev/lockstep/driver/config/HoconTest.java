package dev.lockstep.driver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HoconTest {
    @TempDir
    private Path folder;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aUsersFileIncludesFiles() throws IOException {
        write("base.conf", "seed = 3, name = base");
        write("other.conf", "train.epochs = 2");
        Path file = write(
                "a.conf",
                "include \"base.conf\"\ninclude file(\"" + folder + "/other.conf\")\ninclude \"optional.conf\"\n"
                        + "include classpath(\"conf/none.conf\")\nname = own");
        assertThat(Hocon.file(file.toFile()).root().unwrapped())
                .isEqualTo(java.util.Map.of("seed", 3, "name", "own", "train", java.util.Map.of("epochs", 2)));
    }

    @Test
    void nothingIsFetched() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://localhost:" + server.getAddress().getPort() + "/x.conf";
            for (String form : List.of("\"%s\"", "url(\"%s\")", "required(\"%s\")", "required(url(\"%s\"))")) {
                String text = "a { include " + form.formatted(url) + " }";
                assertThatThrownBy(() -> Hocon.file(write("a.conf", text).toFile()))
                        .isInstanceOf(ConfigurationException.class)
                        .hasMessageContainingAll("a.conf: includes " + url, "nothing is fetched from a network");
                assertThatThrownBy(() -> Hocon.stored(text, "run/c.conf"))
                        .isInstanceOf(ModelException.class)
                        .hasMessageContaining("run/c.conf: includes " + url);
            }
            write("inner.conf", "include url(\"" + url + "\")");
            assertThatThrownBy(() ->
                            Hocon.file(write("a.conf", "include \"inner.conf\"").toFile()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("includes " + url);
            assertThat(asked).hasValue(0);
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"/etc/hostname\"", "file(\"/etc/hostname\")", "classpath(\"conf/lenet.conf\")", "\"x.conf\""})
    void whatARunLeftIncludesNothing(String what) {
        assertThatThrownBy(() -> Hocon.stored("include " + what, "run/c.conf"))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("run/c.conf: includes ", "what a run leaves behind includes nothing");
    }

    @Test
    void anIncludedFileThatMustBeThereIsNamed() throws IOException {
        Path file = write("a.conf", "include required(\"nowhere.conf\")");
        assertThatThrownBy(() -> Hocon.file(file.toFile()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("nowhere.conf");
    }

    @Test
    void whatIsNestedTooDeeplyIsRefusedInOneLine() throws IOException {
        int deep = 200_000;
        for (String text : List.of(
                "a = " + "[".repeat(deep) + "]".repeat(deep),
                "{a:".repeat(deep) + "1" + "}".repeat(deep),
                "a" + ".a".repeat(deep) + " = 1",
                "a = " + "[".repeat(101) + "]".repeat(101))) {
            assertThatThrownBy(() -> Hocon.stored(text, "run/c.conf"))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("run/c.conf is damaged (run/c.conf: is nested more than 100 levels deep");
            assertThatThrownBy(() -> Hocon.file(write("a.conf", text).toFile()))
                    .isInstanceOf(ConfigurationException.class)
                    .hasMessageContaining("a.conf: is nested more than 100 levels deep");
        }
        assertThatThrownBy(() -> RunConfigParser.override(Hocon.stored("", ""), List.of("a=" + "[".repeat(deep))))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("levels deep")
                .hasMessageNotContaining("[".repeat(200));
    }

    @Test
    void theProblemsOfAHugeFileAreCutToWhatCanBeRead() {
        StringBuilder text = new StringBuilder("name = \"" + "x".repeat(100_000) + "\"\n");
        for (int i = 0; i < 1000; i++) {
            text.append("unknown").append(i).append(" = 1\n");
        }
        assertThatThrownBy(() -> Configurations.of(text.toString()))
                .hasMessageStartingWith("1001 problems in the configuration:")
                .hasMessageContaining("… (100,000 characters)")
                .hasMessageEndingWith("\n  and 981 more")
                .satisfies(thrown -> assertThat(thrown.getMessage()).hasSizeLessThan(5000));
    }
}
