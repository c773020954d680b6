package dev.lockstep.driver.report;

import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A figure by two things, in a table: the fuller the colour of a cell, the better.
 *
 * @param rows what there is down, each once
 * @param columns what there is across, each once
 * @param cells what is where a row and a column meet
 * @param moreIsBetter whether the largest figure is the best, else the smallest
 */
public record HeatTable(
        List<String> rows, List<String> columns, BiFunction<String, String, Cell> cells, boolean moreIsBetter) {

    /**
     * @param value NaN where there is none
     * @param otherwise what is shown then
     * @param title of the value
     * @param best whether it is stressed
     */
    public record Cell(double value, String otherwise, String title, boolean best) {
        /** With nothing in it. */
        public static final Cell EMPTY = new Cell(Double.NaN, Numbers.NONE, "", false);
    }

    /** @param name what it is of, for those who do not see it */
    public Html html(String name) {
        DoubleSummaryStatistics range = rows.stream()
                .flatMap(row -> columns.stream().map(column -> cells.apply(row, column)))
                .mapToDouble(Cell::value)
                .filter(Double::isFinite)
                .summaryStatistics();
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", name);
        html.open("table", "class", "heat");
        html.open("thead").open("tr").element("th", "", "scope", "col");
        columns.forEach(column -> html.element("th", column, "scope", "col"));
        html.close().close().open("tbody");
        for (String row : rows) {
            html.open("tr").element("th", row, "scope", "row");
            for (String column : columns) {
                add(html, cells.apply(row, column), range.getMin(), range.getMax());
            }
            html.close();
        }
        return html.close().close().close();
    }

    private void add(Html html, Cell cell, double low, double high) {
        if (!Double.isFinite(cell.value())) {
            html.element("td", cell.otherwise(), "class", "none");
            return;
        }
        double worst = moreIsBetter ? low : high;
        double share = low == high ? 1 : Math.abs(cell.value() - worst) / (high - low);
        html.element(
                "td",
                Numbers.decimal(cell.value()),
                "class",
                "right",
                "style",
                "--share:" + Numbers.brief(share, 2) + (cell.best() ? ";font-weight:700" : ""),
                "title",
                cell.title());
    }
}
