package dev.lockstep.driver.report;

import dev.lockstep.driver.report.HeatTable.Cell;
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
        return new HeatTable(rows.values(), columns.values(), this::cell, !metric.endsWith("loss")).html("Heat map");
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

    private Cell cell(String row, String column) {
        List<SweepTrial> cell = in(row, column);
        return cell.isEmpty()
                ? Cell.EMPTY
                : new Cell(
                        mean(cell),
                        cell.get(0).status(),
                        cell.size() == 1 ? cell.get(0).title() : "mean of " + cell.size() + " trials",
                        cell.stream().anyMatch(trial -> trial.rank() == 1));
    }
}
