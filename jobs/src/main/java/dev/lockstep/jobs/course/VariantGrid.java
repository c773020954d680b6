package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Figures;
import dev.lockstep.driver.report.HeatTable;
import dev.lockstep.driver.report.Html;
import dev.lockstep.worker.model.objective.Objective;
import java.util.List;

/** The variants of a grid in one table: the first half of what they are made of down, the rest across. */
record VariantGrid(List<VariantScores> variants) {

    /** Nothing where they are no grid, or where what was turned has made some of them one. */
    Html html() {
        List<String> rows = variants.stream().map(VariantGrid::row).distinct().toList();
        List<String> columns =
                variants.stream().map(VariantGrid::column).distinct().toList();
        boolean whole = !variants.isEmpty()
                && variants.stream().noneMatch(variant -> column(variant).isEmpty())
                && rows.stream().allMatch(row -> columns.stream()
                        .allMatch(column -> in(row, column).size() == 1));
        if (!whole) {
            return new Html();
        }
        Objective objective = VariantScores.objective(variants);
        Html html = new Html();
        html.open("section").element("h2", "At one glance");
        html.element(
                "p",
                "The test " + Figures.name(objective.figure()) + " of each pair; the fuller the colour, the better.");
        return html.add(new HeatTable(rows, columns, this::cell, objective.isMoreBetter()).html("All pairs"))
                .close();
    }

    private HeatTable.Cell cell(String row, String column) {
        VariantScores variant = in(row, column).get(0);
        return new HeatTable.Cell(
                variant.mean(TrialCurves::lastTestFigure),
                variant.status(),
                variant.variant().name(),
                false);
    }

    private List<VariantScores> in(String row, String column) {
        return variants.stream()
                .filter(variant -> row(variant).equals(row) && column(variant).equals(column))
                .toList();
    }

    private static String row(VariantScores variant) {
        List<String> along = variant.variant().along();
        return String.join(" ", along.subList(0, middle(along)));
    }

    private static String column(VariantScores variant) {
        List<String> along = variant.variant().along();
        return String.join(" ", along.subList(middle(along), along.size()));
    }

    private static int middle(List<String> along) {
        return (along.size() + 1) / 2;
    }
}
