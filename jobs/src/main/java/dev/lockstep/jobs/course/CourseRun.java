package dev.lockstep.jobs.course;

import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.report.Figures;
import dev.lockstep.driver.run.FolderLock;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord;
import dev.lockstep.driver.sweep.Datasets;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.driver.sweep.TrialObserver;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialScheduler;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.spark.api.java.JavaSparkContext;

/** Some exercises, one after the other, each into a folder of its own; the trials of one run side by side. */
public final class CourseRun {
    private static final String WITHOUT_CIFAR10 = "not run: it needs CIFAR-10's binary files (data_batch_1.bin ..."
            + " data_batch_5.bin, test_batch.bin); give their folder with --cifar10 DIR";

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
            if (exercise instanceof WorkedExercise worked) {
                worked.worked(plan);
            } else if (exercise.trains() && !plan.isSkipped(exercise)) {
                List<Trial> trials = exercise.trials(plan);
                for (Trial trial : trials) {
                    datasets.check(trial.config());
                }
                TrialScheduler.refuseOthers(folder.folder(exercise.name()), trials, datasets);
            }
        }
    }

    /** What would be run, an exercise a paragraph: trials, steps, and about how long on this machine. */
    public String dryRun() {
        StringBuilder text = new StringBuilder();
        for (Exercise exercise : plan.exercises()) {
            text.append(exercise.name()).append(": ");
            if (plan.isSkipped(exercise)) {
                text.append(WITHOUT_CIFAR10).append('\n');
                continue;
            }
            List<Trial> runs = new ArrayList<>();
            StringBuilder each = new StringBuilder();
            for (Trial trial : exercise.trials(plan)) {
                List<Trial> own = Collections.nCopies(exercise.runs(trial), trial);
                runs.addAll(own);
                each.append("  ")
                        .append(Effort.of(own, datasets))
                        .append("  ")
                        .append(trial.name())
                        .append('\n');
            }
            text.append(runs.isEmpty() ? "worked, seconds" : Effort.of(runs, datasets))
                    .append('\n')
                    .append(each);
        }
        return text.toString();
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
            if (!plan.overrides().isEmpty()) {
                display.println("laid over: " + String.join(" ", plan.overrides()));
            }
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
                    Locale.ROOT, "%.1f s; report: %s/report.html%n", (System.nanoTime() - began) / 1e9, place.shown());
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
        if (!result.note().isEmpty()) {
            display.println(result.note());
        }
        Session session = new Session(plan, datasets, place, spark, scheduler(place, results, spark, stop), display);
        return exercise.run(session, result);
    }

    /**
     * Runs trials into an exercise's folder; what is there of others stays in its tables.
     *
     * @param all that were run so far, by name
     */
    private Session.Scheduler scheduler(
            RunFolder place, Map<String, TrialResult> all, JavaSparkContext spark, BooleanSupplier stop) {
        TrialScheduler scheduler = new TrialScheduler(spark, datasets, place, command, version, observer(stop));
        return trials -> {
            List<TrialResult> results = scheduler.run(trials);
            results.forEach(result -> all.put(result.trial().name(), result));
            CourseTables.write(place, all.values());
            if (results.size() < trials.size() && !stop.getAsBoolean()) {
                throw new IllegalStateException("Spark ended before all trials did");
            }
            return results;
        };
    }

    private TrialObserver observer(BooleanSupplier stop) {
        return new TrialObserver() {
            @Override
            public void ended(TrialResult result) {
                String scores = result.last(SplitName.TEST)
                        .map(test -> String.format(
                                Locale.ROOT,
                                "test %s %.4f, loss %.4f",
                                Figures.name(test.objective().figure()),
                                test.figure(),
                                test.loss()))
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
}
