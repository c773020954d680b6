package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How much each key of a sweep matters. Of a grid it is the share of the trials' variance that lies between the values of the key
 * (η² of an analysis of variance); of draws, what a forest grown on the trials loses without the key (its permutation
 * importance), as a share of what it loses without each.
 *
 * @param ofGrid whether each key took its values again and again
 * @param shares the most important key first; none of too few trials, or of trials that all came to the same
 */
record Importances(boolean ofGrid, List<Share> shares) {
    private static final int FEWEST_OF_GRID = 3;
    private static final int FEWEST_DRAWS = 8;

    /** @param share in [0, 1] */
    record Share(SweptKey key, double share) {}

    static Importances of(List<SweptKey> keys, List<SweepTrial> trials) {
        List<SweepTrial> ranked = trials.stream()
                .filter(SweepTrial::isRanked)
                .filter(trial -> Double.isFinite(trial.value()))
                .toList();
        boolean ofGrid = keys.stream().allMatch(key -> 2 * key.values().size() <= ranked.size());
        double total = squares(values(ranked));
        if (ranked.size() < (ofGrid ? FEWEST_OF_GRID : FEWEST_DRAWS) || !(total > 0)) {
            return new Importances(ofGrid, List.of());
        }
        List<Share> shares = new ArrayList<>();
        double[] lost = ofGrid ? new double[0] : lost(keys, ranked);
        for (int i = 0; i < keys.size(); i++) {
            SweptKey key = keys.get(i);
            shares.add(new Share(key, ofGrid ? 1 - within(key, ranked) / total : lost[i]));
        }
        shares.sort(Comparator.comparingDouble(each -> -each.share()));
        return new Importances(ofGrid, List.copyOf(shares));
    }

    /** The squares that are left when each value of a key has its own mean. */
    private static double within(SweptKey key, List<SweepTrial> trials) {
        return key.values().stream()
                .mapToDouble(value -> squares(values(trials.stream()
                        .filter(trial -> value.equals(trial.values().get(key.name())))
                        .toList())))
                .sum();
    }

    /** What a forest loses without each key; together 1, or all 0. */
    private static double[] lost(List<SweptKey> keys, List<SweepTrial> trials) {
        double[][] rows = new double[trials.size()][keys.size()];
        boolean[] ordered = new boolean[keys.size()];
        for (int k = 0; k < keys.size(); k++) {
            SweptKey key = keys.get(k);
            ordered[k] = key.isNumeric();
            for (int i = 0; i < rows.length; i++) {
                rows[i][k] = key.position(trials.get(i).values().get(key.name()));
            }
        }
        double[] lost = Arrays.stream(new RegressionForest(rows, ordered, values(trials)).permutationImportance())
                .map(loss -> Math.max(0, loss))
                .toArray();
        double all = Arrays.stream(lost).sum();
        return all > 0 ? Arrays.stream(lost).map(loss -> loss / all).toArray() : lost;
    }

    private static double[] values(List<SweepTrial> trials) {
        return trials.stream().mapToDouble(SweepTrial::value).toArray();
    }

    /** Of the distances from the mean. */
    private static double squares(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        return Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
    }

    /** The keys in the order of what they matter; as they are given where nothing can be said. */
    List<SweptKey> ordered(List<SweptKey> keys) {
        return shares.isEmpty() ? keys : shares.stream().map(Share::key).toList();
    }

    /** A table; nothing where nothing can be said. */
    Html html() {
        Html html = new Html();
        if (shares.isEmpty()) {
            return html;
        }
        html.element(
                "p",
                ofGrid
                        ? "How much each key matters by itself: the share of the trials' variance that lies between its values."
                                + " What matters only together with another key is not seen, and few trials tell little."
                        : "How much each key matters: what a small forest of trees, grown on some trials, loses on the others when"
                                + " these exchange their values of the key; in shares of what all keys lose. Few trials tell"
                                + " little.");
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Importance");
        html.open("table").open("tbody");
        for (Share each : shares) {
            html.open("tr").element("th", each.key().name(), "scope", "row").open("td");
            html.element("i", "", "class", "bar", "style", "--share:" + Numbers.brief(each.share(), 3));
            html.text(Numbers.percent(each.share())).close().close();
        }
        return html.close().close().close();
    }
}
