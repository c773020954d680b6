package dev.lockstep.jobs.cli;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.run.ExitCode;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "evaluate",
        description = "Loss, accuracy, confusion matrix and per-class figures of a model on the test split.",
        mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model;

    @Override
    public Integer call() throws IOException {
        Scores scores = model.withTestSplit(
                "evaluate", true, (classifier, examples) -> classifier.evaluate(examples, "evaluate on test"));
        model.refuseUnless(Double.isFinite(scores.loss()));
        System.out.print(table(scores));
        return ExitCode.DONE;
    }

    static String table(Scores scores) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "examples %d%nloss     %.6f%naccuracy %.6f%n%nconfusion matrix (rows: the class, columns: what it was taken for)%n%5s",
                scores.examples(),
                scores.loss(),
                scores.accuracy(),
                ""));
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
        text.append(String.format(
                Locale.ROOT, "%n%5s %10s %10s %10s %10s%n", "class", "precision", "recall", "f1", "support"));
        for (int i = 0; i < scores.classes(); i++) {
            text.append(String.format(
                    Locale.ROOT,
                    "%5d %10.4f %10.4f %10.4f %10d%n",
                    i,
                    scores.ofTarget("precision", i),
                    scores.ofTarget("recall", i),
                    scores.ofTarget("f1", i),
                    scores.support(i)));
        }
        return text.toString();
    }
}
