package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.model.objective.Objective;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "predict",
        description = "Writes one row for each example of the test split: its index; of classes the likeliest and the"
                + " probabilities, of labels the probabilities, of numbers the values.",
        mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "A CSV file; must not exist.")
    private String out;

    @Override
    public Integer call() throws IOException {
        NewFile file = NewFile.at("--out", out);
        file.makeFolder();
        List<Answer> answers = model.withTestSplit(
                "predict", false, (classifier, examples) -> classifier.predict(examples, Long.MAX_VALUE, "predict"));
        model.refuseUnless(answers.stream().allMatch(Answer::isFinite));
        Objective objective = model.objective();
        boolean classes = objective == Objective.CLASSIFICATION;
        StringBuilder csv = new StringBuilder(classes ? "index,predicted" : "index");
        for (int i = 0; i < answers.get(0).outputs().length; i++) {
            csv.append(objective == Objective.REGRESSION ? ",y" : ",p").append(i);
        }
        csv.append('\n');
        for (Answer answer : answers) {
            csv.append(answer.index());
            if (classes) {
                csv.append(',').append(answer.predicted());
            }
            for (float probability : answer.outputs()) {
                csv.append(',').append(probability);
            }
            csv.append('\n');
        }
        file.write(stream -> stream.write(csv.toString().getBytes(StandardCharsets.UTF_8)));
        System.out.println(answers.size() + " predictions in " + out);
        return ExitCode.DONE;
    }
}
