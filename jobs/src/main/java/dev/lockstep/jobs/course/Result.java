package dev.lockstep.jobs.course;

import com.fasterxml.jackson.databind.ObjectMapper;
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
        List<LayerHistogram> histograms) {
    public static final String FILE = "course.json";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param trials the folders below {@code trials/}, one for each seed */
    public record VariantResult(String name, Saw saw, List<String> trials) {}

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
                List.of());
    }

    Result skipped(String why) {
        return new Result(exercise, row, title, about, saw, data, why, variants, passages, regressions, histograms);
    }

    Result with(List<Passage> found) {
        return new Result(exercise, row, title, about, saw, data, skipped, variants, found, regressions, histograms);
    }

    Result withRegressions(List<Regression.Outcome> found) {
        return new Result(exercise, row, title, about, saw, data, skipped, variants, passages, found, histograms);
    }

    Result withTrials(String of, List<VariantResult> found, List<LayerHistogram> seen) {
        return new Result(exercise, row, title, about, saw, of, skipped, found, passages, regressions, seen);
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
