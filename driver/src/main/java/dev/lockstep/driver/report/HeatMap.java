package dev.lockstep.driver.report;

import dev.lockstep.driver.report.HeatTable.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The trials of a sweep by two of its keys, in a table of one by the other: the mean of those of a cell. Numbers that were drawn
 * have a row or a column a range.
 *
 * @param down values of the one key by what they are called
 * @param across of the other
 */
record HeatMap(
        SweptKey rows,
        Map<String, Set<String>> down,
        SweptKey columns,
        Map<String, Set<String>> across,
        String metric,
        List<SweepTrial> trials) {
    /** More rows or columns are no table. */
    private static final int MOST_VALUES = 12;

    private static final int RANGES = 6;

    /** One for each two keys, in their order; none of words of which there are too many. */
    static List<HeatMap> of(List<SweptKey> keys, String metric, List<SweepTrial> trials) {
        List<SweptKey> shown = keys.stream()
                .filter(key -> key.isNumeric() || key.values().size() <= MOST_VALUES)
                .toList();
        List<HeatMap> maps = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            for (int j = i + 1; j < shown.size(); j++) {
                SweptKey rows = shown.get(i);
                SweptKey columns = shown.get(j);
                maps.add(new HeatMap(
                        rows,
                        rows.groups(MOST_VALUES, RANGES),
                        columns,
                        columns.groups(MOST_VALUES, RANGES),
                        metric,
                        trials));
            }
        }
        return maps;
    }

    String title() {
        return metric + ", by " + rows.name() + " (down) and " + columns.name() + " (across)";
    }

    Html html() {
        return new HeatTable(
                        List.copyOf(down.keySet()),
                        List.copyOf(across.keySet()),
                        (row, column) -> cell(down.get(row), across.get(column)),
                        !metric.endsWith("loss"))
                .html("Heat map");
    }

    private static double mean(List<SweepTrial> cell) {
        return cell.stream()
                .filter(SweepTrial::isRanked)
                .mapToDouble(SweepTrial::value)
                .average()
                .orElse(Double.NaN);
    }

    private Cell cell(Set<String> row, Set<String> column) {
        List<SweepTrial> cell = trials.stream()
                .filter(each -> row.contains(each.values().get(rows.name()))
                        && column.contains(each.values().get(columns.name())))
                .toList();
        return cell.isEmpty()
                ? Cell.EMPTY
                : new Cell(
                        mean(cell),
                        cell.get(0).status(),
                        cell.size() == 1 ? cell.get(0).title() : "mean of " + cell.size() + " trials",
                        cell.stream().anyMatch(trial -> trial.rank() == 1));
    }
}
