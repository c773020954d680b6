package dev.lockstep.driver.report;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.worker.model.objective.Objective;
import java.util.List;

/**
 * The figures of every label or value.
 *
 * @param names of the labels or values of {@code scores}
 */
record TargetTable(Objective objective, Scores scores, List<String> names) {

    Html html() {
        String what = objective == Objective.MULTI_LABEL ? "label" : "value";
        List<String> figures = List.copyOf(scores.ofTargets().keySet());
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Figures by " + what);
        html.open("table", "class", "scores");
        html.element("caption", "Figures by " + what);
        html.open("thead").open("tr").element("th", what, "scope", "col");
        figures.forEach(figure -> html.element("th", Figures.name(figure), "scope", "col"));
        html.close().close().open("tbody");
        for (int i = 0; i < names.size(); i++) {
            html.open("tr").element("th", names.get(i), "scope", "row");
            for (String figure : figures) {
                double value = scores.ofTarget(figure, i);
                html.element("td", figure.equals(Scores.EXAMPLES) ? Numbers.whole(value) : Numbers.figure(value));
            }
            html.close();
        }
        return html.close().close().close();
    }
}
