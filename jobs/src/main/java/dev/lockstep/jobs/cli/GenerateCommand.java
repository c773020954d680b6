package dev.lockstep.jobs.cli;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.source.TextFiles;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.step.Predictor;
import dev.lockstep.worker.text.Bleu;
import dev.lockstep.worker.text.Continuation;
import dev.lockstep.worker.text.TextVocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "generate",
        description =
                "Goes on with a text, or tells a line's pair, as a network that was trained with data.format = text"
                        + " would.",
        mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {

    @Mixin
    private ModelChoice model;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "How the text begins; of pairs, the line.")
    private String prompt;

    @Option(names = "--input", paramLabel = "FILE", description = "Instead: a file, each line for itself.")
    private String input;

    @Option(names = "--out", paramLabel = "FILE", description = "With --input: where the lines go. Must not exist.")
    private String out;

    @Option(
            names = "--reference",
            paramLabel = "FILE",
            description = "With --input: what the lines should be; their BLEU is shown.")
    private String reference;

    @Option(names = "--length", paramLabel = "N", description = "At most so many tokens more (default: 20).")
    private int length = 20;

    @Option(
            names = "--beams",
            paramLabel = "K",
            description = "The likeliest text that is found with so many ways side by side (default: 1, greedy).")
    private Integer beams;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Draw each token instead: 1 as likely as the network has it, less for what is likelier.")
    private Double temperature;

    @Option(names = "--seed", paramLabel = "N", description = "Of what is drawn (default: 1).")
    private long seed = 1;

    @Option(
            names = "--choices",
            paramLabel = "N",
            description = "Instead of going on, show the so many likeliest tokens to be next.")
    private Integer choices;

    /**
     * How a run cut its text.
     *
     * @param pairs whether what is given is a whole line, and another one is to be told
     */
    private record Window(int steps, boolean lines, boolean pairs) {
        /** What the network is given first. */
        int[] beginning(int[] given) {
            IntStream tokens = IntStream.of(given);
            IntStream mark = IntStream.of(TextVocabulary.BOS);
            return (pairs ? IntStream.concat(tokens, mark) : lines ? IntStream.concat(mark, tokens) : tokens).toArray();
        }
    }

    /** A network that can be asked. */
    private record Writer(TextVocabulary vocabulary, Window window, Continuation continuation) {}

    @Override
    public Integer call() throws IOException {
        check();
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        RunFolder place = model.place(hadoop);
        NewFile file = out == null ? null : NewFile.at("--out", out);
        ModelFile.Contents contents = model.networkOfText(place);
        TextVocabulary vocabulary = contents.fitted().vocabulary();
        Window window = window(place.isFolder() ? place : place.parent());
        ExampleFormat plain = new ExampleFormat(Element.FLOAT, contents.input(), contents.target());
        ExampleFormat format = window.pairs() ? plain.withLeadIn() : plain;
        List<String> answers = Predictor.with(
                contents.model().configurationJson(), format, contents.model().parameters(), predictor -> {
                    Continuation continuation = new Continuation(
                            contexts -> probabilities(predictor, format, contexts, window.steps()),
                            Math.min(contents.classes(), vocabulary.tokens().size()));
                    Writer writer = new Writer(vocabulary, window, continuation);
                    return input == null
                            ? choices == null ? List.of(text(writer, prompt)) : choices(writer)
                            : TextFiles.lines(input, "--input", hadoop).stream()
                                    .map(line -> text(writer, line))
                                    .toList();
                });
        if (file == null) {
            answers.forEach(System.out::println);
        } else {
            file.makeFolder();
            String text = String.join("\n", answers) + "\n";
            file.write(stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
            System.out.println(answers.size() + " lines in " + out);
        }
        if (reference != null) {
            System.out.printf(Locale.ROOT, "BLEU %.2f%n", bleu(vocabulary, answers, hadoop));
        }
        return ExitCode.DONE;
    }

    private void check() {
        if ((prompt == null) == (input == null)) {
            throw new ConfigurationException(
                    prompt == null
                            ? "--prompt: is missing; expected how the text begins, or --input FILE"
                            : "--prompt and --input: give one of them");
        }
        if (input == null && (out != null || reference != null) || input != null && (choices != null || out == null)) {
            throw new ConfigurationException(
                    "--input FILE goes together with --out FILE, and --reference with both; --choices with --prompt");
        }
        if (length < 1 || beams != null && beams < 1 || choices != null && choices < 1) {
            throw new ConfigurationException("--length, --beams and --choices: expected whole numbers from 1");
        }
        if (temperature != null && !(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new ConfigurationException("--temperature " + temperature + ": expected a number above 0");
        }
        if (temperature != null && beams != null) {
            throw new ConfigurationException("--temperature and --beams: give one of them");
        }
    }

    /** What the model's run says; a file without one is given all that came before. */
    private static Window window(RunFolder folder) throws IOException {
        Config run = ConfigurationOptions.resolved(folder);
        RunConfig.Text text =
                run == null ? null : RunConfigParser.testData(run, null).text();
        if (text == null) {
            return new Window(Integer.MAX_VALUE, false, false);
        }
        boolean pairs = text.targetPath() != null;
        return new Window(pairs ? Integer.MAX_VALUE : text.steps(), text.lines(), pairs);
    }

    private static int[] beginning(Writer writer, String given) {
        int[] tokens = writer.vocabulary().numbers(given);
        int[] beginning = writer.window().beginning(tokens);
        if (beginning.length == 0 || writer.window().pairs() && tokens.length == 0) {
            throw new ConfigurationException("an empty text: expected at least a token to begin with");
        }
        return beginning;
    }

    private String text(Writer writer, String given) {
        int[] beginning = beginning(writer, given);
        int[] more = temperature == null
                ? writer.continuation().search(beginning, length, beams == null ? 1 : beams)
                : writer.continuation().draw(beginning, length, temperature, seed);
        int[] shown = writer.window().pairs() ? new int[0] : beginning;
        return writer.vocabulary()
                .text(IntStream.concat(IntStream.of(shown), IntStream.of(more))
                        .filter(token -> token != TextVocabulary.BOS && token != TextVocabulary.EOS)
                        .boxed()
                        .toList());
    }

    private List<String> choices(Writer writer) {
        float[] next = writer.continuation().network().probabilities(List.of(beginning(writer, prompt)))[0];
        return writer.continuation().likeliest(next, choices).stream()
                .map(token -> String.format(
                        Locale.ROOT, "%.4f %s", next[token], writer.vocabulary().token(token)))
                .toList();
    }

    private double bleu(TextVocabulary vocabulary, List<String> answers, Configuration hadoop) {
        List<String> wanted = TextFiles.lines(reference, "--reference", hadoop);
        if (wanted.size() != answers.size()) {
            throw new DataException("--reference " + reference + ": has " + wanted.size() + " lines, --input "
                    + answers.size() + "; expected as many");
        }
        Bleu bleu = new Bleu();
        for (int i = 0; i < wanted.size(); i++) {
            bleu.add(split(vocabulary, answers.get(i)), split(vocabulary, wanted.get(i)));
        }
        return bleu.score();
    }

    private static List<String> split(TextVocabulary vocabulary, String text) {
        return TextVocabulary.split(vocabulary.unit(), vocabulary.lowerCase(), text);
    }

    private static float[][] probabilities(Predictor predictor, ExampleFormat format, List<int[]> contexts, int steps) {
        List<byte[]> packed = contexts.stream()
                .map(context -> {
                    int from = Math.max(0, context.length - steps);
                    float[] values = new float[context.length - from];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = context[from + i];
                    }
                    boolean all = format.target().everyStep() && !format.ledIn();
                    return format.pack(values, new float[all ? values.length : 1]);
                })
                .toList();
        float[][] outputs = predictor.predict(packed).outputs();
        int classes = format.target().values();
        return Arrays.stream(outputs)
                .map(told -> Arrays.copyOfRange(told, told.length - classes, told.length))
                .toArray(float[][]::new);
    }
}
