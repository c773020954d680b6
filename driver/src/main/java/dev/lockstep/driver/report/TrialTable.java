package dev.lockstep.driver.report;

import java.util.List;
import java.util.stream.Stream;

/** All trials of a sweep, best first; a click on a column's head sorts by it. */
record TrialTable(List<SweptKey> keys, List<SweepTrial> trials) {

    Html html() {
        String figure = SweepTrial.figure(trials);
        List<String> figures = Stream.of(
                        "validation_" + figure, "validation_loss", "test_" + figure, "test_loss", "steps", "seconds")
                .filter(field -> trials.stream().anyMatch(trial -> Double.isFinite(trial.number(field))))
                .toList();
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "All trials");
        html.open("table", "class", "sortable").open("thead").open("tr");
        head(html, "trial");
        head(html, "rank");
        head(html, "status");
        keys.forEach(key -> head(html, key.name()));
        figures.forEach(field -> head(html, Figures.name(field)));
        head(html, "remark");
        html.close().close().open("tbody");
        for (SweepTrial trial : trials) {
            html.open("tr", "class", trial.rank() == 1 ? "best" : null);
            html.open("th", "scope", "row", "data-key", trial.name());
            html.element("a", trial.name(), "href", "trials/" + trial.name() + "/report.html")
                    .close();
            cell(html, trial.isRanked() ? Integer.toString(trial.rank()) : "", Integer.toString(trial.rank()));
            cell(html, trial.status(), trial.status());
            keys.forEach(key -> {
                String value = trial.values().get(key.name());
                cell(html, value, value);
            });
            figures.forEach(field -> {
                double value = trial.number(field);
                cell(html, Double.isFinite(value) ? Double.toString(value) : "", shown(field, value));
            });
            html.element("td", trial.remark(), "class", "remark", "data-key", trial.remark());
            html.close();
        }
        return html.close().close().close();
    }

    private static String shown(String field, double value) {
        return switch (field) {
            case "steps" -> Numbers.whole(value);
            case "seconds" -> Double.isFinite(value) ? Numbers.brief(value, 3) : Numbers.NONE;
            default -> Numbers.figure(value);
        };
    }

    private static void head(Html html, String text) {
        html.open("th", "scope", "col", "aria-sort", "none")
                .element("button", text, "type", "button")
                .close();
    }

    /** @param key what is sorted by; empty for no value */
    private static void cell(Html html, String key, String shown) {
        html.element("td", key.isEmpty() ? Numbers.NONE : shown, "data-key", key);
    }
}
