package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Scores;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Precision, recall, F1 and support of every class.
 *
 * @param names of the classes of {@code scores}
 */
record ClassTable(Scores scores, List<String> names) {

    Html html() {
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Scores by class");
        html.open("table", "class", "scores");
        html.element("caption", "Scores by class");
        html.open("thead").open("tr");
        for (String heading : List.of("class", "precision", "recall", "F1", "support")) {
            html.element("th", heading, "scope", "col");
        }
        html.close().close().open("tbody");
        for (int i = 0; i < scores.classes(); i++) {
            row(
                    html,
                    names.get(i),
                    scores.ofTarget("precision", i),
                    scores.ofTarget("recall", i),
                    scores.ofTarget("f1", i),
                    scores.support(i));
        }
        html.close().open("tfoot");
        row(html, "mean", mean("precision"), mean("recall"), mean("f1"), scores.examples());
        return html.close().close().close();
    }

    /** Of the classes that have one. */
    private double mean(String score) {
        return IntStream.range(0, scores.classes())
                .mapToDouble(i -> scores.ofTarget(score, i))
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    private static void row(Html html, String name, double precision, double recall, double f1, long support) {
        html.open("tr").element("th", name, "scope", "row");
        for (double score : new double[] {precision, recall, f1}) {
            html.open("td");
            if (Double.isFinite(score)) {
                html.element("i", "", "class", "bar", "style", "--share:" + Numbers.brief(score, 3));
            }
            html.text(Numbers.decimal(score)).close();
        }
        html.element("td", Numbers.whole(support)).close();
    }
}
