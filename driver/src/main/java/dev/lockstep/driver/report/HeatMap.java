package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.List;

/** The trials of a sweep by two of its keys, in a table of one by the other: the mean of those of a cell. */
record HeatMap(SweptKey rows, SweptKey columns, String metric, List<SweepTrial> trials) {
    /** More values of a key than that are no table. */
    private static final int MOST_VALUES = 12;

    /** One for each two keys that took few values, in the order of the keys. */
    static List<HeatMap> of(List<SweptKey> keys, String metric, List<SweepTrial> trials) {
        List<SweptKey> few =
                keys.stream().filter(key -> key.values().size() <= MOST_VALUES).toList();
        List<HeatMap> maps = new ArrayList<>();
        for (int i = 0; i < few.size(); i++) {
            for (int j = i + 1; j < few.size(); j++) {
                maps.add(new HeatMap(few.get(i), few.get(j), metric, trials));
            }
        }
        return maps;
    }

    String title() {
        return metric + ", by " + rows.name() + " (down) and " + columns.name() + " (across)";
    }

    Html html() {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (String row : rows.values()) {
            for (String column : columns.values()) {
                double mean = mean(in(row, column));
                low = Double.isFinite(mean) ? Math.min(low, mean) : low;
                high = Double.isFinite(mean) ? Math.max(high, mean) : high;
            }
        }
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Heat map");
        html.open("table", "class", "heat");
        html.open("thead").open("tr").element("th", "", "scope", "col");
        columns.values().forEach(value -> html.element("th", value, "scope", "col"));
        html.close().close().open("tbody");
        for (String row : rows.values()) {
            html.open("tr").element("th", row, "scope", "row");
            for (String column : columns.values()) {
                cell(html, in(row, column), low, high);
            }
            html.close();
        }
        return html.close().close().close();
    }

    private List<SweepTrial> in(String row, String column) {
        return trials.stream()
                .filter(each -> row.equals(each.values().get(rows.name()))
                        && column.equals(each.values().get(columns.name())))
                .toList();
    }

    private static double mean(List<SweepTrial> cell) {
        return cell.stream()
                .filter(SweepTrial::isRanked)
                .mapToDouble(SweepTrial::value)
                .average()
                .orElse(Double.NaN);
    }

    private void cell(Html html, List<SweepTrial> cell, double low, double high) {
        double value = mean(cell);
        if (!Double.isFinite(value)) {
            html.element("td", cell.isEmpty() ? Numbers.NONE : cell.get(0).status(), "class", "none");
            return;
        }
        double share = low == high ? 1 : (value - low) / (high - low);
        double better = metric.endsWith("loss") ? 1 - share : share;
        boolean best = cell.stream().anyMatch(trial -> trial.rank() == 1);
        html.element(
                "td",
                Numbers.decimal(value),
                "class",
                "right",
                "style",
                "--share:" + Numbers.brief(better, 2) + (best ? ";font-weight:700" : ""),
                "title",
                cell.size() == 1 ? cell.get(0).title() : "mean of " + cell.size() + " trials");
    }
}
