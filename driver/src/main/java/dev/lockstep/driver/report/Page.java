package dev.lockstep.driver.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * A whole HTML document with the look of all reports: light or dark as the reader's screen is, from a phone's width up.
 *
 * @param body what comes inside {@code main}
 */
public record Page(String title, Html body) {
    /** Nothing is loaded and no script runs but the page's own, whatever the body says. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    private static final String STYLE = resource("report.css");
    private static final String SCRIPT = inXml(resource("report.js"));

    private static final String LIVE = inXml(resource("report-live.js"));

    /** The document. */
    public String html() {
        return html(SCRIPT, "");
    }

    /** The document as it is served while it changes: it asks whoever served it for more. */
    public String live() {
        return html(SCRIPT + LIVE, "; connect-src 'self'");
    }

    private String html(String script, String more) {
        Html head = new Html();
        head.empty("meta", "charset", "utf-8");
        head.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        head.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY + scriptPolicy(script) + more);
        head.element("title", title);
        return "<!DOCTYPE html>\n<html lang=\"en\"><head>" + head + "\n<style>\n" + STYLE
                + "</style></head>\n<body><main>\n" + body + "\n</main>"
                + "<script>" + script + "</script></body></html>\n";
    }

    /** The script is let run by its hash, so that no other can. */
    private static String scriptPolicy(String script) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "; script-src 'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** In a section of XML's own that the script sees as a comment: a page is XML, too. */
    private static String inXml(String script) {
        return "/*<![CDATA[*/" + script + "/*]]>*/";
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("our jar cannot be read", e);
        }
    }
}
