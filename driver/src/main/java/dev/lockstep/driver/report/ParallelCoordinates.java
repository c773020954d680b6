package dev.lockstep.driver.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A line for each trial of a sweep, through its values on upright axes, one a key, and what trials are compared by on the
 * last. The better a trial, the stronger its line; the best is on top in a colour of its own.
 */
record ParallelCoordinates(List<SweptKey> keys, String metric, List<SweepTrial> trials) {
    private static final int GAP = 150;
    private static final int MARGIN = 75;
    private static final int TOP = 34;
    private static final int BOTTOM = 270;
    /** Marks that are closer than this part of an axis would cover each other. */
    private static final double CLOSEST = 0.06;

    /** Empty when there are not two trials to compare. */
    Html figure() {
        List<SweepTrial> ranked = trials.stream()
                .filter(SweepTrial::isRanked)
                .sorted(Comparator.comparingInt(SweepTrial::rank).reversed())
                .toList();
        Html html = new Html();
        if (ranked.size() < 2) {
            return html;
        }
        Axis axis = Axis.linear(metric, ranked.stream().mapToDouble(SweepTrial::value));
        int width = 2 * MARGIN + GAP * keys.size();
        html.open("figure", "class", "chart");
        html.open("figcaption")
                .text("Parallel coordinates ")
                .element("span", "a line a trial; drag along an axis to choose some")
                .close();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Parallel coordinates");
        html.open(
                "svg",
                "class",
                "parallel",
                "data-first",
                Integer.toString(MARGIN),
                "data-gap",
                Integer.toString(GAP),
                "viewBox",
                "0 0 " + width + " " + (BOTTOM + 16),
                "role",
                "img",
                "style",
                "width:" + width + "px;max-width:none");
        html.element("title", "Parallel coordinates");
        html.element(
                "desc", "The best trial is " + ranked.get(ranked.size() - 1).title() + ".");
        for (SweepTrial trial : ranked) {
            line(html, trial, axis, 1 - (trial.rank() - 1.0) / ranked.size());
        }
        for (int i = 0; i < keys.size(); i++) {
            upright(html, i, keys.get(i));
        }
        upright(html, axis);
        return html.close().close().close();
    }

    private void upright(Html html, int place, SweptKey key) {
        String name = key.name().substring(key.name().lastIndexOf('.') + 1);
        frame(html, place, name, key.name());
        double below = Double.NEGATIVE_INFINITY;
        for (String value : key.values()) {
            double position = key.position(value);
            boolean last = value.equals(key.values().get(key.values().size() - 1));
            if (last || (position >= below + CLOSEST && position <= 1 - CLOSEST)) {
                mark(html, place, position, key.isNumeric() ? Numbers.brief(SweptKey.number(value)) : value);
                below = position;
            }
        }
    }

    private void upright(Html html, Axis axis) {
        frame(html, keys.size(), metric, metric);
        for (double tick : axis.ticks()) {
            mark(html, keys.size(), axis.position(tick), Numbers.brief(tick));
        }
    }

    private static void frame(Html html, int place, String name, String whole) {
        String x = Integer.toString(x(place));
        html.open("text", "class", "x", "x", x, "y", "16");
        html.element("title", whole).text(name).close();
        html.empty("path", "class", "axis", "d", "M" + x + "," + TOP + "V" + BOTTOM);
    }

    private static void mark(Html html, int place, double position, String text) {
        String shown = text.length() > 14 ? text.substring(0, 13) + "…" : text;
        html.element(
                "text", shown, "class", "at", "x", Integer.toString(x(place) + 6), "y", Long.toString(y(position)));
    }

    private void line(Html html, SweepTrial trial, Axis axis, double strength) {
        List<String> points = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            points.add(x(i) + ","
                    + y(keys.get(i).position(trial.values().get(keys.get(i).name()))));
        }
        points.add(x(keys.size()) + "," + y(axis.position(trial.value())));
        boolean best = trial.rank() == 1;
        html.open(
                "path",
                "class",
                best ? "c1" : "c0",
                "data-at",
                String.join(" ", points),
                "d",
                "M" + String.join("L", points),
                "style",
                best ? "stroke-width:3" : "opacity:" + Numbers.brief(0.12 + 0.7 * strength * strength, 2));
        html.element("title", trial.title() + ": " + Numbers.decimal(trial.value()));
        html.close();
    }

    private static int x(int place) {
        return MARGIN + GAP * place;
    }

    private static long y(double position) {
        return Math.round(BOTTOM - (BOTTOM - TOP) * position);
    }
}
