package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The variants of a grid in one table: the first half of their names down, the rest across. */
final class HeatTable {
    private HeatTable() {}

    static Html html(List<VariantScores> variants) {
        Set<String> rows = new LinkedHashSet<>();
        Set<String> columns = new LinkedHashSet<>();
        for (VariantScores variant : variants) {
            rows.add(half(variant, true));
            columns.add(half(variant, false));
        }
        if (rows.size() * columns.size() != variants.size()) {
            return new Html(); // what was turned has made some of them one
        }
        double[] values = variants.stream()
                .mapToDouble(variant -> variant.mean(TrialCurves::lastTestFigure))
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        Html html = new Html();
        html.open("section").element("h2", "At one glance");
        html.element("p", "The test " + variants.get(0).figure() + " of each pair; the fuller the colour, the better.");
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "All pairs");
        html.open("table", "class", "heat").open("thead").open("tr").element("th", "", "scope", "col");
        columns.forEach(column -> html.element("th", column, "scope", "col"));
        html.close().close().open("tbody");
        for (String row : rows) {
            html.open("tr").element("th", row, "scope", "row");
            for (VariantScores variant : variants) {
                if (half(variant, true).equals(row)) {
                    cell(html, variant, values);
                }
            }
            html.close();
        }
        return html.close().close().close().close();
    }

    private static void cell(Html html, VariantScores variant, double[] sorted) {
        double value = variant.mean(TrialCurves::lastTestFigure);
        if (!Double.isFinite(value)) {
            html.element("td", variant.status(), "class", "none");
            return;
        }
        double low = sorted[0];
        double high = sorted[sorted.length - 1];
        html.element(
                "td",
                Numbers.decimal(value),
                "class",
                "right",
                "style",
                "--share:" + Numbers.brief(high > low ? (value - low) / (high - low) : 1, 2),
                "title",
                variant.variant().name());
    }

    private static String half(VariantScores variant, boolean first) {
        List<String> parts = new ArrayList<>(List.of(variant.variant().name().split(Exercise.Variant.JOINT)));
        int middle = (parts.size() + 1) / 2;
        return parts.stream()
                .skip(first ? 0 : middle)
                .limit(first ? middle : parts.size())
                .collect(Collectors.joining(" "));
    }
}
