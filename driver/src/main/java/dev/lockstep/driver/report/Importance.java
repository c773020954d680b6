package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How much each key of a sweep matters by itself: the share of the trials' variance that lies between the values of the key
 * (η² of an analysis of variance). Numbers that took many values are put into bins of equally many trials. It sees no key that
 * matters only together with another, and of few trials it tells little.
 */
record Importance(SweptKey key, double share) {
    private static final int BINS = 4;

    /** The most important first; none where fewer than three trials are ranked, or all came to the same. */
    static List<Importance> of(List<SweptKey> keys, List<SweepTrial> trials) {
        List<SweepTrial> ranked = trials.stream()
                .filter(SweepTrial::isRanked)
                .filter(trial -> Double.isFinite(trial.value()))
                .toList();
        double total = squares(ranked.stream().mapToDouble(SweepTrial::value).toArray());
        if (ranked.size() < 3 || !(total > 0)) {
            return List.of();
        }
        return keys.stream()
                .map(key -> new Importance(key, 1 - within(groups(key, ranked)) / total))
                .sorted(Comparator.comparingDouble(importance -> -importance.share()))
                .toList();
    }

    private static List<List<SweepTrial>> groups(SweptKey key, List<SweepTrial> trials) {
        List<List<SweepTrial>> groups = new ArrayList<>();
        if (!key.isNumeric() || key.values().size() <= BINS || 2 * key.values().size() <= trials.size()) {
            for (String value : key.values()) {
                groups.add(trials.stream()
                        .filter(trial -> value.equals(trial.values().get(key.name())))
                        .toList());
            }
            return groups;
        }
        List<SweepTrial> sorted = trials.stream()
                .sorted(Comparator.comparingDouble(
                        trial -> SweptKey.number(trial.values().get(key.name()))))
                .toList();
        for (int bin = 0; bin < BINS; bin++) {
            groups.add(sorted.subList(sorted.size() * bin / BINS, sorted.size() * (bin + 1) / BINS));
        }
        return groups;
    }

    private static double within(List<List<SweepTrial>> groups) {
        return groups.stream()
                .mapToDouble(group ->
                        squares(group.stream().mapToDouble(SweepTrial::value).toArray()))
                .sum();
    }

    /** Of the distances from the mean. */
    private static double squares(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        return Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
    }

    static Html table(List<Importance> importances) {
        Html html = new Html();
        html.element(
                "p",
                "How much each key matters by itself: the share of the trials' variance that lies between its values. What"
                        + " matters only together with another key is not seen, and few trials tell little.");
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Importance");
        html.open("table").open("tbody");
        for (Importance each : importances) {
            html.open("tr").element("th", each.key().name(), "scope", "row").open("td");
            html.element("i", "", "class", "bar", "style", "--share:" + Numbers.brief(each.share(), 3));
            html.text(Numbers.percent(each.share())).close().close();
        }
        return html.close().close().close();
    }
}
