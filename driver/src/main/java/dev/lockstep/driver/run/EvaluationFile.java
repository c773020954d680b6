package dev.lockstep.driver.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.evaluate.Evaluator.Answer;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.worker.model.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code evaluation.json}: the last evaluation on the test split, for the report: confusion matrix and some examples. */
final class EvaluationFile {
    static final String FILE = "evaluation.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN = 12;

    private EvaluationFile() {}

    /** @param answers to choose examples from: the first dozen, and the first dozen that are wrong */
    static void write(RunFolder folder, long step, Scores scores, List<Answer> answers, Shape shape)
            throws IOException {
        ObjectNode file = JSON.createObjectNode();
        file.put("split", "test");
        file.put("step", step);
        file.put("loss", scores.loss());
        file.put("accuracy", scores.accuracy());
        file.set("confusion", JSON.valueToTree(scores.confusion()));
        ArrayNode samples = file.putArray("samples");
        List<Answer> chosen = new ArrayList<>(answers.subList(0, Math.min(SHOWN, answers.size())));
        answers.stream()
                .skip(SHOWN)
                .filter(answer -> answer.predicted() != answer.label())
                .limit(SHOWN)
                .forEach(chosen::add);
        for (Answer answer : chosen) {
            ObjectNode sample = samples.addObject();
            sample.put("index", answer.index());
            sample.put("label", answer.label());
            sample.put("predicted", answer.predicted());
            sample.set("probabilities", JSON.valueToTree(answer.probabilities()));
            ArrayNode sizes = sample.putArray("shape").add(shape.channels());
            if (shape.isImage()) {
                sizes.add(shape.height()).add(shape.width());
            }
            sample.put("values", answer.values());
        }
        folder.write(FILE, JSON.writeValueAsString(file));
    }
}
