package dev.lockstep.driver.report;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * A whole HTML document with the look of all reports: light or dark as the reader's screen is, from a phone's width up.
 *
 * @param body what comes inside {@code main}
 * @param script run when the body is there; empty for none
 */
public record Page(String title, Html body, String script) {
    /** Nothing is loaded and no script runs but the page's own, whatever the body says. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    /** A page without a script. */
    public Page(String title, Html body) {
        this(title, body, "");
    }

    /**
     * The palette is that of Okabe and Ito, which colour-blind readers can tell apart, darkened or lightened until it
     * stands out from the background.
     */
    private static final String STYLE = """
            :root { color-scheme: light dark; --back: #fff; --card: #f5f6f8; --text: #1c2024; --soft: #5a626b; --line: #d9dde2;
              --c0: #0072b2; --c1: #d55e00; --c2: #007f5f; --c3: #b0478a; --c4: #a87400; --c5: #2a8fc7; --c6: #5b5b5b; --c7: #6f4fc0;
              --right: 86 180 233; --wrong: 240 160 40; --good: #00664c; --bad: #a63c00 }
            @media (prefers-color-scheme: dark) { :root { --back: #14171a; --card: #1e2226; --text: #e6e9ec; --soft: #a2abb4; --line: #363c43;
              --c0: #56b4e9; --c1: #ff8b47; --c2: #2fc497; --c3: #e59ac8; --c4: #f0b73a; --c5: #9fd8ff; --c6: #b5b5b5; --c7: #b39cf2;
              --right: 0 98 153; --wrong: 190 84 0; --good: #46d3a8; --bad: #ff9c63 } }
            * { box-sizing: border-box }
            body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere }
            main { max-width: 1240px; margin: 0 auto; padding: 16px }
            header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px }
            h1 { font-size: 24px; margin: 8px 0 }
            h2 { font-size: 19px; margin: 32px 0 8px }
            h3 { font-size: 16px; margin: 24px 0 4px }
            h4 { font-size: 14px; font-weight: 500; color: var(--soft); margin: 10px 0 4px }
            p { margin: 0 0 12px }
            a { color: var(--c0) }
            dl, dd, figure { margin: 0 }
            .badge { border: 1px solid; border-radius: 99px; padding: 1px 12px; font-weight: 600; color: var(--soft) }
            .badge.finished { color: var(--good) }
            .badge.failed, .badge.diverged { color: var(--bad) }
            .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 10px; margin: 8px 0 16px }
            .tiles div, .card, .chart { background: var(--card); border-radius: 8px; padding: 10px 14px }
            .tiles dd { font-size: 22px; font-weight: 600 }
            dt, figcaption span, small, caption { color: var(--soft); font-size: 13px }
            .facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(46%, 200px), 1fr)); gap: 8px 20px }
            .facts .long { grid-column: 1 / -1 }
            .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 14px }
            .charts.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 220px), 1fr)) }
            .charts.small text { font-size: 12px }
            .chart { padding: 12px; min-width: 0; max-width: 760px }
            figcaption { font-weight: 600 }
            figcaption span { font-weight: 400 }
            .chart > svg { display: block; width: 100%; height: auto }
            .chart text { fill: var(--soft); font-size: 11px }
            .chart .x { text-anchor: middle }
            .chart .y { text-anchor: end }
            .chart path { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round }
            .chart path.grid { stroke: var(--line); stroke-width: .7 }
            .chart path.area { fill: var(--line); stroke: none }
            .chart path.axis { stroke: var(--soft); stroke-width: 1 }
            .chart path.d1 { stroke-dasharray: 6 4 }
            .chart path.d2 { stroke-dasharray: 1 4 }
            .chart path.faint { opacity: .4; stroke-width: 1 }
            .c0 { stroke: var(--c0) } .c1 { stroke: var(--c1) } .c2 { stroke: var(--c2) } .c3 { stroke: var(--c3) }
            .c4 { stroke: var(--c4) } .c5 { stroke: var(--c5) } .c6 { stroke: var(--c6) } .c7 { stroke: var(--c7) }
            circle { fill: var(--card); stroke-width: 1.6 }
            .legend { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; margin: 6px 0 0; padding: 0; font-size: 13px }
            .legend svg { width: 24px; height: 10px; margin-right: 6px }
            .tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 540px), 1fr)); gap: 24px }
            .scroll { overflow-x: auto; min-width: 0; margin-bottom: 12px }
            table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal }
            caption { text-align: left; padding-bottom: 6px }
            th, td { padding: 3px 8px; text-align: right; vertical-align: top; white-space: nowrap }
            th[scope=row], th:first-child { text-align: left; font-weight: 500 }
            thead th { color: var(--soft); font-weight: 500; vertical-align: bottom }
            tbody tr { border-top: 1px solid var(--line) }
            tfoot tr { border-top: 2px solid var(--line); font-weight: 600 }
            .lines { text-align: left }
            .scores { width: 100%; max-width: 640px }
            .sortable { font-size: 14px }
            .sortable button { all: unset; cursor: pointer }
            .sortable button:focus-visible { outline: 2px solid }
            .sortable [aria-sort=ascending] button::after { content: " ▲" }
            .sortable [aria-sort=descending] button::after { content: " ▼" }
            .sortable .best { background: var(--card); font-weight: 600 }
            .sortable td:last-child { text-align: left; white-space: normal; min-width: 460px; font-weight: 400 }
            .chart text.at { paint-order: stroke; stroke: var(--card); stroke-width: 3px; dominant-baseline: central }
            a { color: var(--c0) }
            .bar { display: inline-block; width: 52px; height: 7px; margin-right: 8px; border-radius: 2px;
              background: linear-gradient(var(--c0), var(--c0)) no-repeat 0 0 / calc(100% * var(--share)) 100%, var(--line) }
            .heat td { text-align: center; border: 1px solid var(--back); min-width: 40px; padding: 5px 4px }
            .heat thead span { writing-mode: vertical-rl; transform: rotate(180deg) }
            .heat th { position: sticky; left: 0; background: var(--back) }
            .heat thead th + th { position: static; text-align: center; padding: 3px }
            .heat .right { background: rgb(var(--right) / var(--share)) }
            .heat .wrong { background: rgb(var(--wrong) / var(--share)) }
            .heat .none { color: var(--soft) }
            .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 290px), 1fr)); gap: 10px; list-style: none; margin: 0; padding: 0 }
            .card { display: flex; gap: 12px; border: 2px solid transparent }
            .card.mistake { border-color: var(--c1) }
            .card img { width: 96px; height: 96px; object-fit: contain; image-rendering: pixelated; flex: none }
            .card > div { flex: 1; min-width: 0; line-height: 1.35 }
            .card p { margin: 0 }
            .card ol { list-style: none; margin: 6px 0 0; padding: 0; font-size: 13px }
            .card ol li { display: flex; align-items: center }
            .card ol .bar { flex: none; width: 36px }
            .card ol span:last-child { margin-left: auto; padding-left: 6px; white-space: nowrap }
            .truth span:first-of-type { text-decoration: underline }
            .mark { color: var(--good); font-weight: 600 }
            .mistake .mark { color: var(--bad) }
            summary { cursor: pointer; font-weight: 600; margin: 28px 0 8px }
            pre { background: var(--card); border-radius: 8px; padding: 12px; overflow-x: auto; font-size: 13px }
            @media (max-width: 560px) { .chart text { font-size: 14px } th, td { padding: 3px 5px } .scores .bar { display: none } }
            """;

    /** The document. */
    public String html() {
        Html head = new Html();
        head.empty("meta", "charset", "utf-8");
        head.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        head.empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY + scriptPolicy());
        head.element("title", title);
        return "<!DOCTYPE html>\n<html lang=\"en\"><head>" + head + "\n<style>\n" + STYLE
                + "</style></head>\n<body><main>\n" + body + "\n</main>"
                + (script.isEmpty() ? "" : "<script>" + script + "</script>") + "</body></html>\n";
    }

    /** The script is let run by its hash, so that no other can. */
    private String scriptPolicy() {
        if (script.isEmpty()) {
            return "";
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
            return "; script-src 'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
