package dev.lockstep.driver.report;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A network as a table, and as a drawing: a box a layer from the top down, and what skips some layers beside them. */
record NetworkFigure(String input, List<LayerRow> layers) {
    private static final int WIDTH = 400;
    private static final int BOX = 300;
    private static final int HIGH = 30;
    private static final int STEP = 46;
    /** Longer names would reach the shape or, where there is one, the number of parameters. */
    private static final int LONGEST = 30;

    private static final int LONGEST_BESIDE = 18;

    Html html(int batch) {
        long parameters = layers.stream().mapToLong(LayerRow::parameters).sum();
        long trainable = layers.stream().mapToLong(LayerRow::trainable).sum();
        Html html = new Html();
        html.open("section").element("h2", "Network");
        html.element(
                "p",
                "%s layers, %s parameters%s (%s as float32); about %s operations for an example forwards, %s for a step."
                        .formatted(
                                Numbers.whole(layers.size()),
                                Numbers.whole(parameters),
                                trainable == parameters ? "" : ", " + Numbers.whole(trainable) + " of them trained",
                                Numbers.bytes(parameters * Float.BYTES),
                                Numbers.count(LayerRow.flops(layers)),
                                Numbers.count(LayerRow.flopsOfStep(layers, batch))));
        html.open("div", "class", "tables").add(table()).add(drawing()).close();
        return html.close();
    }

    private Html table() {
        Html html = new Html();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Layers");
        html.open("table", "class", "words").open("thead").open("tr");
        for (String heading : List.of("name", "layer", "output", "parameters", "FLOPs")) {
            html.element(
                    "th",
                    heading,
                    "scope",
                    "col",
                    "class",
                    heading.length() > 6 || heading.equals("FLOPs") ? "number" : null);
        }
        html.close().close().open("tbody");
        for (LayerRow layer : layers) {
            html.open("tr").element("th", layer.name(), "scope", "row");
            html.open("td").text(layer.type());
            if (!layer.values().isEmpty()) {
                html.text(" ").element("small", layer.values());
            }
            html.close().element("td", layer.output().toString());
            html.element("td", Numbers.whole(layer.parameters()), "class", "number");
            html.element("td", Numbers.count(layer.flops()), "class", "number").close();
        }
        return html.close().close().close();
    }

    private Html drawing() {
        int height = STEP * (layers.size() + 1);
        Html html = new Html();
        html.open("div", "class", "scroll network", "tabindex", "0", "role", "region", "aria-label", "Drawing");
        html.open(
                "svg",
                "viewBox",
                "0 0 " + WIDTH + " " + height,
                "role",
                "img",
                "style",
                "width:100%;max-width:" + WIDTH + "px;height:auto");
        html.element("title", "The network from its input down");
        Map<String, Integer> places = new HashMap<>();
        box(html, 0, "input", "", input);
        for (int i = 0; i < layers.size(); i++) {
            LayerRow layer = layers.get(i);
            for (String read : layer.inputs()) {
                edge(html, places.getOrDefault(read, 0), i + 1);
            }
            box(
                    html,
                    i + 1,
                    layer.name() + " " + layer.type(),
                    detail(layer),
                    layer.output().toString());
            places.put(layer.name(), i + 1);
        }
        return html.close().close();
    }

    private static String detail(LayerRow layer) {
        return layer.parameters() == 0 ? "" : Numbers.count(layer.parameters());
    }

    private static void box(Html html, int place, String name, String parameters, String shape) {
        String y = Integer.toString(STEP * place + 1);
        String text = Integer.toString(STEP * place + HIGH / 2 + 5);
        html.empty(
                "rect", "x", "1", "y", y, "width", Integer.toString(BOX), "height", Integer.toString(HIGH), "rx", "5");
        int most = parameters.isEmpty() ? LONGEST : LONGEST_BESIDE;
        html.open("text", "x", "10", "y", text).element("title", name);
        html.text(name.length() > most ? name.substring(0, most - 1) + "…" : name)
                .close();
        html.element("text", parameters, "class", "soft y", "x", "208", "y", text, "text-anchor", "end");
        html.element("text", shape, "class", "soft", "x", Integer.toString(BOX - 8), "y", text, "text-anchor", "end");
    }

    private static void edge(Html html, int from, int to) {
        int bottom = STEP * from + HIGH + 1;
        int top = STEP * to + 1;
        if (to == from + 1) {
            html.empty("path", "d", "M" + BOX / 2 + "," + bottom + "V" + top + "m-4,-5l4,5l4,-5");
            return;
        }
        int aside = BOX + 20 + Math.min(70, 8 * (to - from));
        int middle = STEP * from + HIGH / 2;
        int end = STEP * to + HIGH / 2;
        html.empty(
                "path",
                "d",
                "M" + (BOX + 1) + "," + middle + "C" + aside + "," + middle + " " + aside + "," + end + " " + (BOX + 2)
                        + "," + end + "m5,-4l-5,4l5,4");
    }
}
