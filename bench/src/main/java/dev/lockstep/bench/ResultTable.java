package dev.lockstep.bench;

import java.util.List;
import java.util.Locale;

/** Results as people read them: beside each, how many times as fast it is as the bound and as the baseline. */
final class ResultTable {
    private static final String ROW = "%-10s %-18s %-10s %5s %6s %11s %9s %12s %10s %8s%n";

    private ResultTable() {}

    static String header() {
        return String.format(
                ROW,
                "network",
                "mode",
                "exchange",
                "tasks",
                "batch",
                "examples/s",
                "step ms",
                "exchange ms",
                "/ compute",
                "/ stock");
    }

    /** @param results of one network */
    static String rows(List<ModeResult> results) {
        StringBuilder rows = new StringBuilder();
        for (ModeResult result : results) {
            rows.append(String.format(
                    ROW,
                    result.network(),
                    result.mode(),
                    result.exchange(),
                    result.tasks(),
                    result.batch(),
                    figure("%.0f", result.examplesPerSecond()),
                    figure("%.2f", result.stepMillis()),
                    figure("%.2f", result.exchangeMillis()),
                    figure("%.3f", ratio(result, results, "compute")),
                    figure("%.2f", ratio(result, results, "stock-dl4j"))));
        }
        return rows.toString();
    }

    private static double ratio(ModeResult result, List<ModeResult> results, String mode) {
        return results.stream()
                .filter(other -> other.mode().equals(mode))
                .mapToDouble(other -> result.examplesPerSecond() / other.examplesPerSecond())
                .findFirst()
                .orElse(Double.NaN);
    }

    private static String figure(String format, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
