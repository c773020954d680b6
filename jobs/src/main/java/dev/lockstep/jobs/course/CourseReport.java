package dev.lockstep.jobs.course;

import dev.lockstep.driver.report.Html;
import dev.lockstep.driver.report.Numbers;
import dev.lockstep.driver.report.Page;
import dev.lockstep.driver.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The exercises of a course's folder on one page, with the way to the report of each. */
public final class CourseReport {
    private static final String FILE = "report.html";

    private CourseReport() {}

    /** Whether a folder has folders of exercises in it. */
    public static boolean isOne(RunFolder folder) throws IOException {
        return !exercises(folder).isEmpty();
    }

    /** (Re)builds the page, and {@code summary.csv} beside it, from what the exercises left. */
    public static void write(RunFolder folder) throws IOException {
        List<RunFolder> exercises = exercises(folder);
        CourseTables.summarise(folder, exercises);
        Html body = new Html();
        body.open("header").element("h1", "The course").close();
        body.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Exercises");
        body.open("table").open("thead").open("tr");
        for (String heading : List.of("exercise", "", "variant: the course → here, on the test examples")) {
            body.element("th", heading, "scope", "col", "class", "lines");
        }
        body.close().close().open("tbody");
        for (RunFolder exercise : exercises) {
            Result result = Result.read(exercise);
            body.open("tr").open("th", "scope", "row");
            body.element("a", result.exercise(), "href", result.exercise() + "/" + FILE)
                    .close();
            body.element("td", result.title(), "class", "lines");
            body.open("td", "class", "lines");
            if (result.skipped() != null) {
                body.element("div", "not run: it needs CIFAR-10");
            }
            if (!result.note().isEmpty()) {
                body.element("div", result.note());
            }
            for (Result.EnsembleResult ensemble : result.ensembles()) {
                body.element(
                        "div",
                        ensemble.problem() != null
                                ? ensemble.method() + ": no ensemble: " + ensemble.problem()
                                : ensemble.method() + ": members "
                                        + Numbers.decimal(Result.mean(ensemble.memberAccuracy())) + " → together "
                                        + Numbers.decimal(Result.mean(ensemble.accuracy())));
            }
            if (!result.asTheCourse()) {
                body.element("div", "with other settings than the course's: " + result.shownOverrides());
            }
            for (VariantScores variant :
                    result.ensembles().isEmpty() ? VariantScores.read(result, exercise) : List.<VariantScores>of()) {
                body.element(
                        "div",
                        variant.variant().name() + ": "
                                + variant.variant().saw().words() + " → "
                                + (variant.hasFigures()
                                        ? variant.figure() + " " + variant.spread(TrialCurves::lastTestFigure)
                                        : variant.status()));
            }
            body.close().close();
        }
        folder.write(FILE, new Page("The course", body.close().close().close()).html());
    }

    /** In the course's order, others behind them. */
    private static List<RunFolder> exercises(RunFolder folder) throws IOException {
        List<RunFolder> found = new ArrayList<>();
        for (Exercise exercise : Course.exercises()) {
            RunFolder place = folder.folder(exercise.name());
            if (ExerciseReport.isOne(place)) {
                found.add(place);
            }
        }
        Set<String> known = found.stream().map(place -> place.path().getName()).collect(Collectors.toSet());
        for (String name : folder.folders()) {
            if (!known.contains(name) && ExerciseReport.isOne(folder.folder(name))) {
                found.add(folder.folder(name)); // of the user's own
            }
        }
        return found;
    }
}
