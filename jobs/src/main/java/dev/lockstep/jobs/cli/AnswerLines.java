package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.Csv;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.objective.Largest;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.text.TextVocabulary;
import java.util.Arrays;

/**
 * A model's answers as lines of CSV: one an example, or where every step is told one a step.
 *
 * @param vocabulary of a text; null where there is none
 */
record AnswerLines(Objective objective, Target target, TextVocabulary vocabulary) {

    private boolean classes() {
        return objective == Objective.CLASSIFICATION;
    }

    String head() {
        StringBuilder head = new StringBuilder("index" + (target.everyStep() ? ",step" : "")
                + (classes() ? ",predicted" : "") + (vocabulary == null ? "" : ",token"));
        for (int i = 0; i < target.values(); i++) {
            head.append(objective == Objective.REGRESSION ? ",y" : ",p").append(i);
        }
        return head.append('\n').toString();
    }

    String of(Answer answer) {
        StringBuilder lines = new StringBuilder();
        for (int from = 0; from < answer.outputs().length; from += target.values()) {
            float[] told = Arrays.copyOfRange(answer.outputs(), from, from + target.values());
            lines.append(answer.index());
            if (target.everyStep()) {
                lines.append(',').append(from / target.values());
            }
            if (classes()) {
                lines.append(',').append(Largest.of(told));
            }
            if (vocabulary != null) {
                lines.append(',').append(Csv.cell(vocabulary.token(Largest.of(told))));
            }
            for (float value : told) {
                lines.append(',').append(value);
            }
            lines.append('\n');
        }
        return lines.toString();
    }
}
