package dev.lockstep.jobs.cli;

import dev.lockstep.driver.ensemble.Ensemble;
import dev.lockstep.driver.run.AnswersFolder.Form;
import dev.lockstep.driver.run.AnswersFolder.Written;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.source.TableAnswers;
import dev.lockstep.jobs.cli.ModelOptions.Opened;
import dev.lockstep.worker.failure.ConfigurationException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
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

    /** As they come: the driver never holds all of them. */
    private int lines(Opened opened, NewFile file) throws IOException {
        ModelFile.Contents contents = opened.contents();
        AnswerLines lines = new AnswerLines(
                contents.objective(), contents.target(), contents.fitted().vocabulary());
        AtomicLong answered = new AtomicLong();
        file.write(stream -> {
            Writer csv = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
            csv.write(lines.head());
            try {
                opened.withTestSplit(false, (classifier, examples) -> {
                    classifier.predict(examples, "predict", answer -> {
                        model.refuseUnless(answer.isFinite());
                        write(csv, lines.of(answer));
                        answered.incrementAndGet();
                    });
                    return null;
                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            csv.flush();
        });
        System.out.println(answered + " predictions in " + out);
        return ExitCode.DONE;
    }

    private static void write(Writer csv, String lines) {
        try {
            csv.write(lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
