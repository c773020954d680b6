package dev.lockstep.jobs.course;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.driver.ensemble.BiasVariance;
import dev.lockstep.driver.run.RunFolder;
import java.io.IOException;
import java.util.List;

/**
 * {@code course.json}: what came of an exercise, but for what its trials' own folders tell; with them, all that its
 * report is made from.
 *
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
        String data,
        String skipped,
        List<VariantResult> variants,
        List<Passage> passages,
        List<Regression.Outcome> regressions,
        List<LayerHistogram> histograms,
        List<EnsembleResult> ensembles) {
    public static final String FILE = "course.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param trials the folders below {@code trials/}, one for each seed */
    public record VariantResult(String name, Saw saw, List<String> trials) {}

    /**
     * What ensembles of one kind did on the test examples, one for each seed.
     *
     * @param trials all members' folders below {@code trials/}
     * @param memberAccuracy the mean of the members', for each seed
     * @param accuracy the ensemble's, for each seed
     * @param before bias and variance of the members of all seeds
     * @param after bias and variance of the ensembles
     */
    public record EnsembleResult(
            String method,
            List<String> trials,
            List<Double> memberAccuracy,
            List<Double> accuracy,
            BiasVariance before,
            BiasVariance after) {

        /** What the ensembles gain over the mean of their members, in the mean of the seeds. */
        public double gain() {
            double sum = 0;
            for (int i = 0; i < accuracy.size(); i++) {
                sum += accuracy.get(i) - memberAccuracy.get(i);
            }
            return sum / accuracy.size();
        }
    }

    static Result of(Exercise exercise) {
        return new Result(
                exercise.name(),
                exercise.row(),
                exercise.title(),
                exercise.about(),
                exercise.saw(),
                "",
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    Result skipped(String why) {
        return new Result(
                exercise, row, title, about, saw, data, why, variants, passages, regressions, histograms, ensembles);
    }

    Result with(List<Passage> found) {
        return new Result(
                exercise, row, title, about, saw, data, skipped, variants, found, regressions, histograms, ensembles);
    }

    Result withRegressions(List<Regression.Outcome> found) {
        return new Result(
                exercise, row, title, about, saw, data, skipped, variants, passages, found, histograms, ensembles);
    }

    Result withTrials(String of, List<VariantResult> found, List<LayerHistogram> seen) {
        return new Result(exercise, row, title, about, saw, of, skipped, found, passages, regressions, seen, ensembles);
    }

    Result withEnsembles(String of, List<EnsembleResult> found) {
        List<VariantResult> members = found.stream()
                .map(ensemble -> new VariantResult(ensemble.method() + ", members", Saw.NOTHING, ensemble.trials()))
                .toList();
        return new Result(
                exercise, row, title, about, saw, of, skipped, members, passages, regressions, histograms, found);
    }

    void write(RunFolder folder) throws IOException {
        folder.write(FILE, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    }

    /** @return null when the folder has none */
    static Result read(RunFolder folder) throws IOException {
        byte[] bytes = folder.read(FILE);
        return bytes == null ? null : JSON.readValue(bytes, Result.class);
    }
}
