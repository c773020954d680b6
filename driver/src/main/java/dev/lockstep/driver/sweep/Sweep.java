package dev.lockstep.driver.sweep;

import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.SweepConfig;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord.Status;
import dev.lockstep.driver.sweep.TrialResult.Evaluated;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A search over its trials, all to their ends or by successive halving, with its folder kept up to date.
 *
 * <p>Successive halving (Jamieson, Talwalkar: "Non-stochastic best arm identification and hyperparameter optimization",
 * 2016) in its synchronous form: a rung is judged when all of its trials have come to it, by (metric, number), so what
 * goes on depends neither on how many run at once nor on who is faster. The asynchronous form (ASHA) promotes whoever is
 * there first: never idle, but another machine gets another result.
 */
public final class Sweep implements TrialObserver {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);
    private static final long WRITE_NANOS = 1_000_000_000L;

    private final Search search;
    private final Datasets datasets;
    private final SweepFiles files;
    private final SweepTable table;
    private final BooleanSupplier stop;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final TreeMap<Integer, RankedTrial> standings = new TreeMap<>();
    private int rung;
    private long written = System.nanoTime();

    /** @param stop asked whether to end early */
    public Sweep(Search search, Datasets datasets, RunFolder folder, SweepTable table, BooleanSupplier stop) {
        this.search = search;
        this.datasets = datasets;
        this.files = new SweepFiles(folder, search);
        this.table = table;
        this.stop = stop;
        for (Trial trial : search.trials()) {
            numbers.put(trial.name(), numbers.size());
        }
    }

    /**
     * Runs what is left of the sweep.
     *
     * @return whether it came to its end
     */
    public boolean run(TrialScheduler scheduler) throws IOException {
        boolean whole = search.budgets().isEmpty() ? complete(scheduler, search.trials(), null) : halve(scheduler);
        synchronized (this) {
            files.write(List.copyOf(standings.values()));
        }
        return whole;
    }

    private boolean complete(TrialScheduler scheduler, List<Trial> trials, Every budget) {
        List<TrialResult> results = scheduler.run(trials, budget);
        return results.size() == trials.size()
                && results.stream()
                        .allMatch(result -> result.status() != Status.INTERRUPTED || isAtRest(result, budget));
    }

    private boolean isAtRest(TrialResult result, Every budget) {
        return budget != null && result.rests(result.trial().restingStep(datasets, budget));
    }

    /** What the trials of this rung train to; null for all of it. */
    private Every rungBudget() {
        return rung < search.budgets().size() - 1 ? search.budgets().get(rung) : null;
    }

    private boolean halve(TrialScheduler scheduler) {
        List<Trial> rising = search.trials();
        for (Every budget = rungBudget(); budget != null; budget = rungBudget()) {
            if (!complete(scheduler, rising, budget)) {
                return false;
            }
            rising = promoted(rising, budget);
            rung++;
        }
        return complete(scheduler, rising, null);
    }

    /** The best of a rung, in the order of trials; the others are put down as stopped. */
    private synchronized List<Trial> promoted(List<Trial> trials, Every budget) {
        SweepConfig.Metric metric = search.metric();
        record Contender(Trial trial, double value) {}
        List<Contender> contenders = new ArrayList<>();
        for (Trial trial : trials) {
            TrialResult result = standings.get(numbers.get(trial.name())).result();
            Optional<Evaluated> there = result.at(RankedTrial.split(metric), trial.restingStep(datasets, budget));
            if (there.isEmpty() && result.status() == Status.FINISHED) { // it ended early, by itself
                there = result.kept(RankedTrial.split(metric));
            }
            RankedTrial.value(metric, there).ifPresent(value -> contenders.add(new Contender(trial, value)));
        }
        contenders.sort(Comparator.comparing(Contender::value, RankedTrial.by(metric))
                .thenComparing(contender -> numbers.get(contender.trial().name())));
        int kept = Math.min(contenders.size(), Math.max(1, trials.size() / search.reduction()));
        for (int i = kept; i < contenders.size(); i++) {
            String why = "after " + budget + ": place " + (i + 1) + " of " + trials.size() + " by " + metric
                    + ", the best " + kept + " went on";
            standings.computeIfPresent(
                    numbers.get(contenders.get(i).trial().name()),
                    (number, standing) -> new RankedTrial(number, standing.rung(), false, why, standing.result()));
        }
        table.judged(standings.values(), contenders.size() - kept);
        return contenders.subList(0, kept).stream()
                .map(Contender::trial)
                .sorted(Comparator.comparing(trial -> numbers.get(trial.name())))
                .toList();
    }

    @Override
    public synchronized void progressed(Trial trial, long stepsDone, long restStep) {
        table.progressed(trial, stepsDone, restStep);
    }

    @Override
    public synchronized void ended(TrialResult result) {
        int number = numbers.get(result.trial().name());
        boolean resting = result.status() == Status.INTERRUPTED && isAtRest(result, rungBudget());
        standings.put(number, new RankedTrial(number, rung, resting, null, result));
        table.ended(standings.get(number), standings.values());
        if (System.nanoTime() - written > WRITE_NANOS) {
            written = System.nanoTime();
            try {
                files.write(List.copyOf(standings.values()));
            } catch (IOException e) {
                LOG.warn("cannot write the sweep's files now: {}; at its end they are written again", e.toString());
            }
        }
    }

    @Override
    public boolean stopRequested() {
        return stop.getAsBoolean();
    }

    /** The best trial that finished. */
    public synchronized Optional<TrialResult> best() {
        return standings.values().stream()
                .filter(RankedTrial::isFinished)
                .min(RankedTrial.bestFirst(search.metric()))
                .map(RankedTrial::result);
    }

    /** The first trial that diverged or failed; there is one when the sweep came to its end and none finished. */
    public TrialResult firstFailure() {
        return results().stream()
                .filter(result -> result.status() == Status.DIVERGED || result.status() == Status.FAILED)
                .findFirst()
                .orElseThrow();
    }

    /** The trials that were begun. */
    public synchronized List<TrialResult> results() {
        return standings.values().stream().map(RankedTrial::result).toList();
    }
}
