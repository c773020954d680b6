package dev.lockstep.jobs.course;

import static dev.lockstep.driver.report.UnitSquare.right;
import static dev.lockstep.driver.report.UnitSquare.up;

import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.UnitSquare;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How a boosting weighs its examples for each of its members.
 *
 * @param methods each with its first seed's members
 */
record ResampleWeights(List<Method> methods) {
    private static final int POINTS = 100;
    private static final int MOST_MEMBERS = 100;

    /** @param members each with the weights of the examples that it was trained on, the heaviest first, in shares of all */
    private record Method(String name, List<double[]> members) {}

    static ResampleWeights read(RunFolder exercise) throws IOException {
        RunFolder folder = exercise.folder("weights");
        List<Method> methods = new ArrayList<>();
        for (String method : List.of("boosting", "boosting-samme")) {
            List<double[]> members = new ArrayList<>();
            byte[] file = folder.read(method + "-1.txt");
            while (file != null && members.size() < MOST_MEMBERS) {
                members.add(shares(new String(file, StandardCharsets.UTF_8), folder, method));
                file = folder.read(method + "-" + (members.size() + 1) + ".txt");
            }
            if (members.size() > 1) {
                methods.add(new Method(method, members));
            }
        }
        return new ResampleWeights(methods);
    }

    private static double[] shares(String text, RunFolder folder, String method) {
        try {
            double[] weights =
                    text.lines().mapToDouble(Double::parseDouble).sorted().toArray();
            double sum = Arrays.stream(weights).sum();
            double[] shares = new double[weights.length];
            Arrays.setAll(shares, i -> weights[weights.length - 1 - i] / sum);
            if (weights.length == 0 || !(sum > 0) || weights[0] < 0) {
                throw new NumberFormatException("they are not the weights of anything");
            }
            return shares;
        } catch (NumberFormatException e) {
            throw new DataException(
                    folder.path() + ": the weights of " + method + " are damaged (" + Excerpt.line(e.getMessage())
                            + ")",
                    e);
        }
    }

    Html html() {
        Html html = new Html();
        if (methods.isEmpty()) {
            return html;
        }
        html.open("section").element("h2", "What boosting looks at");
        html.element(
                "p",
                "Each member is trained on a resample in proportion to these weights, which grow where the ones before it"
                        + " were wrong. A line is a member: how much of all weight the heaviest examples have; on the diagonal"
                        + " all weigh the same. As many examples as the last column says, all alike, would be as uneven.");
        html.open("div", "class", "squares");
        methods.forEach(method -> html.add(curves(method)));
        html.close();
        html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Weights");
        html.open("table").open("thead").open("tr");
        for (String heading : List.of(
                "member",
                "heaviest example, of the mean weight",
                "weight of the heaviest tenth",
                "examples that count")) {
            html.element("th", heading, "scope", "col");
        }
        html.close().close().open("tbody");
        for (Method method : methods) {
            for (int m = 0; m < method.members().size(); m++) {
                double[] shares = method.members().get(m);
                html.open("tr").element("th", method.name() + "-" + (m + 1), "scope", "row");
                html.element("td", Numbers.brief(shares[0] * shares.length, 3) + " times");
                html.element("td", Numbers.percent(upTo(shares, 0.1)));
                html.element("td", Numbers.whole(effective(shares))).close();
            }
        }
        return html.close().close().close().close();
    }

    /** How much the heaviest examples have together. */
    static double upTo(double[] shares, double part) {
        return Arrays.stream(shares).limit(Math.round(part * shares.length)).sum();
    }

    /** So many equal ones would have the same sum of squares. */
    static double effective(double[] shares) {
        return 1 / Arrays.stream(shares).map(share -> share * share).sum();
    }

    private static Html curves(Method method) {
        Html inside = new Html();
        for (int m = 0; m < method.members().size(); m++) {
            double[] shares = method.members().get(m);
            StringBuilder path = new StringBuilder();
            double sum = 0;
            int taken = 0;
            for (int point = 0; point <= POINTS; point++) {
                int until = (int) ((long) shares.length * point / POINTS);
                while (taken < until) {
                    sum += shares[taken++];
                }
                path.append(point == 0 ? "M" : "L")
                        .append(right((double) point / POINTS))
                        .append(',')
                        .append(up(Math.min(1, sum)));
            }
            inside.open("path", "class", "c" + m % 8, "d", path.toString());
            inside.element("title", "member " + (m + 1)).close();
        }
        return new UnitSquare(
                        method.name(),
                        "How much of all weight the heaviest examples have, a line for each member",
                        "of the examples, the heaviest",
                        "of all weight",
                        inside)
                .figure();
    }
}
