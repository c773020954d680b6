package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.FolderLock;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.spark.Jobs;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.driver.sweep.TrialObserver;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialScheduler;
import dev.lockstep.driver.train.TrainingMonitor.SplitName;
import dev.lockstep.jobs.course.Exercise.Variant;
import dev.lockstep.jobs.course.Result.EnsembleResult;
import dev.lockstep.jobs.course.Result.VariantResult;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ActivationFunction;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/** Some exercises, one after the other, each into a folder of its own; the trials of one run side by side. */
public final class CourseRun {
    private static final String WITHOUT_CIFAR10 = "not run: it needs CIFAR-10's binary files (data_batch_1.bin ..."
            + " data_batch_5.bin, test_batch.bin); give their folder with --cifar10 DIR";
    private static final Duration REGRESSION_DEADLINE = Duration.ofMinutes(10);

    private final CoursePlan plan;
    private final Datasets datasets;
    private final RunFolder folder;
    private final PrintStream display;
    private final String command;
    private final String version;
    private final List<Exercise> run = new ArrayList<>();

    /**
     * How a course ended.
     *
     * @param whole whether all exercises came to their ends
     * @param run the exercises that were
     * @param failure of the first exercise none of whose trials finished, the first trial's; null when there is none
     */
    public record Outcome(boolean whole, List<Exercise> run, TrialResult failure) {}

    /**
     * @param folder of the course; each exercise gets a folder in it
     * @param display where lines for people go
     */
    public CourseRun(
            CoursePlan plan, Datasets datasets, RunFolder folder, PrintStream display, String command, String version) {
        this.plan = plan;
        this.datasets = datasets;
        this.folder = folder;
        this.display = display;
        this.command = command;
        this.version = version;
    }

    /**
     * Builds every trial's configuration and opens its data, so that what is wrong is told before anything runs. What is
     * in the folder of another course, or of other data, is refused.
     *
     * @throws dev.lockstep.worker.failure.LockstepException that says what
     */
    public void check() throws IOException {
        if (plan.exercises().stream().allMatch(plan::isSkipped)) {
            throw new DataException(plan.exercises().get(0).name() + " was " + WITHOUT_CIFAR10);
        }
        for (Exercise exercise : plan.exercises()) {
            if (exercise.trains() && !plan.isSkipped(exercise)) {
                List<Trial> trials = trials(exercise);
                for (Trial trial : trials) {
                    datasets.check(trial.config());
                }
                TrialScheduler.refuseOthers(folder.folder(exercise.name()), trials, datasets);
            }
        }
    }

    /**
     * Runs the exercises.
     *
     * @param spark null when {@link CoursePlan#needsSpark} says so
     * @param lock of the folder
     */
    public Outcome run(JavaSparkContext spark, FolderLock lock, BooleanSupplier interrupted) throws IOException {
        BooleanSupplier stop = () -> interrupted.getAsBoolean() || !lock.isHeld();
        TrialResult failure = null;
        for (Exercise exercise : plan.exercises()) {
            if (stop.getAsBoolean()) {
                break;
            }
            display.println("\n" + exercise.name() + ": " + exercise.about());
            RunFolder place = folder.folder(exercise.name());
            place.create();
            long began = System.nanoTime();
            Map<String, TrialResult> trials = new LinkedHashMap<>();
            Result result = run(exercise, place, trials, spark, stop);
            lock.require();
            result.write(place);
            ExerciseReport.write(place);
            CourseReport.write(folder);
            if (!plan.isSkipped(exercise) && !stop.getAsBoolean()) {
                run.add(exercise);
                failure = failure == null ? failure(trials.values()) : failure;
            }
            display.printf(
                    Locale.ROOT, "%.1f s; report: %s/report.html%n", (System.nanoTime() - began) / 1e9, shown(place));
        }
        return new Outcome(!stop.getAsBoolean(), List.copyOf(run), failure);
    }

    /** The first of some trials none of which finished, or null. */
    private static TrialResult failure(Collection<TrialResult> trials) {
        return trials.stream().anyMatch(trial -> trial.status() == RunRecord.Status.FINISHED)
                ? null
                : trials.stream().findFirst().orElse(null);
    }

    /** @param results what its trials came to, to be filled */
    private Result run(
            Exercise exercise,
            RunFolder place,
            Map<String, TrialResult> results,
            JavaSparkContext spark,
            BooleanSupplier stop)
            throws IOException {
        Result result = Result.of(exercise, plan);
        if (plan.isSkipped(exercise)) {
            display.println(WITHOUT_CIFAR10);
            return result.skipped(WITHOUT_CIFAR10);
        }
        Function<List<Trial>, List<TrialResult>> scheduler = scheduler(place, results, spark, stop);
        return switch (exercise.kind()) {
            case FORWARD_PROPAGATION -> shown(result, WorkedExamples.forwardPropagation());
            case BACK_PROPAGATION -> shown(result, WorkedExamples.backPropagation());
            case UNFOLDING -> shown(result, Unfolding.exercise());
            case REGRESSION -> result.withRegressions(regressions(exercise, spark));
            case TRIALS -> trials(exercise, result, place, scheduler);
            case ENSEMBLES -> ensembles(exercise, result, place, spark, scheduler);
        };
    }

    private Result shown(Result result, List<Passage> passages) {
        for (Passage passage : passages) {
            display.println("\n" + passage.heading() + "\n" + passage.text());
        }
        return result.with(passages);
    }

    private List<Regression.Outcome> regressions(Exercise exercise, JavaSparkContext spark) {
        List<Regression> regressions = new ArrayList<>();
        for (Config variant : exercise.settings().getConfigList("variants")) {
            for (int repetition = 0; repetition < plan.seeds(exercise); repetition++) {
                regressions.add(new Regression(
                        Exercise.trialName(variant.getString("name"), repetition),
                        ActivationFunction.valueOf(
                                variant.getString("activation").toUpperCase(Locale.ROOT)),
                        variant.getDouble("from"),
                        variant.getDouble("to"),
                        1 + repetition));
            }
        }
        List<Regression.Outcome> outcomes = Jobs.collect(
                spark,
                spark.parallelize(regressions, regressions.size()).map(Regression::run),
                exercise.title(),
                REGRESSION_DEADLINE);
        for (Regression.Outcome outcome : outcomes) {
            display.printf(
                    Locale.ROOT,
                    "  %-20s loss of the last 100 steps %.6f, of examples never seen %.6f%n",
                    outcome.name(),
                    outcome.lastLoss(),
                    outcome.testLoss());
        }
        return outcomes;
    }

    private List<Trial> trials(Exercise exercise) {
        List<Trial> trials = new ArrayList<>();
        for (int repetition = 0; repetition < plan.seeds(exercise); repetition++) {
            for (Variant variant : exercise.variants()) {
                RunConfig config = plan.config(exercise, variant, repetition);
                trials.add(new Trial(
                        config.name(),
                        Map.of("variant", variant.name(), "seed", Long.toString(config.seed())),
                        config));
            }
        }
        return trials;
    }

    /**
     * Runs trials into an exercise's folder; what is there of others stays in its tables.
     *
     * @param all that were run so far, by name
     */
    private Function<List<Trial>, List<TrialResult>> scheduler(
            RunFolder place, Map<String, TrialResult> all, JavaSparkContext spark, BooleanSupplier stop) {
        TrialScheduler scheduler = new TrialScheduler(spark, datasets, place, command, version, observer(stop));
        return trials -> {
            List<TrialResult> results = scheduler.run(trials);
            results.forEach(result -> all.put(result.trial().name(), result));
            try {
                CourseTables.write(place, all.values());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (results.size() < trials.size() && !stop.getAsBoolean()) {
                throw new IllegalStateException("Spark ended before all trials did");
            }
            return results;
        };
    }

    private Result trials(
            Exercise exercise, Result result, RunFolder place, Function<List<Trial>, List<TrialResult>> scheduler)
            throws IOException {
        List<Trial> trials = trials(exercise);
        String data = data(trials.get(0).config());
        List<VariantResult> variants = exercise.variants().stream()
                .map(variant -> new VariantResult(
                        variant.name(),
                        variant.saw(),
                        plan.config(exercise, variant, 0).resolved().root().unwrapped(),
                        IntStream.range(0, plan.seeds(exercise))
                                .mapToObj(i -> Exercise.trialName(variant.name(), i))
                                .toList()))
                .toList();
        result.withTrials(data, variants, List.of()).write(place); // what is killed can be reported, too
        List<LayerHistogram> histograms = new ArrayList<>();
        for (TrialResult ended : scheduler.apply(trials)) {
            Trial trial = ended.trial();
            boolean first = trials.indexOf(trial) < exercise.variants().size();
            if (exercise.histograms() && first && ended.status() == RunRecord.Status.FINISHED) {
                histograms.addAll(LayerHistogram.of(
                        trial.name(),
                        trial.config(),
                        datasets.of(trial.config()),
                        TrialScheduler.folder(place, trial)));
            }
        }
        return result.withTrials(data, variants, histograms);
    }

    private Result ensembles(
            Exercise exercise,
            Result result,
            RunFolder place,
            JavaSparkContext spark,
            Function<List<Trial>, List<TrialResult>> scheduler)
            throws IOException {
        List<EnsembleResult> found = new EnsembleRun(exercise, plan, datasets, place, spark, scheduler).run(this::show);
        return result.withEnsembles(
                data(plan.config(exercise, exercise.variants().get(0), 0)), found);
    }

    private void show(EnsembleResult ensemble) {
        if (ensemble.problem() != null) {
            display.println("  " + ensemble.method() + ": no ensemble: " + ensemble.problem());
        } else {
            display.printf(
                    Locale.ROOT,
                    "  %s: ensembles %.4f, their members %.4f in the mean of %d seeds; bias %.4f to %.4f, variance"
                            + " %.4f to %.4f%n",
                    ensemble.method(),
                    Result.mean(ensemble.accuracy()),
                    Result.mean(ensemble.memberAccuracy()),
                    ensemble.accuracy().size(),
                    ensemble.before().bias(),
                    ensemble.after().bias(),
                    ensemble.before().variance(),
                    ensemble.after().variance());
        }
    }

    private String data(RunConfig config) {
        Dataset dataset = datasets.of(config);
        return String.format(
                Locale.ROOT,
                "%s: %,d training and %,d test examples",
                config.data().path(),
                dataset.train().size(),
                dataset.test().size());
    }

    private TrialObserver observer(BooleanSupplier stop) {
        return new TrialObserver() {
            @Override
            public void ended(TrialResult result) {
                String scores = result.last(SplitName.TEST)
                        .map(test -> String.format(
                                Locale.ROOT, "test accuracy %.4f, loss %.4f", test.accuracy(), test.loss()))
                        .orElse("no test scores");
                String how = result.status() == RunRecord.Status.FINISHED
                        ? ""
                        : "; " + result.status().name().toLowerCase(Locale.ROOT)
                                + (result.error() == null ? "" : ": " + result.error());
                display.printf(
                        Locale.ROOT, "  %-24s %s, %.1f s%s%n", result.trial().name(), scores, result.seconds(), how);
            }

            @Override
            public boolean stopRequested() {
                return stop.getAsBoolean();
            }
        };
    }

    private static String shown(RunFolder place) {
        return place.path().toUri().getScheme().equals("file")
                ? place.path().toUri().getPath()
                : place.path().toString();
    }
}
