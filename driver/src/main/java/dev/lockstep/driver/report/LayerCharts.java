package dev.lockstep.driver.report;

import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.driver.run.HistogramLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How the values in the layers of a network are spread while it learns.
 *
 * @param types of the layers, by name; of those that are known
 */
record LayerCharts(LayerHistory history, StepClock clock, Map<String, String> types) {
    /** Of a kind; of deeper networks, evenly many are shown. */
    private static final int MOST_LAYERS = 40;

    private static final Map<String, String> TITLES = Map.of(
            HistogramLine.WEIGHTS, "Weights",
            HistogramLine.ACTIVATIONS, "Outputs",
            HistogramLine.GRADIENTS, "Gradients of the weights");

    Html html() {
        Html html = new Html();
        html.open("section").element("h2", "Inside the layers");
        html.element(
                "p",
                "What the first training examples make of each layer while the network learns. Where the spread of the"
                        + " gradients falls from layer to layer towards the input, they vanish; where it rises, they explode."
                        + " Outputs that are all alike are of units that are dead or saturated.");
        html.open("div", "class", "charts");
        for (String what : HistogramLine.KINDS) {
            LineChart chart = spread(what);
            if (!chart.isEmpty()) {
                html.add(chart.figure());
            }
        }
        html.close();
        for (String what : HistogramLine.KINDS) {
            ridges(html, what);
        }
        return html.close();
    }

    private void ridges(Html html, String what) {
        Map<String, List<HistogramLine>> layers = history.some(what);
        if (layers.isEmpty()) {
            return;
        }
        int apart = (layers.size() + MOST_LAYERS - 1) / MOST_LAYERS;
        String which = apart == 1 ? "layer by layer" : "one of " + apart + " layers";
        html.open("details", "open", what.equals(HistogramLine.WEIGHTS) ? "" : null)
                .element("summary", TITLES.get(what) + ", " + which);
        html.open("div", "class", "charts small");
        int number = 0;
        for (Map.Entry<String, List<HistogramLine>> layer : layers.entrySet()) {
            if (number++ % apart == 0) {
                html.add(new RidgeChart(title(layer.getKey()), layer.getValue()).figure());
            }
        }
        html.close().close();
    }

    private String title(String layer) {
        return title(layer, types);
    }

    /** What a layer is called, with its type where that is known. */
    static String title(String layer, Map<String, String> types) {
        return types.containsKey(layer) ? layer + " " + types.get(layer) : "Layer " + layer;
    }

    private LineChart spread(String what) {
        List<Series> series = new ArrayList<>();
        history.deviations(what)
                .forEach((layer, curve) ->
                        series.add(new Series(title(layer), series.size(), Style.LINE, curve, clock)));
        return LineChart.of(
                TITLES.get(what) + ": standard deviation",
                "steps",
                values -> Axis.logarithmic("logarithmic", values),
                series);
    }
}
