package dev.lockstep.driver.report;

import java.util.List;

/** All trials of a sweep, best first; a click on a column's head sorts by it. */
record TrialTable(List<SweptKey> keys, List<SweepTrial> trials) {

    /** Sorts numbers as numbers; cells without a value stay last. The page's policy names this text by its hash. */
    static final String SCRIPT = """
            for (const button of document.querySelectorAll('table.sortable th button')) button.onclick = () => {
              const head = button.parentElement, column = head.cellIndex, body = head.closest('table').tBodies[0];
              const sign = head.ariaSort === 'ascending' ? -1 : 1;
              for (const other of head.parentElement.cells) other.ariaSort = other === head ? (sign > 0 ? 'ascending' : 'descending') : 'none';
              const key = row => row.cells[column].dataset.key;
              const order = (a, b) => a === '' || b === '' ? (a === '') - (b === '')
                : sign * (isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b);
              body.append(...[...body.rows].sort((a, b) => order(key(a), key(b))));
            };
            """;

    private static final List<String> FIGURES =
            List.of("validation_accuracy", "validation_loss", "test_accuracy", "test_loss", "steps", "seconds");

    Html html() {
        List<String> figures = FIGURES.stream()
                .filter(figure -> trials.stream().anyMatch(trial -> Double.isFinite(trial.number(figure))))
                .toList();
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "All trials");
        html.open("table", "class", "sortable").open("thead").open("tr");
        head(html, "trial");
        head(html, "rank");
        head(html, "status");
        keys.forEach(key -> head(html, key.name()));
        figures.forEach(figure -> head(html, figure.replace('_', ' ')));
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
            figures.forEach(figure -> {
                double value = trial.number(figure);
                cell(html, Double.isFinite(value) ? Double.toString(value) : "", shown(figure, value));
            });
            cell(html, trial.remark(), trial.remark());
            html.close();
        }
        return html.close().close().close();
    }

    private static String shown(String figure, double value) {
        return switch (figure) {
            case "steps" -> Numbers.whole(value);
            case "seconds" -> Double.isFinite(value) ? Numbers.brief(value, 3) : Numbers.NONE;
            default -> Numbers.decimal(value);
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
