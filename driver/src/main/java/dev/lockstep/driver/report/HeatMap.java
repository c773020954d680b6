package dev.lockstep.driver.report;

import java.util.List;
import java.util.Optional;

/** The trials of a sweep over two keys, in a table of one by the other. */
record HeatMap(SweptKey rows, SweptKey columns, String metric, List<SweepTrial> trials) {

    /** Empty when the sweep is not over two keys, or has not one trial for each two values. */
    static Optional<HeatMap> of(List<SweptKey> keys, String metric, List<SweepTrial> trials) {
        if (keys.size() != 2) {
            return Optional.empty();
        }
        HeatMap map = new HeatMap(keys.get(0), keys.get(1), metric, trials);
        long cells = (long) map.rows.values().size() * map.columns.values().size();
        return cells == trials.size() ? Optional.of(map) : Optional.empty();
    }

    Html html() {
        double low = trials.stream()
                .filter(SweepTrial::isRanked)
                .mapToDouble(SweepTrial::value)
                .min()
                .orElse(0);
        double high = trials.stream()
                .filter(SweepTrial::isRanked)
                .mapToDouble(SweepTrial::value)
                .max()
                .orElse(0);
        Html html = new Html();
        html.element("p", metric + ", by " + rows.name() + " (down) and " + columns.name() + " (across):");
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Heat map");
        html.open("table", "class", "heat");
        html.open("thead").open("tr").element("th", "", "scope", "col");
        columns.values().forEach(value -> html.element("th", value, "scope", "col"));
        html.close().close().open("tbody");
        for (String row : rows.values()) {
            html.open("tr").element("th", row, "scope", "row");
            for (String column : columns.values()) {
                cell(html, row, column, low, high);
            }
            html.close();
        }
        return html.close().close().close();
    }

    private void cell(Html html, String row, String column, double low, double high) {
        Optional<SweepTrial> trial = trials.stream()
                .filter(each -> row.equals(each.values().get(rows.name()))
                        && column.equals(each.values().get(columns.name())))
                .findFirst();
        if (trial.isEmpty() || !trial.get().isRanked()) {
            html.element("td", trial.map(SweepTrial::status).orElse(Numbers.NONE), "class", "none");
            return;
        }
        double value = trial.get().value();
        double better = low == high ? 1 : (value - low) / (high - low);
        if (metric.endsWith("loss")) {
            better = 1 - better;
        }
        html.element(
                "td",
                Numbers.decimal(value),
                "class",
                "right",
                "style",
                "--share:" + Numbers.brief(better, 2) + (trial.get().rank() == 1 ? ";font-weight:700" : ""),
                "title",
                trial.get().title());
    }
}
