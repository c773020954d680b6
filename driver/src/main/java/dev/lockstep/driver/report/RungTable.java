package dev.lockstep.driver.report;

import java.util.Comparator;
import java.util.List;

/** Successive halving, rung by rung: how many trials came there, how far they were trained, and which were ended. */
record RungTable(List<SweepTrial> trials) {
    private static final int MOST_NAMES = 6;

    /** Nothing of a sweep that trains all of its trials to their ends. */
    Html html() {
        Html html = new Html();
        int last = (int) trials.stream()
                .mapToDouble(RungTable::rung)
                .filter(Double::isFinite)
                .max()
                .orElse(-1);
        if (last < 1) {
            return html;
        }
        html.element("p", "Successive halving: the best of a rung go on to the next one.");
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Rungs");
        html.open("table").open("thead").open("tr");
        for (String heading : List.of("rung", "trials", "trained to", "ended there", "the best of these")) {
            html.element("th", heading, "scope", "col");
        }
        html.close().close().open("tbody");
        long first = came(0);
        for (int rung = 0; rung <= last; rung++) {
            row(html, rung, first);
        }
        return html.close().close().close();
    }

    private void row(Html html, int rung, long first) {
        List<SweepTrial> ended = trials.stream()
                .filter(trial -> rung(trial) == rung)
                .sorted(Comparator.comparingInt(trial -> trial.isRanked() ? trial.rank() : Integer.MAX_VALUE))
                .toList();
        double steps =
                ended.stream().mapToDouble(trial -> trial.number("steps")).max().orElse(Double.NaN);
        long came = came(rung);
        html.open("tr")
                .element("th", Integer.toString(rung + 1), "scope", "row")
                .open("td");
        html.element("i", "", "class", "bar", "style", "--share:" + Numbers.brief((double) came / first, 3));
        html.text(Numbers.whole(came)).close();
        html.element("td", Numbers.whole(steps) + " steps");
        html.element("td", Numbers.whole(ended.size()));
        html.element(
                "td",
                ended.isEmpty()
                        ? Numbers.NONE
                        : String.join(
                                        ", ",
                                        ended.stream()
                                                .limit(MOST_NAMES)
                                                .map(SweepTrial::name)
                                                .toList())
                                + (ended.size() > MOST_NAMES ? ", ..." : ""),
                "class",
                "lines");
        html.close();
    }

    private long came(int rung) {
        return trials.stream().filter(trial -> rung(trial) >= rung).count();
    }

    /** From 0; NaN for none. */
    private static double rung(SweepTrial trial) {
        return trial.number("rung");
    }
}
