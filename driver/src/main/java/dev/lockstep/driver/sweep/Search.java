package dev.lockstep.driver.sweep;

import dev.lockstep.driver.config.Domain;
import dev.lockstep.driver.config.Every;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.SweepConfig;
import dev.lockstep.driver.config.SweepConfig.Halving;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.seed.SeedLaw.Purpose;
import dev.lockstep.worker.seed.SplitMix64;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * All trials of a sweep, found to be good before the first of them runs.
 *
 * @param trials in their order, which settles every tie
 * @param metric what they are compared by
 * @param budgets what each rung of successive halving trains to, growing; empty for all trials to their ends
 * @param reduction one of so many trials goes on to the next rung
 */
public record Search(List<Trial> trials, SweepConfig.Metric metric, List<Every> budgets, int reduction) {
    /** More trials than this are meant only when the user says so. */
    public static final int UNASKED = 10_000;

    private static final int PROBLEMS_SHOWN = 10;

    /**
     * Draws or counts out the trials and checks each: its configuration, its network, its data.
     *
     * @param large whether more than {@link #UNASKED} trials are meant
     * @throws ConfigurationException that names the trials that cannot run
     */
    public static Search of(SweepConfig sweep, Datasets datasets, boolean large) {
        if (sweep.size() > UNASKED && !large) {
            throw new ConfigurationException(String.format(
                    Locale.ROOT,
                    "the sweep has %s trials, more than %,d; make its space smaller, draw some of them"
                            + " (sweep.strategy=random sweep.trials=100), or say --yes",
                    sweep.size() == Long.MAX_VALUE ? "very many" : String.format(Locale.ROOT, "%,d", sweep.size()),
                    UNASKED));
        }
        if (sweep.size() > Integer.MAX_VALUE) {
            throw new ConfigurationException("the sweep has more trials than can be numbered; make its space smaller");
        }
        List<Trial> trials = trials(sweep);
        check(trials, datasets);
        SweepConfig.Metric metric = metric(sweep.metric(), trials);
        return new Search(
                trials,
                metric,
                budgets(sweep.halving(), trials.get(0).config().training().length()),
                sweep.halving() == null ? 1 : sweep.halving().reduction());
    }

    private static List<Trial> trials(SweepConfig sweep) {
        int size = (int) sweep.size();
        int digits = Math.max(3, Integer.toString(size).length());
        List<Trial> trials = new ArrayList<>();
        Map<String, String> problems = new LinkedHashMap<>(); // what is wrong, and the first trial of which it is
        int bad = 0;
        for (int i = 0; i < size; i++) {
            Map<String, String> values = sweep.trials() > 0 ? drawn(sweep, i) : combination(sweep, i);
            String name = String.format(Locale.ROOT, "%0" + digits + "d", i + 1);
            try {
                trials.add(new Trial(name, values, sweep.trial(values)));
            } catch (ConfigurationException e) {
                problems.putIfAbsent(e.getMessage(), name + " (" + shown(values) + ")");
                bad++;
            }
        }
        refuse(problems, bad, size);
        return List.copyOf(trials);
    }

    /** The i-th combination: the last key, in the order of the alphabet, changes from trial to trial. */
    private static Map<String, String> combination(SweepConfig sweep, int number) {
        Map<String, String> values = new TreeMap<>();
        List<String> keys = new ArrayList<>(sweep.space().keySet());
        Collections.reverse(keys);
        long rest = number;
        for (String key : keys) {
            List<String> choices = ((Domain.Choice) sweep.space().get(key)).values();
            values.put(key, choices.get((int) (rest % choices.size())));
            rest /= choices.size();
        }
        return Collections.unmodifiableMap(values);
    }

    /** A draw depends on the sweep's seed, the number of the trial and the place of its key in the alphabet alone. */
    private static Map<String, String> drawn(SweepConfig sweep, int number) {
        SeedLaw seeds = new SeedLaw(sweep.seed());
        Map<String, String> values = new TreeMap<>();
        int place = 0;
        for (Map.Entry<String, Domain> entry : sweep.space().entrySet()) {
            SplitMix64 random = new SplitMix64(seeds.seed(Purpose.SEARCH, 0, number, place++));
            values.put(entry.getKey(), entry.getValue().draw(random.nextDouble()));
        }
        return Collections.unmodifiableMap(values);
    }

    /** What is found only with the data, or by building the network. */
    private static void check(List<Trial> trials, Datasets datasets) {
        Map<String, String> problems = new LinkedHashMap<>();
        int bad = 0;
        Set<NetworkSpec> built = new HashSet<>();
        for (Trial trial : trials) {
            RunConfig config = trial.config();
            try {
                datasets.check(config);
                if (built.add(config.network())) {
                    Networks.size(config.network());
                }
            } catch (LockstepException e) {
                if (!(e instanceof ConfigurationException)) {
                    throw e; // bad data is not a trial's fault
                }
                problems.putIfAbsent(e.getMessage(), trial.name() + " (" + shown(trial.values()) + ")");
                bad++;
            } catch (RuntimeException e) { // DL4J's own checks
                problems.putIfAbsent(
                        "network.layers: cannot be built: " + e.getMessage(),
                        trial.name() + " (" + shown(trial.values()) + ")");
                bad++;
            }
        }
        refuse(problems, bad, trials.size());
    }

    private static void refuse(Map<String, String> problems, int bad, int of) {
        if (bad == 0) {
            return;
        }
        if (bad == 1) {
            problems.forEach((problem, trial) -> {
                throw new ConfigurationException("trial " + trial + " cannot run: " + problem);
            });
        }
        throw new ConfigurationException(bad + " of " + of + " trials cannot run, none was started; trial "
                + problems.entrySet().stream()
                        .limit(PROBLEMS_SHOWN)
                        .map(entry -> entry.getValue() + ": " + entry.getKey())
                        .collect(Collectors.joining("\n  trial ")));
    }

    /** {@code key=value key=value}. */
    static String shown(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
    }

    private static SweepConfig.Metric metric(SweepConfig.Metric asked, List<Trial> trials) {
        boolean validated =
                trials.stream().allMatch(trial -> trial.config().data().validationFraction() > 0);
        Optional<Objective> other = trials.stream()
                .map(trial -> trial.config().network().objective())
                .filter(objective -> objective != Objective.CLASSIFICATION)
                .findFirst();
        if (asked == null) {
            return validated
                    ? other.isPresent() ? SweepConfig.Metric.VALIDATION_LOSS : SweepConfig.Metric.VALIDATION_ACCURACY
                    : other.isPresent() ? SweepConfig.Metric.TEST_LOSS : SweepConfig.Metric.TEST_ACCURACY;
        }
        if (asked.isAccuracy() && other.isPresent()) {
            throw new ConfigurationException("sweep.metric: is " + asked + ", but train.objective = "
                    + other.get().word() + " has no accuracy; expected "
                    + (asked.isOfValidation() ? SweepConfig.Metric.VALIDATION_LOSS : SweepConfig.Metric.TEST_LOSS));
        }
        if (asked.isOfValidation() && !validated) {
            throw new ConfigurationException("sweep.metric: is " + asked
                    + ", but nothing is held back for validation; set data.validation-fraction, such as 0.1");
        }
        return asked;
    }

    private static List<Every> budgets(Halving halving, Every length) {
        if (halving == null) {
            return List.of();
        }
        Every first = halving.budget();
        if (first.unit() != length.unit() || first.count() >= length.count()) {
            throw new ConfigurationException("sweep.budget: is " + first + "; expected less than the whole training of "
                    + length + ", and counted like it");
        }
        List<Every> budgets = new ArrayList<>();
        for (long count = first.count(); count < length.count(); count *= halving.reduction()) {
            budgets.add(new Every(count, length.unit()));
        }
        budgets.add(length);
        return List.copyOf(budgets);
    }
}
