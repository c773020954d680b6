package dev.lockstep.jobs.cli;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.run.ExitCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "evaluate",
        description =
                "Loss and figures of a model on the test split; of classes the confusion matrix, and of each class,"
                        + " label or value its own figures.",
        mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model;

    @Override
    public Integer call() throws IOException {
        String table = model.opened("evaluate", opened -> {
            Scores scores = opened.withTestSplit(
                    true, (classifier, examples) -> classifier.evaluate(examples, "evaluate on test"));
            model.refuseUnless(Double.isFinite(scores.loss()));
            return table(scores, opened.classNames());
        });
        System.out.print(table);
        return ExitCode.DONE;
    }

    /** @param names of the classes, labels or values, behind their rows; may be none */
    static String table(Scores scores, List<String> names) {
        StringBuilder text = new StringBuilder();
        String row = "%-8s "; // as scripts know the first three lines
        text.append(String.format(Locale.ROOT, row + "%d%n", Scores.EXAMPLES, scores.examples()));
        text.append(String.format(Locale.ROOT, row + "%.6f%n", "loss", scores.loss()));
        scores.figures()
                .forEach((name, value) -> text.append(String.format(Locale.ROOT, row + "%.6f%n", words(name), value)));
        if (scores.classes() > 0) {
            confusion(scores, text);
        }
        ofTargets(scores, names, text);
        return text.toString();
    }

    private static String words(String name) {
        return name.replace('_', ' ');
    }

    private static void confusion(Scores scores, StringBuilder text) {
        text.append(String.format("%nconfusion matrix (rows: the class, columns: what it was taken for)%n%5s", ""));
        for (int j = 0; j < scores.classes(); j++) {
            text.append(String.format(Locale.ROOT, "%7d", j));
        }
        text.append('\n');
        for (int i = 0; i < scores.classes(); i++) {
            text.append(String.format(Locale.ROOT, "%5d", i));
            for (int j = 0; j < scores.classes(); j++) {
                text.append(String.format(Locale.ROOT, "%7d", scores.confusion()[i][j]));
            }
            text.append('\n');
        }
    }

    /** A row for each class, label or value; how many examples there are of it comes last. */
    private static void ofTargets(Scores scores, List<String> names, StringBuilder text) {
        List<String> columns = new ArrayList<>(scores.ofTargets().keySet());
        boolean counted = columns.remove(Scores.EXAMPLES);
        text.append(String.format(Locale.ROOT, "%n%5s", scores.classes() > 0 ? "class" : "no."));
        columns.forEach(column -> text.append(String.format(Locale.ROOT, " %10s", words(column))));
        text.append(counted ? String.format(" %10s%n", "support") : String.format("%n"));
        int rows = columns.isEmpty() ? 0 : scores.ofTargets().get(columns.get(0)).length;
        for (int i = 0; i < rows; i++) {
            text.append(String.format(Locale.ROOT, "%5d", i));
            for (String column : columns) {
                text.append(String.format(Locale.ROOT, " %10.4f", scores.ofTarget(column, i)));
            }
            if (counted) {
                text.append(String.format(Locale.ROOT, " %10d", (long) scores.ofTarget(Scores.EXAMPLES, i)));
            }
            text.append(i < names.size() ? "  " + names.get(i) : "").append(System.lineSeparator());
        }
    }
}
