package dev.lockstep.jobs.cli;

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
import dev.lockstep.worker.text.TextCut;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextVocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
    private static final int LENGTH = 20;

    @Mixin
    private ModelChoice model;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "How the text begins; of pairs, the line.")
    private String prompt;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Instead: a file, each line for itself; an answer ends with its line.")
    private String input;

    @Option(names = "--out", paramLabel = "FILE", description = "With --input: where the lines go. Must not exist.")
    private String out;

    @Option(
            names = "--reference",
            paramLabel = "FILE",
            description = "With --input: what the lines should be; their BLEU is shown.")
    private String reference;

    @Option(names = "--length", paramLabel = "N", description = "At most so many tokens more (default: 20).")
    private Integer length;

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

    @Option(names = "--seed", paramLabel = "N", description = "With --temperature: of what is drawn (default: 1).")
    private Long seed;

    @Option(
            names = "--choices",
            paramLabel = "N",
            description = "Instead of going on, show the so many likeliest tokens to be next.")
    private Integer choices;

    /** A network that can be asked. */
    private record Writer(TextVocabulary vocabulary, TextCut cut, Continuation continuation) {}

    @Override
    public Integer call() throws IOException {
        check();
        Configuration hadoop = SparkHadoopUtil.get().newConfiguration(new SparkConf());
        RunFolder place = model.place(hadoop);
        NewFile file = out == null ? null : NewFile.at("--out", out);
        ModelFile.Contents contents = model.networkOfText(place);
        TextVocabulary vocabulary = contents.fitted().vocabulary();
        TextCut cut = contents.fitted().cut();
        if (cut.task() != TextTask.NEXT) {
            throw new ConfigurationException(
                    model + ": was trained to tell a token from those around it (data.text.task),"
                            + " not to go on; lockstep vectors shows what it learnt");
        }
        List<int[]> beginnings = beginnings(vocabulary, cut, hadoop);
        List<String> wanted = reference == null ? null : wanted(beginnings.size(), hadoop);
        ExampleFormat plain = new ExampleFormat(Element.FLOAT, contents.input(), contents.target());
        ExampleFormat format = cut.pairs() ? plain.withLeadIn() : plain;
        List<String> answers = Predictor.with(
                contents.model().configurationJson(), format, contents.model().parameters(), predictor -> {
                    Continuation continuation = new Continuation(
                            contexts -> probabilities(predictor, format, contexts, cut),
                            Math.min(contents.classes(), vocabulary.tokens().size()));
                    Writer writer = new Writer(vocabulary, cut, continuation);
                    return choices != null
                            ? choices(writer, beginnings.get(0))
                            : beginnings.stream()
                                    .map(beginning -> text(writer, beginning))
                                    .toList();
                });
        if (file == null) {
            answers.forEach(System.out::println);
        } else {
            file.makeFolder();
            String text = answers.stream().map(answer -> answer + "\n").collect(Collectors.joining());
            file.write(stream -> stream.write(text.getBytes(StandardCharsets.UTF_8)));
            System.out.println(answers.size() + " lines in " + out);
        }
        if (wanted != null) {
            System.out.printf(Locale.ROOT, "BLEU %.2f%n", bleu(vocabulary, answers, wanted));
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
        if (choices != null && (length != null || beams != null || temperature != null)) {
            throw new ConfigurationException(
                    "--choices: shows the next token alone; leave --length, --beams and --temperature out");
        }
        if (length != null && length < 1 || beams != null && beams < 1 || choices != null && choices < 1) {
            throw new ConfigurationException("--length, --beams and --choices: expected whole numbers from 1");
        }
        if (temperature != null && !(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new ConfigurationException("--temperature " + temperature + ": expected a number above 0");
        }
        if (temperature != null && beams != null) {
            throw new ConfigurationException("--temperature and --beams: give one of them");
        }
        if (seed != null && temperature == null) {
            throw new ConfigurationException("--seed: is of what is drawn; give --temperature, too, or leave it out");
        }
    }

    /** What the network is given first: of the prompt, or of each line of the input. */
    private List<int[]> beginnings(TextVocabulary vocabulary, TextCut cut, Configuration hadoop) {
        List<int[]> beginnings = new ArrayList<>();
        for (String given : input == null ? List.of(prompt) : TextFiles.lines(input, "--input", hadoop)) {
            int[] tokens = vocabulary.numbers(given);
            int[] beginning = cut.beginning(tokens);
            if (beginning.length == 0 || cut.pairs() && tokens.length == 0) {
                String expected = "is empty; expected at least a token to begin with";
                throw input == null
                        ? new ConfigurationException("--prompt: " + expected)
                        : new DataException("--input " + input + ", line " + (beginnings.size() + 1) + ": " + expected);
            }
            beginnings.add(beginning);
        }
        return beginnings;
    }

    private List<String> wanted(int lines, Configuration hadoop) {
        List<String> wanted = TextFiles.lines(reference, "--reference", hadoop);
        if (wanted.size() != lines) {
            throw new DataException("--reference " + reference + ": has " + wanted.size() + " lines, --input " + lines
                    + "; expected as many");
        }
        return wanted;
    }

    private String text(Writer writer, int[] beginning) {
        int most = length == null ? LENGTH : length;
        int[] more = temperature == null
                ? writer.continuation().search(beginning, most, beams == null ? 1 : beams)
                : writer.continuation().draw(beginning, most, temperature, seed == null ? 1 : seed);
        int[] shown = writer.cut().pairs() ? new int[0] : beginning;
        String text = writer.vocabulary()
                .text(IntStream.concat(IntStream.of(shown), IntStream.of(more))
                        .filter(token -> token != TextVocabulary.BOS && token != TextVocabulary.EOS)
                        .boxed()
                        .toList());
        return input == null ? text : text.lines().findFirst().orElse(""); // characters may be line breaks
    }

    private List<String> choices(Writer writer, int[] beginning) {
        float[] next = writer.continuation().network().probabilities(List.of(beginning))[0];
        return writer.continuation().likeliest(next, choices).stream()
                .map(token -> String.format(
                        Locale.ROOT, "%.4f %s", next[token], writer.vocabulary().token(token)))
                .toList();
    }

    private static double bleu(TextVocabulary vocabulary, List<String> answers, List<String> wanted) {
        Bleu bleu = new Bleu();
        for (int i = 0; i < wanted.size(); i++) {
            bleu.add(split(vocabulary, answers.get(i)), split(vocabulary, wanted.get(i)));
        }
        return bleu.score();
    }

    private static List<String> split(TextVocabulary vocabulary, String text) {
        return TextVocabulary.split(vocabulary.unit(), vocabulary.lowerCase(), text);
    }

    private float[][] probabilities(Predictor predictor, ExampleFormat format, List<int[]> contexts, TextCut cut) {
        List<byte[]> packed = contexts.stream()
                .map(context -> {
                    int[] seen = cut.seen(context);
                    float[] values = new float[seen.length];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = seen[i];
                    }
                    boolean all = format.target().everyStep() && !format.ledIn();
                    return format.pack(values, new float[all ? values.length : 1]);
                })
                .toList();
        float[][] outputs = predictor.predict(packed).outputs();
        int classes = format.target().values();
        float[][] next = Arrays.stream(outputs)
                .map(told -> Arrays.copyOfRange(told, told.length - classes, told.length))
                .toArray(float[][]::new);
        model.refuseUnless(Arrays.stream(next).allMatch(GenerateCommand::isFinite));
        return next;
    }

    private static boolean isFinite(float[] values) {
        return IntStream.range(0, values.length).allMatch(i -> Float.isFinite(values[i]));
    }
}
