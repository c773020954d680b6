package dev.lockstep.jobs.cli;

import dev.lockstep.driver.evaluate.Evaluator;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.worker.evaluate.StoredModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "quantise",
        description =
                "Writes a model with weights of a byte each, a quarter as large, for evaluate, predict and export;"
                        + " tells what both models show on the test split.",
        mixinStandardHelpOptions = true)
final class QuantiseCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model;

    @Option(names = "--out", required = true, paramLabel = "MODEL_ZIP", description = "A model file; must not exist.")
    private String out;

    /** Both as they are on the test split. */
    private record Compared(Scores before, Scores after) {}

    @Override
    public Integer call() throws IOException {
        NewFile file = NewFile.at("--out", out);
        model.refuseEnsemble("quantise its members' runs");
        String told = model.opened("quantise", opened -> {
            ModelFile.Contents contents = opened.contents();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            StoredModel small = ModelFile.writeInt8(contents, bytes);
            Compared compared = opened.withTestSplit(true, (any, examples) -> compare(contents, small, examples));
            model.refuseUnless(Double.isFinite(compared.before().loss())
                    && Double.isFinite(compared.after().loss()));
            file.makeFolder();
            file.write(bytes::writeTo);
            return told(contents, compared, bytes.size());
        });
        System.out.print(told);
        return ExitCode.DONE;
    }

    private static Compared compare(ModelFile.Contents contents, StoredModel small, Evaluator examples) {
        return new Compared(
                examples.evaluate(contents.model(), "evaluate on test"),
                examples.evaluate(small, "evaluate on test with int8"));
    }

    private String told(ModelFile.Contents contents, Compared compared, int bytes) {
        String figure = contents.objective().figure();
        long whole = (long) Float.BYTES * contents.model().parameters().length;
        return String.format(
                Locale.ROOT,
                "test %s %.4f, was %.4f; loss %.4f, was %.4f%n%s: %,d bytes, %.2f of the %,d of float32%n",
                figure.replace('_', ' '),
                compared.after().figure(figure),
                compared.before().figure(figure),
                compared.after().loss(),
                compared.before().loss(),
                out,
                bytes,
                (double) bytes / whole,
                whole);
    }
}
