package dev.lockstep.driver.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.lockstep.driver.run.RunFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import org.apache.hadoop.conf.Configuration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveReportTest {
    @TempDir
    private Path run;

    private LiveReport live;
    private URI address;

    @BeforeEach
    void begin() throws IOException {
        Files.writeString(run.resolve("run.json"), "{\"status\": \"running\"}");
        Files.writeString(run.resolve("secret.txt"), "not for the net");
        live = new LiveReport(RunFolder.at(run.toString(), new Configuration()), 0);
        address = URI.create(live.address());
    }

    @AfterEach
    void end() {
        live.close();
    }

    /** By hand: Java's clients let nobody say another Host. */
    private String ask(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getByName("127.0.0.1"), address.getPort())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write((request + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String get(String path, String... headers) throws IOException {
        return ask("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + address.getPort()
                + (headers.length == 0 ? "" : "\r\n" + String.join("\r\n", headers)));
    }

    @Test
    void servesTheReportAsItStands() throws IOException {
        assertThat(get(address.getPath()))
                .startsWith("HTTP/1.1 200 ")
                .contains("… running", "Cache-control: no-store", "connect-src &#39;self&#39;");
        String before = get(address.getPath() + "state");
        assertThat(before).contains("\"over\":false");
        assertThat(live.isOver()).isFalse();

        Files.writeString(run.resolve("run.json"), "{\"status\": \"finished\", \"test_accuracy\": 0.875}");

        assertThat(get(address.getPath() + "state")).contains("\"over\":true").isNotEqualTo(before);
        assertThat(get(address.getPath() + "page")).contains("✓ finished", "87.50 %");
        assertThat(get(
                        address.getPath(),
                        "Origin: http://127.0.0.1:" + address.getPort(),
                        "Sec-Fetch-Site: same-origin"))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void whoLooksSeesHowItEnded() throws Exception {
        get(address.getPath() + "state");
        Files.writeString(run.resolve("run.json"), "{\"status\": \"failed\"}");
        Thread closing = new Thread(live::close);
        closing.start();
        Awaitility.await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        get(address.getPath() + "state"); // is not the page
        assertThat(get(address.getPath() + "page")).contains("✗ failed");
        closing.join(10_000);
        assertThat(closing.isAlive()).isFalse();
    }

    /** A browser that was closed asks for nothing more. */
    @Test
    void nobodyIsWaitedForWhoDoesNotLook() throws IOException {
        get("/"); // by somebody who may not
        Files.writeString(run.resolve("run.json"), "{\"status\": \"finished\"}");
        assertTimeoutPreemptively(Duration.ofSeconds(10), live::close);
    }

    @Test
    void refusesWrongTokens() throws IOException {
        String token = address.getPath();
        String other = (token.charAt(1) == '0' ? "/1" : "/0") + token.substring(2);
        for (String path : new String[] {"/", "/report.html", other, other + "state", token.substring(0, 10) + "/"}) {
            assertThat(get(path)).as(path).startsWith("HTTP/1.1 404 ").doesNotContain("running");
        }
    }

    @Test
    void servesNothingElse() throws IOException {
        for (String path : new String[] {
            "secret.txt", "run.json", "report.html", "../secret.txt", "%2e%2e/secret.txt", "page/../secret.txt", "page/"
        }) {
            assertThat(get(address.getPath() + path))
                    .as(path)
                    .startsWith("HTTP/1.1 404 ")
                    .doesNotContain("not for the net");
        }
        assertThat(ask("POST " + address.getPath() + " HTTP/1.1\r\nHost: 127.0.0.1:" + address.getPort()
                        + "\r\nContent-Length: 0"))
                .startsWith("HTTP/1.1 405 ");
    }

    @Test
    void refusesOtherHostsAndOrigins() throws IOException {
        String path = address.getPath();
        int port = address.getPort();
        for (String host : new String[] {"evil.example:" + port, "127.0.0.1", "127.0.0.1.evil.example:" + port}) {
            assertThat(ask("GET " + path + " HTTP/1.1\r\nHost: " + host))
                    .as(host)
                    .startsWith("HTTP/1.1 403 ");
        }
        assertThat(ask("GET " + path + " HTTP/1.0")).startsWith("HTTP/1.1 403 ");
        for (String header : new String[] {
            "Origin: http://evil.example",
            "Origin: null",
            "Origin: http://127.0.0.1:1",
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site"
        }) {
            assertThat(get(path, header)).as(header).startsWith("HTTP/1.1 403 ");
        }
        assertThat(ask("GET " + path + " HTTP/1.1\r\nHost: localhost:" + port)).startsWith("HTTP/1.1 200 ");
    }

    /** A socket of the same port on another of this machine's addresses can be opened only if nobody has it. */
    @Test
    void listensOnTheLoopbackAlone() throws IOException {
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress other : Collections.list(each.getInetAddresses())) {
                if (!other.isLoopbackAddress()) {
                    try (ServerSocket free = new ServerSocket(address.getPort(), 1, other)) {
                        assertThat(free.isBound()).isTrue();
                    }
                }
            }
        }
    }
}
