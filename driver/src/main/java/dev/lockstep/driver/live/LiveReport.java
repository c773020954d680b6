package dev.lockstep.driver.live;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lockstep.driver.report.RunReport;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.MetricsLog;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileStatus;

/**
 * Serves the report of one run, as it stands, on the loopback alone: to whoever knows the token in its address, asks for that
 * address by this machine's own name, and comes from no other site. There is nothing else to be had, whatever is asked for.
 */
public final class LiveReport implements AutoCloseable {
    /**
     * A page is drawn anew after so many times as long as that took. Its reader's script keeps to the same of its own, so that
     * both together cost less than a hundredth of a core.
     */
    private static final long RARELY = 250;
    /** Who has asked for nothing for so long is gone; a page that is open asks every few seconds. */
    private static final long GONE_NANOS = TimeUnit.SECONDS.toNanos(12);
    /** How long the last page waits for its reader. */
    private static final long LAST_PAGE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private static final long PAUSE_MILLIS = 50;

    private static final Set<String> FETCHED_FROM = Set.of("same-origin", "none");

    private final RunFolder folder;
    private final HttpServer server;
    private final ExecutorService thread;
    private final String token = UUID.randomUUID().toString().replace("-", "");
    private final Set<String> hosts;

    // Of the one thread that serves.
    private String page;
    private String stampOfPage = "";
    private long notBefore = System.nanoTime();

    private volatile boolean lastPageSeen;
    /** When somebody who may asked for something; 0 for never. */
    private volatile long askedAt;

    /**
     * Begins to serve.
     *
     * @param port 0 for any that is free
     * @throws ConfigurationException when the port cannot be had
     */
    public LiveReport(RunFolder folder, int port) {
        this.folder = folder;
        try {
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        } catch (IOException e) {
            throw new ConfigurationException(
                    "cannot listen on port " + port + " of this machine: " + e.getMessage() + "; choose another --port",
                    e);
        }
        int bound = server.getAddress().getPort();
        this.hosts = Set.of("127.0.0.1:" + bound, "localhost:" + bound);
        this.thread = Executors.newSingleThreadExecutor(work -> {
            Thread serving = new Thread(work, "live report");
            serving.setDaemon(true);
            return serving;
        });
        server.setExecutor(thread);
        server.createContext("/", this::serve);
        server.start();
    }

    /** Where the page is, for a browser on this machine. */
    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + token + "/";
    }

    private void showLastPage() {
        long end = System.nanoTime() + LAST_PAGE_NANOS;
        try {
            while (isLookedAt() && !lastPageSeen && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) { // whoever ends the process will not wait
            Thread.currentThread().interrupt();
        }
    }

    private boolean isLookedAt() {
        return askedAt != 0 && System.nanoTime() - askedAt < GONE_NANOS;
    }

    /** Waits, where the run has ended, until whoever looks at the page has its last state: not long, and for nobody else. */
    @Override
    public void close() {
        if (hasLastPage()) {
            showLastPage();
        }
        server.stop(0);
        thread.shutdownNow();
    }

    private boolean hasLastPage() {
        try {
            return isOver();
        } catch (IOException e) { // not where it cannot be read
            return false;
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        boolean last = false;
        try (exchange) {
            try {
                last = serveAsked(exchange);
            } catch (DamagedFileException | DataException e) { // a file may be half there: the next time it is whole
                answer(exchange, 503, "text/plain", e.getMessage() + "\n");
            }
        }
        lastPageSeen = lastPageSeen || last; // when all of it is sent
    }

    /** @return whether that was the page of a run that has ended */
    private boolean serveAsked(HttpExchange exchange) throws IOException {
        Headers asked = exchange.getRequestHeaders();
        if (!isOurs(asked)) {
            answer(exchange, 403, "text/plain", "not for other hosts or sites\n");
        } else if (!Set.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
            answer(exchange, 405, "text/plain", "only to be read\n");
        } else {
            return serve(exchange, exchange.getRequestURI().getRawPath());
        }
        return false;
    }

    private boolean serve(HttpExchange exchange, String path) throws IOException {
        String[] parts = path.split("/", -1);
        boolean known = parts.length == 3
                && MessageDigest.isEqual(
                        parts[1].getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
        if (known) {
            askedAt = System.nanoTime();
        }
        switch (known ? parts[2] : "unknown") {
            case "" -> answer(exchange, 200, "text/html", page(true));
            case "page" -> {
                boolean over = isOver();
                answer(exchange, 200, "text/html", page(over));
                return over;
            }
            case "state" ->
                answer(exchange, 200, "application/json", "{\"stamp\":\"" + due() + "\",\"over\":" + isOver() + "}");
            default -> answer(exchange, 404, "text/plain", "nothing here\n");
        }
        return false;
    }

    /** By our own name, so that no other name can be made to mean us, and from no page but ours. */
    private boolean isOurs(Headers asked) {
        List<String> names = asked.getOrDefault("Host", List.of());
        List<String> origins = asked.getOrDefault("Origin", List.of());
        List<String> sites = asked.getOrDefault("Sec-Fetch-Site", List.of());
        return names.size() == 1
                && hosts.contains(names.get(0))
                && origins.stream().allMatch(origin -> origin.equals("http://" + names.get(0)))
                && FETCHED_FROM.containsAll(sites);
    }

    /** What is to be drawn: the stamp of the files, or that of the page while it is too early for another. */
    private String due() throws IOException {
        return System.nanoTime() < notBefore && !isOver() ? stampOfPage : stamp();
    }

    private String page(boolean now) throws IOException {
        String stamp = now ? stamp() : due();
        if (page == null || !stamp.equals(stampOfPage)) {
            long began = System.nanoTime();
            page = RunReport.page(folder).live();
            stampOfPage = stamp;
            notBefore = System.nanoTime() + RARELY * (System.nanoTime() - began);
        }
        return page;
    }

    /** Other whenever the run has written. */
    private String stamp() throws IOException {
        return version(RunRecord.FILE) + "-" + version(MetricsLog.FILE);
    }

    private String version(String file) throws IOException {
        try {
            FileStatus status = folder.files().getFileStatus(folder.path(file));
            return status.getModificationTime() + "-" + status.getLen();
        } catch (FileNotFoundException e) {
            return "none";
        }
    }

    /** Whether the run has ended, however. */
    public boolean isOver() throws IOException {
        RunRecord run = RunRecord.read(folder);
        return run != null && run.ending().status() != RunRecord.Status.RUNNING;
    }

    private static void answer(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", type + "; charset=utf-8");
        headers.set("Cache-Control", "no-store");
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("X-Frame-Options", "DENY");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        boolean body = !exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(code, body ? bytes.length : -1);
        if (body) {
            exchange.getResponseBody().write(bytes);
        }
    }
}
