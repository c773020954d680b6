package dev.lockstep.bench.scaling;

import dev.lockstep.driver.report.Axis;
import dev.lockstep.driver.report.LineChart;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.Series;
import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.report.Series.Style;
import dev.lockstep.worker.exchange.Traffic;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.DoubleStream;

/**
 * The numbers of {@code docs/scaling.md}: its tables, each between two comments that name it, and its plots. A test
 * compares them with what stands in the repository.
 */
public final class ScalingDocument {
    private static final double MILLI = 1e-3;
    private static final double MICRO = 1e-6;
    private static final double NANO = 1e-9;

    private static final int LENET = 431_080;
    private static final int CORES = 2;

    /** Spike of the gang on a machine of two cores, computing meanwhile; other work ran beside it. */
    private static final List<MeasuredPoint> MEASURED = List.of(
            measured("one executor, two tasks (shared memory)", new Layout(LENET, 2, 1), 0.13, 0.13),
            measured("two executors", Layout.ofOneShardEach(LENET, 2), 2, 5),
            measured("four executors", Layout.ofOneShardEach(LENET, 4), 7, 11),
            measured("two executors", Layout.ofOneShardEach(10_000_000, 2), 76, 90));

    private static final CostModel HOST = CostModel.fit(MEASURED);

    /** Assumed, not measured. */
    private static final double MESSAGE_MICROS = 50;

    private static final CostModel NETWORK_10 = network(10, MESSAGE_MICROS);
    private static final CostModel NETWORK_25 = network(25, MESSAGE_MICROS);
    private static final CostModel CLUSTER_10 = HOST.plus(NETWORK_10);
    private static final CostModel CLUSTER_25 = HOST.plus(NETWORK_25);

    private static final List<Integer> PARAMETERS = List.of(LENET, 1_000_000, 10_000_000, 100_000_000);
    private static final List<Integer> EXECUTORS = List.of(8, 16, 32, 64, 128, 256, 512, 1000);
    private static final List<Double> COMPUTE_SECONDS = List.of(0.01, 0.1, 1.0);
    /** From here on colours are dashed. */
    private static final int DASHED = 8;

    private ScalingDocument() {}

    /**
     * Writes the tables and plots anew.
     *
     * @param args the folder of the documents
     */
    public static void main(String[] args) throws IOException {
        Path docs = Path.of(args[0]);
        Path document = docs.resolve("scaling.md");
        Files.writeString(document, withTables(Files.readString(document)));
        for (var plot : plots().entrySet()) {
            Files.writeString(docs.resolve("images").resolve(plot.getKey()), plot.getValue());
        }
    }

    /** A document with its tables replaced by what the model says today. */
    static String withTables(String document) {
        String written = document;
        for (var table : tables().entrySet()) {
            String begin = "<!-- " + table.getKey() + " -->\n";
            int from = written.indexOf(begin) + begin.length();
            int to = written.indexOf("<!-- end -->", from);
            if (from < begin.length() || to < 0) {
                throw new IllegalArgumentException("the document has no place for the table " + table.getKey()
                        + ": expected the lines " + begin.strip() + " and <!-- end -->");
            }
            written = written.substring(0, from) + table.getValue() + written.substring(to);
        }
        return written;
    }

    static Map<String, String> tables() {
        Map<String, String> tables = new LinkedHashMap<>();
        tables.put("traffic", traffic());
        tables.put("fit", fit());
        tables.put("costs", costs());
        tables.put("rule", rule());
        tables.put("exchange", exchange());
        tables.put("efficiency", efficiency());
        tables.put("shards", shards());
        return tables;
    }

    /** File names and contents. */
    static Map<String, String> plots() {
        List<Series> exchange = new ArrayList<>();
        for (int i = 0; i < PARAMETERS.size(); i++) {
            int parameters = PARAMETERS.get(i);
            exchange.add(line(size(parameters) + ", 10 Gb/s", i, n -> millis(CLUSTER_10, parameters, n)));
            exchange.add(line(size(parameters) + ", 25 Gb/s", i + DASHED, n -> millis(CLUSTER_25, parameters, n)));
        }
        List<Series> efficiency = new ArrayList<>();
        for (int i = 0; i < PARAMETERS.size(); i++) {
            int parameters = PARAMETERS.get(i);
            efficiency.add(line(size(parameters) + ", 0.1 s", i, n -> percent(parameters, n, 0.1)));
            efficiency.add(line(size(parameters) + ", 1 s", i + DASHED, n -> percent(parameters, n, 1)));
        }
        List<Series> messages = new ArrayList<>();
        for (int micros : List.of(0, 10, 20, 50, 100)) {
            CostModel model = HOST.plus(network(10, micros));
            messages.add(line("α = " + micros + " µs", messages.size(), n -> millis(model, LENET, n)));
        }
        Map<String, String> plots = new LinkedHashMap<>();
        plots.put(
                "scaling-exchange.svg",
                chart("Computed: exchange of a step", Axis.logarithmic("ms", values(exchange)), exchange));
        plots.put(
                "scaling-efficiency.svg",
                chart(
                        "Computed: share of a step spent computing, 10 Gb/s",
                        new Axis("%", false, 0, 100, List.of(0., 20., 40., 60., 80., 100.)),
                        efficiency));
        plots.put(
                "scaling-messages.svg",
                chart(
                        "Computed: exchange of 0.43 M parameters, 10 Gb/s",
                        Axis.logarithmic("ms", values(messages)),
                        messages));
        return plots;
    }

    private static String traffic() {
        StringBuilder table = header("executors", "messages", "MB");
        for (int executors : EXECUTORS) {
            row(
                    table,
                    executors,
                    p -> Numbers.whole(most(Layout.ofOneShardEach(p, executors), CostModel::messages)),
                    p -> String.format(
                            Locale.ROOT, "%.2f", most(Layout.ofOneShardEach(p, executors), Traffic::bytesSent) / 1e6));
        }
        return table.toString();
    }

    private static String fit() {
        StringBuilder table =
                new StringBuilder("| point | parameters | measured, ms | model, ms |\n|---|---|---|---|\n");
        for (MeasuredPoint point : MEASURED) {
            String low = figure(point.low() / MILLI);
            String high = figure(point.high() / MILLI);
            line(
                    table,
                    point.name(),
                    Numbers.whole(point.layout().parameters()),
                    low.equals(high) ? low : low + "–" + high,
                    figure(HOST.seconds(point) / MILLI));
        }
        return table.toString();
    }

    private static String costs() {
        StringBuilder table = new StringBuilder(
                "| | α, µs a message | β, ns a byte | γ, ns an addition | comes from |\n|---|---|---|---|---|\n");
        cost(table, "host: the executor's own work", HOST, "**fitted** to the measured points");
        cost(table, "network of 10 Gb/s", NETWORK_10, "**assumed**: 8 bits ÷ 10 Gb/s, typical α");
        cost(table, "network of 25 Gb/s", NETWORK_25, "**assumed**: 8 bits ÷ 25 Gb/s, typical α");
        return table.toString();
    }

    /** With many executors each sends all parameters twice, and adds them up once. */
    private static String rule() {
        StringBuilder table =
                new StringBuilder("| network | ms a million parameters | and ms an executor |\n|---|---|---|\n");
        rule(table, "10 Gb/s", CLUSTER_10);
        rule(table, "25 Gb/s", CLUSTER_25);
        return table.toString();
    }

    private static void rule(StringBuilder table, String name, CostModel model) {
        double parameter = 2 * Float.BYTES * model.perByte() + model.perAddition();
        line(table, name, figure(1e6 * parameter / MILLI), figure(2 * model.perMessage() / MILLI));
    }

    private static void cost(StringBuilder table, String name, CostModel model, String source) {
        line(
                table,
                name,
                figure(model.perMessage() / MICRO),
                figure(model.perByte() / NANO),
                figure(model.perAddition() / NANO),
                source);
    }

    private static String exchange() {
        StringBuilder table = header("executors", "10 Gb/s", "25 Gb/s");
        for (int executors : EXECUTORS) {
            row(
                    table,
                    executors,
                    p -> figure(millis(CLUSTER_10, p, executors)),
                    p -> figure(millis(CLUSTER_25, p, executors)));
        }
        return table.toString();
    }

    private static String efficiency() {
        StringBuilder table = new StringBuilder("| computing | executors |");
        PARAMETERS.forEach(p -> table.append(' ').append(size(p)).append(" |"));
        table.append("\n|---|---|").append("---|".repeat(PARAMETERS.size())).append('\n');
        for (double compute : COMPUTE_SECONDS) {
            for (int executors : List.of(8, 64, 256, 1000)) {
                List<String> cells = new ArrayList<>();
                cells.add(figure(compute) + " s");
                cells.add(Numbers.whole(executors));
                for (int parameters : PARAMETERS) {
                    cells.add(figure(percent(parameters, executors, compute)) + " %");
                }
                line(table, cells.toArray(String[]::new));
            }
        }
        return table.toString();
    }

    private static String shards() {
        StringBuilder table =
                new StringBuilder("| executors | shards | MB sent | times the least | exchange, ms at 10 Gb/s |\n"
                        + "|---|---|---|---|---|\n");
        for (int executors : List.of(8, 24, 1000)) {
            long least = most(Layout.ofOneShardEach(10_000_000, executors), Traffic::bytesSent);
            int powerOfTwo = 2 * Integer.highestOneBit(executors);
            for (int shards :
                    new TreeSet<>(List.of(executors, 2 * executors, 3 * executors, 4 * executors, powerOfTwo))) {
                Layout layout = new Layout(10_000_000, shards, executors);
                long bytes = most(layout, Traffic::bytesSent);
                line(
                        table,
                        Numbers.whole(executors),
                        Numbers.whole(shards),
                        String.format(Locale.ROOT, "%.1f", bytes / 1e6),
                        String.format(Locale.ROOT, "%.2f", (double) bytes / least),
                        figure(CLUSTER_10.seconds(layout) / MILLI));
            }
        }
        return table.toString();
    }

    private static StringBuilder header(String first, String one, String other) {
        StringBuilder header = new StringBuilder("| " + first + " |");
        PARAMETERS.forEach(p -> header.append(' ').append(size(p)).append(": ").append(one + " / " + other + " |"));
        return header.append("\n|---|").append("---|".repeat(PARAMETERS.size())).append('\n');
    }

    /** For each number of parameters two figures. */
    private static void row(StringBuilder table, int executors, Cell one, Cell other) {
        List<String> cells = new ArrayList<>();
        cells.add(Numbers.whole(executors));
        for (int parameters : PARAMETERS) {
            cells.add(one.of(parameters) + " / " + other.of(parameters));
        }
        line(table, cells.toArray(String[]::new));
    }

    private interface Cell {
        String of(int parameters);
    }

    private static void line(StringBuilder table, String... cells) {
        table.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String chart(String title, Axis y, List<Series> series) {
        Axis x = new Axis(
                "executors",
                true,
                EXECUTORS.get(0),
                EXECUTORS.get(EXECUTORS.size() - 1),
                EXECUTORS.stream().map(Integer::doubleValue).toList());
        return new LineChart(title, x, y, series).svg();
    }

    private static Series line(String name, int colour, ToDoubleFunction<Integer> value) {
        return new Series(
                name,
                colour,
                Style.LINE,
                EXECUTORS.stream()
                        .map(n -> new Point(n, value.applyAsDouble(n)))
                        .toList());
    }

    private static DoubleStream values(List<Series> series) {
        return series.stream().flatMapToDouble(s -> s.points().stream().mapToDouble(Point::y));
    }

    private static double millis(CostModel model, int parameters, int executors) {
        return model.seconds(Layout.ofOneShardEach(parameters, executors)) / MILLI;
    }

    private static double percent(int parameters, int executors, double computeSeconds) {
        return 100 * CLUSTER_10.efficiency(Layout.ofOneShardEach(parameters, executors), computeSeconds);
    }

    private static long most(Layout layout, ToLongFunction<Traffic> count) {
        return layout.traffic().stream().mapToLong(count).max().orElseThrow();
    }

    private static MeasuredPoint measured(String name, Layout layout, double lowMillis, double highMillis) {
        return new MeasuredPoint(name, layout, CORES, lowMillis * MILLI, highMillis * MILLI);
    }

    private static CostModel network(double gigabits, double messageMicros) {
        return new CostModel(messageMicros * MICRO, 8 / gigabits * NANO, 0);
    }

    private static String size(int parameters) {
        return parameters == LENET ? "0.43 M" : parameters / 1_000_000 + " M";
    }

    /** Two significant digits: the model knows no more. */
    private static String figure(double value) {
        return value >= 10 ? String.format(Locale.ROOT, "%,.0f", roundedToTwo(value)) : Numbers.brief(value, 2);
    }

    private static double roundedToTwo(double value) {
        return new BigDecimal(value).round(new MathContext(2)).doubleValue();
    }
}
