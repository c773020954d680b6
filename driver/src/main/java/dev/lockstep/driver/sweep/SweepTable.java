package dev.lockstep.driver.sweep;

import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.run.ProgressLine;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Shows how a sweep goes: a table, best first, that is redrawn on a terminal; a line for each trial elsewhere. */
public final class SweepTable {
    private static final int ROWS = 12;
    private static final int WIDTH = 100;
    private static final double SECONDS = 0.5;

    private final PrintStream out;
    private final boolean terminal;
    private final Search search;
    private final double work;
    private final Map<Trial, Double> running = new LinkedHashMap<>();
    private List<RankedTrial> ranking = List.of();
    private double done;
    private double doneBefore;
    private int ended;
    private int rung;
    private final long began = System.nanoTime();
    private long drawn = Long.MIN_VALUE / 2;
    private int linesOpen;

    /** @param terminal whether lines may be redrawn */
    public SweepTable(PrintStream out, boolean terminal, Search search) {
        this.out = out;
        this.terminal = terminal;
        this.search = search;
        this.work = work(search);
    }

    /** All that there is to compute, in whole trainings of a trial. */
    private static double work(Search search) {
        int trials = search.trials().size();
        double work = search.budgets().isEmpty() ? trials : 0;
        for (int rung = 0; rung < search.budgets().size(); rung++) {
            work += trials * share(search, rung);
            trials = Math.max(1, trials / search.reduction());
        }
        return work;
    }

    /** The share of a whole training that a trial computes in a rung. */
    private static double share(Search search, int rung) {
        List<Every> budgets = search.budgets();
        if (budgets.isEmpty()) {
            return 1;
        }
        long before = rung == 0 ? 0 : budgets.get(rung - 1).count();
        return (double) (budgets.get(rung).count() - before)
                / budgets.get(budgets.size() - 1).count();
    }

    void progressed(Trial trial, long stepsDone, long restStep) {
        running.put(trial, (double) stepsDone / restStep);
        draw(false);
    }

    /** @param all the standings of all trials that were begun */
    void ended(RankedTrial standing, Collection<RankedTrial> all) {
        double share = share(search, standing.rung());
        done += share;
        if (running.remove(standing.result().trial()) == null) { // of an earlier session
            doneBefore += share;
        }
        ranking = all.stream().sorted(RankedTrial.bestFirst(search.metric())).toList();
        ended = all.size();
        if (terminal) {
            draw(true);
        } else {
            out.println(line(standing) + "  | " + summary());
            out.flush();
        }
    }

    /** A rung of successive halving was judged. */
    void judged(Collection<RankedTrial> all, int stopped) {
        ranking = all.stream().sorted(RankedTrial.bestFirst(search.metric())).toList();
        rung++;
        message("halving: " + stopped + " trials stopped early");
    }

    /** Prints a line of its own. */
    void message(String text) {
        clear();
        out.println(text);
        out.flush();
    }

    /** Leaves the last state of the table behind. */
    public void conclude() {
        clear();
        lines(Integer.MAX_VALUE).forEach(out::println);
        out.flush();
    }

    private void draw(boolean now) {
        long time = System.nanoTime();
        if (terminal && (now || (time - drawn) / 1e9 >= SECONDS)) {
            drawn = time;
            clear();
            List<String> lines = new ArrayList<>(lines(ROWS));
            lines.add(summary());
            lines.forEach(line -> out.println(line.length() > WIDTH ? line.substring(0, WIDTH) : line));
            linesOpen = lines.size();
            out.flush();
        }
    }

    private void clear() {
        if (linesOpen > 0) {
            out.print("\033[" + linesOpen + "A\033[J");
            linesOpen = 0;
        }
    }

    private List<String> lines(int most) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(Locale.ROOT, "%4s  %-6s %-11s %-19s  values", "", "trial", "status", search.metric()));
        for (int i = 0; i < Math.min(most, ranking.size()); i++) {
            lines.add(String.format(Locale.ROOT, "%4d  %s", i + 1, line(ranking.get(i))));
        }
        if (ranking.size() > most) {
            lines.add("      and " + (ranking.size() - most) + " more");
        }
        return lines;
    }

    private String line(RankedTrial standing) {
        TrialResult result = standing.result();
        Optional<Double> value = standing.value(search.metric());
        return String.format(
                Locale.ROOT,
                "%-6s %-11s %-19s  %s",
                result.trial().name(),
                standing.status(),
                value.map(number -> String.format(Locale.ROOT, "%.4f", number)).orElse("-"),
                Search.shown(result.trial().values()));
    }

    private String summary() {
        StringBuilder text = new StringBuilder();
        text.append(ended).append(" of ").append(search.trials().size()).append(" trials ended");
        if (!running.isEmpty()) {
            text.append("; running");
            running.forEach((trial, share) ->
                    text.append(String.format(Locale.ROOT, " %s %.0f %%", trial.name(), 100 * share)));
        }
        double partly =
                running.values().stream().mapToDouble(Double::doubleValue).sum();
        double now = done + partly * share(search, rung);
        if (now > doneBefore) {
            double seconds = (System.nanoTime() - began) / 1e9;
            double left = seconds * Math.max(0, work - now) / (now - doneBefore);
            text.append("; ").append(ProgressLine.duration(left)).append(" left");
        }
        return text.toString();
    }
}
