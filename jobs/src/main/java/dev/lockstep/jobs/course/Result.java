package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.ensemble.BiasVariance;
import dev.lockstep.driver.run.DamagedFileException;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.failure.DataException;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * {@code course.json}: what came of an exercise, but for what its trials' own folders tell; with them, all that its
 * report is made from.
 *
 * @param overrides what the user laid over the exercise's own settings, {@code key=value}
 * @param seeds how often each variant is trained
 * @param courseData the images that the course trained on; empty where the exercise brings its own data
 * @param figure the word of the exercise's own {@link ExerciseFigure}; empty for none
 * @param note what else a reader should know; may be empty
 * @param data where the examples are from, in words; empty when there are none
 * @param skipped why it was not run; null when it was
 * @param variants empty when nothing was trained
 */
public record Result(
        String exercise,
        String row,
        String title,
        String about,
        String saw,
        String courseData,
        String figure,
        String note,
        List<String> overrides,
        int seeds,
        String data,
        String skipped,
        List<VariantResult> variants,
        List<Passage> passages,
        List<LayerHistogram> histograms,
        List<AttentionMap> attention,
        List<FreeRun> freeRuns,
        List<EnsembleResult> ensembles) {
    public static final String FILE = "course.json";

    static final String MNIST = "MNIST";
    private static final String CIFAR10 = "CIFAR-10";

    /** What a file holds: null in the place of something is damage. */
    public Result {
        exercise = Stored.text(exercise);
        row = Stored.text(row);
        title = Stored.text(title);
        about = Stored.text(about);
        saw = Stored.text(saw);
        courseData = courseData == null ? MNIST : courseData; // of before it was written down
        figure = Stored.text(figure);
        note = Stored.text(note);
        overrides = Stored.list(overrides);
        data = Stored.text(data);
        variants = Stored.list(variants);
        passages = Stored.list(passages);
        histograms = Stored.list(histograms);
        attention = Stored.list(attention);
        freeRuns = Stored.list(freeRuns);
        ensembles = Stored.list(ensembles);
    }

    /**
     * @param settings the whole configuration of its first trial, overrides included; empty for members of ensembles
     * @param trials the folders below {@code trials/}, one for each seed, whether there yet or not
     * @param along of a grid, what it has of each of its lists; else empty
     */
    public record VariantResult(
            String name, Saw saw, Map<String, Object> settings, List<String> trials, List<String> along) {
        public VariantResult {
            name = Stored.text(name);
            saw = saw == null ? Saw.NOTHING : saw;
            settings = settings == null ? Map.of() : settings;
            trials = Stored.list(trials);
            trials.forEach(Stored::checkFolder);
            along = Stored.list(along);
        }
    }

    /**
     * What ensembles of one kind did on the test examples, one for each seed.
     *
     * @param problem why there are none; null when there are
     * @param trials all members' folders below {@code trials/}
     * @param memberAccuracy the mean of the members', for each seed
     * @param accuracy the ensemble's, for each seed
     * @param before bias and variance of the members of all seeds; null when there are no ensembles
     * @param after bias and variance of the ensembles; null when there are none, or one alone, with one seed
     */
    public record EnsembleResult(
            String method,
            String problem,
            List<String> trials,
            List<Double> memberAccuracy,
            List<Double> accuracy,
            BiasVariance before,
            BiasVariance after) {

        public EnsembleResult {
            method = Stored.text(method);
            trials = Stored.list(trials);
            trials.forEach(Stored::checkFolder);
            memberAccuracy = Stored.list(memberAccuracy);
            accuracy = Stored.list(accuracy);
            Stored.check(
                    problem != null || before != null && (after != null || accuracy.size() == 1),
                    "an ensemble has no bias and variance");
            Stored.check(memberAccuracy.size() == accuracy.size(), "an ensemble has not as many accuracies as seeds");
        }

        /** Members that came to no ensemble. */
        static EnsembleResult without(String method, String problem, List<String> trials) {
            return new EnsembleResult(method, problem, trials, List.of(), List.of(), null, null);
        }

        /** What the ensembles gain over the mean of their members, in the mean of the seeds. */
        public double gain() {
            double sum = 0;
            for (int i = 0; i < accuracy.size(); i++) {
                sum += accuracy.get(i) - memberAccuracy.get(i);
            }
            return sum / accuracy.size();
        }
    }

    static Result of(Exercise exercise, CoursePlan plan) {
        return new Result(
                exercise.name(),
                exercise.row(),
                exercise.title(),
                exercise.about(),
                exercise.saw(),
                courseData(exercise.outline()),
                exercise.outline().figure(),
                plan.lacksCifar10(exercise) && !plan.isSkipped(exercise)
                        ? "There is no CIFAR-10 (--cifar10 DIR), so it is run on the images that there are: what is"
                                + " said of the course is of CIFAR-10."
                        : "",
                exercise.trains()
                        ? plan.overrides()
                        : plan.overrides().stream()
                                .filter(word -> exercise.outline().turns().contains(Exercise.key(word)))
                                .toList(),
                plan.seeds(exercise),
                "",
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static String courseData(Exercise.Outline outline) {
        return outline.needsCifar10() ? CIFAR10 : outline.takesImages() ? MNIST : "";
    }

    /** Whether the course's figures are of the settings that were run here. */
    boolean asTheCourse() {
        return overrides.isEmpty();
    }

    /** What was laid over the course's settings, for people. */
    String shownOverrides() {
        return String.join(" ", overrides);
    }

    /** The same as values, of a worked exercise that ran. */
    Config turned() {
        return RunConfigParser.override(ConfigFactory.empty(), overrides);
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    Result skipped(String why) {
        return with(data, why, variants, passages, histograms, attention, freeRuns, ensembles);
    }

    Result with(List<Passage> found) {
        return with(data, skipped, variants, found, histograms, attention, freeRuns, ensembles);
    }

    Result withTrials(
            String of,
            List<VariantResult> found,
            List<LayerHistogram> seen,
            List<AttentionMap> maps,
            List<FreeRun> runs) {
        return with(of, skipped, found, passages, seen, maps, runs, ensembles);
    }

    Result withEnsembles(String of, List<EnsembleResult> found) {
        List<VariantResult> members = found.stream()
                .map(ensemble -> new VariantResult(
                        ensemble.method() + ", members", Saw.NOTHING, Map.of(), ensemble.trials(), List.of()))
                .toList();
        return with(of, skipped, members, passages, histograms, attention, freeRuns, found);
    }

    private Result with(
            String of,
            String why,
            List<VariantResult> variants,
            List<Passage> passages,
            List<LayerHistogram> histograms,
            List<AttentionMap> attention,
            List<FreeRun> freeRuns,
            List<EnsembleResult> ensembles) {
        return new Result(
                exercise,
                row,
                title,
                about,
                saw,
                courseData,
                figure,
                note,
                overrides,
                seeds,
                of,
                why,
                variants,
                passages,
                histograms,
                attention,
                freeRuns,
                ensembles);
    }

    void write(RunFolder folder) throws IOException {
        folder.write(FILE, StoredJson.file(this));
    }

    /**
     * @return null when the folder has none
     * @throws DataException when it is damaged
     */
    static Result read(RunFolder folder) throws IOException {
        try {
            StoredJson json = StoredJson.read(folder, FILE);
            return json == null ? null : json.as(Result.class);
        } catch (DamagedFileException e) {
            throw new DataException(e.getMessage(), e);
        }
    }
}
