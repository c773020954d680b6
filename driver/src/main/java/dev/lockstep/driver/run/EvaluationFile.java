package dev.lockstep.driver.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.driver.evaluate.Calibration;
import dev.lockstep.driver.evaluate.Roc;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** {@code evaluation.json}: the last evaluation on the test split, for the report: confusion matrix and some examples. */
final class EvaluationFile {
    static final String FILE = "evaluation.json";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN = 12;

    private EvaluationFile() {}

    /**
     * @param classes what people call them; empty where nobody says
     * @param answers to choose examples from: the first dozen, and the dozen of the others that are most surely wrong
     */
    static void write(
            RunFolder folder,
            long step,
            Objective objective,
            Scores scores,
            List<String> classes,
            List<Answer> answers,
            ExampleFormat format)
            throws IOException {
        ObjectNode file = JSON.createObjectNode();
        file.put("split", "test");
        file.put("step", step);
        file.put("loss", scores.loss());
        file.put("examples", scores.examples());
        file.put("objective", objective.word());
        scores.figures().forEach(file::put);
        ObjectNode ofTargets = file.putObject("of_targets");
        scores.ofTargets().forEach((name, values) -> ofTargets.set(name, JSON.valueToTree(values)));
        file.set("confusion", JSON.valueToTree(scores.confusion()));
        if (!classes.isEmpty()) {
            file.set("classes", JSON.valueToTree(classes));
        }
        ArrayNode samples = file.putArray("samples");
        if (objective == Objective.CLASSIFICATION && !format.target().everyStep()) {
            samples(samples, answers, format);
            Calibration calibration = Calibration.of(answers);
            ObjectNode sure = file.putObject("calibration");
            sure.set("examples", JSON.valueToTree(calibration.examples()));
            sure.set("confidence", JSON.valueToTree(calibration.confidence()));
            sure.set("accuracy", JSON.valueToTree(calibration.accuracy()));
            Roc roc = Roc.of(answers);
            if (roc != null) {
                file.set("roc", JSON.valueToTree(roc));
            }
        }
        folder.write(FILE, JSON.writeValueAsString(file));
    }

    private static void samples(ArrayNode samples, List<Answer> answers, ExampleFormat format) {
        Shape shape = format.features();
        List<Answer> chosen = new ArrayList<>(answers.subList(0, Math.min(SHOWN, answers.size())));
        answers.stream()
                .skip(SHOWN)
                .filter(answer -> answer.predicted() != answer.label())
                .sorted(Comparator.comparingDouble(answer -> -answer.outputs()[answer.predicted()]))
                .limit(SHOWN)
                .forEach(chosen::add);
        for (Answer answer : chosen) {
            ObjectNode sample = samples.addObject();
            sample.put("index", answer.index());
            sample.put("label", answer.label());
            sample.put("predicted", answer.predicted());
            sample.set("probabilities", JSON.valueToTree(answer.outputs()));
            ArrayNode sizes = sample.putArray("shape").add(shape.channels());
            if (shape.isImage()) {
                sizes.add(shape.height()).add(shape.width());
            }
            if (format.element() == Element.BYTE) {
                sample.put("values", Arrays.copyOfRange(answer.example(), Integer.BYTES, answer.example().length));
            }
        }
    }
}
