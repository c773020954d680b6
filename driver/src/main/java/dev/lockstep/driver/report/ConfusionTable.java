package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Scores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What was taken for what: as a heat map, or, when there are too many classes to see it at once, as a list of the most
 * frequent mistakes.
 *
 * @param names of the classes of {@code scores}
 */
record ConfusionTable(Scores scores, List<String> names) {
    private static final int MOST_CLASSES = 40;
    private static final int MOST_MISTAKES = 20;

    private record Mistake(int actual, int predicted, long count) {}

    Html html() {
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Confusion matrix");
        if (scores.classes() <= MOST_CLASSES) {
            heatMap(html);
        } else {
            mistakes(html);
        }
        return html.close();
    }

    private void heatMap(Html html) {
        html.open("table", "class", "heat");
        html.element("caption", "Confusion matrix, a row for each true class");
        html.open("thead").open("tr");
        html.element("th", "true \\ predicted", "scope", "col");
        for (String name : names.subList(0, scores.classes())) {
            html.open("th", "scope", "col").element("span", name).close();
        }
        html.close().close().open("tbody");
        for (int i = 0; i < scores.classes(); i++) {
            html.open("tr").element("th", names.get(i), "scope", "row");
            for (int j = 0; j < scores.classes(); j++) {
                cell(html, i, j);
            }
            html.close();
        }
        html.close().close();
    }

    private void cell(Html html, int actual, int predicted) {
        long count = scores.confusion()[actual][predicted];
        if (count == 0) {
            html.element("td", "0", "class", "none");
            return;
        }
        // The root: most mistakes are a few per cent of their row, and should still be seen.
        double heat = Math.sqrt((double) count / scores.support(actual));
        html.element(
                "td",
                Numbers.whole(count),
                "class",
                actual == predicted ? "right" : "wrong",
                "style",
                "--share:" + Numbers.brief(heat, 2));
    }

    private void mistakes(Html html) {
        List<Mistake> mistakes = new ArrayList<>();
        for (int i = 0; i < scores.classes(); i++) {
            for (int j = 0; j < scores.classes(); j++) {
                if (i != j && scores.confusion()[i][j] > 0) {
                    mistakes.add(new Mistake(i, j, scores.confusion()[i][j]));
                }
            }
        }
        mistakes.sort(Comparator.comparingLong(Mistake::count).reversed());
        html.open("table").element("caption", "Most frequent mistakes");
        html.open("thead").open("tr");
        for (String heading : List.of("true class", "predicted class", "examples")) {
            html.element("th", heading, "scope", "col");
        }
        html.close().close().open("tbody");
        for (Mistake mistake : mistakes.subList(0, Math.min(MOST_MISTAKES, mistakes.size()))) {
            html.open("tr").element("th", names.get(mistake.actual()), "scope", "row");
            html.element("td", names.get(mistake.predicted()));
            html.element("td", Numbers.whole(mistake.count())).close();
        }
        html.close().close();
    }
}
