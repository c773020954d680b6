package dev.lockstep.jobs.cli;

import dev.lockstep.driver.ensemble.Ensemble;
import dev.lockstep.driver.run.AnswersFolder.Form;
import dev.lockstep.driver.run.AnswersFolder.Written;
import dev.lockstep.driver.run.Csv;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.TableAnswers;
import dev.lockstep.jobs.cli.ModelOptions.Opened;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.objective.Largest;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.text.TextVocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "predict",
        description =
                "Writes one row for each example of the test split: its index and, where every step is told, the step's,"
                        + " or of a table its id; of classes the"
                        + " likeliest (of a text its token, too) and the probabilities, of labels the probabilities, of numbers the values.",
        mixinStandardHelpOptions = true)
final class PredictCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE|DIR",
            description = "A CSV file; of a table, a folder that Spark writes. Must not exist.")
    private String out;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "csv, parquet or jsonl (default: as --out ends, else csv).")
    private Form format;

    @Override
    public Integer call() throws IOException {
        NewFile file = NewFile.at("--out", out);
        Form form = format != null ? format : Form.ofName(out) != null ? Form.ofName(out) : Form.CSV;
        file.makeFolder();
        return model.opened("predict", opened -> {
            boolean table = opened.data().format().isTable() && !(opened.classifier() instanceof Ensemble);
            if (!table && form != Form.CSV) {
                throw new ConfigurationException(
                        "--out " + out + ": only a single network's answers to a table are written as " + form
                                + "; here they are csv: give another name, or --format csv");
            }
            return table ? rows(opened, file, form) : lines(opened, file);
        });
    }

    private int rows(Opened opened, NewFile file, Form form) throws IOException {
        ModelFile.Contents contents = opened.contents();
        TableAnswers answers = Dataset.openAnswers(
                opened.data(),
                contents.input(),
                contents.target(),
                contents.fitted(),
                opened.late().session());
        Written written = file.answers().write(opened.spark(), answers, contents.model(), contents.objective(), form);
        if (written.skipped() > 0) {
            System.out.println(
                    "note: " + written.skipped() + " rows are no examples and left out, such as: " + written.why());
        }
        System.out.println(written.answered() + " predictions in " + out);
        return ExitCode.DONE;
    }

    private int lines(Opened opened, NewFile file) throws IOException {
        List<Answer> answers = opened.withTestSplit(
                false, (classifier, examples) -> classifier.predict(examples, Long.MAX_VALUE, "predict"));
        model.refuseUnless(answers.stream().allMatch(Answer::isFinite));
        Objective objective = opened.contents().objective();
        boolean classes = objective == Objective.CLASSIFICATION;
        Target target = opened.contents().target();
        TextVocabulary vocabulary = opened.contents().fitted().vocabulary();
        StringBuilder csv = new StringBuilder("index" + (target.everyStep() ? ",step" : "")
                + (classes ? ",predicted" : "") + (vocabulary == null ? "" : ",token"));
        for (int i = 0; i < target.values(); i++) {
            csv.append(objective == Objective.REGRESSION ? ",y" : ",p").append(i);
        }
        csv.append('\n');
        for (Answer answer : answers) {
            for (int from = 0; from < answer.outputs().length; from += target.values()) {
                float[] told = Arrays.copyOfRange(answer.outputs(), from, from + target.values());
                csv.append(answer.index());
                if (target.everyStep()) {
                    csv.append(',').append(from / target.values());
                }
                if (classes) {
                    csv.append(',').append(Largest.of(told));
                }
                if (vocabulary != null) {
                    csv.append(',').append(Csv.cell(vocabulary.token(Largest.of(told))));
                }
                for (float probability : told) {
                    csv.append(',').append(probability);
                }
                csv.append('\n');
            }
        }
        file.write(stream -> stream.write(csv.toString().getBytes(StandardCharsets.UTF_8)));
        System.out.println(answers.size() + " predictions in " + out);
        return ExitCode.DONE;
    }
}
