package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.LearntVectors;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.text.TextUnit;
import dev.lockstep.worker.text.TextVocabulary;
import dev.lockstep.worker.text.WordVectors;
import dev.lockstep.worker.text.WordVectors.Near;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "vectors",
        description = "The vectors of words that a network's embedding has learnt: the nearest words, or all of them.",
        mixinStandardHelpOptions = true)
final class VectorsCommand implements Callable<Integer> {
    private static final int COUNT = 10;

    @Mixin
    private ModelChoice model;

    @Option(names = "--near", paramLabel = "WORD", description = "Shows the words that are nearest to this one.")
    private String near;

    @Option(names = "--plus", paramLabel = "WORD", description = "With --near: added to it.")
    private List<String> plus = List.of();

    @Option(names = "--minus", paramLabel = "WORD", description = "With --near: taken away from it.")
    private List<String> minus = List.of();

    @Option(names = "--count", paramLabel = "N", description = "With --near: how many are shown (default: 10).")
    private Integer count;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Writes all vectors in word2vec's text format; must not exist.")
    private String out;

    @Override
    public Integer call() throws IOException {
        check();
        RunFolder place = model.place(SparkHadoopUtil.get().newConfiguration(new SparkConf()));
        NewFile file = out == null ? null : NewFile.at("--out", out);
        WordVectors vectors = LearntVectors.of(model.networkOfText(place), model.toString());
        if (file != null && vectors.vocabulary().unit() == TextUnit.CHARACTERS) {
            throw new ConfigurationException("--out " + out + ": word2vec's format has a blank behind each token, and a"
                    + " character may be one itself; only words are written, ask for characters with --near");
        }
        if (file == null) {
            List<Integer> added = new ArrayList<>(List.of(number(vectors.vocabulary(), near)));
            plus.forEach(word -> added.add(number(vectors.vocabulary(), word)));
            List<Integer> taken = minus.stream()
                    .map(word -> number(vectors.vocabulary(), word))
                    .toList();
            for (Near found : vectors.nearest(added, taken, count == null ? COUNT : count)) {
                System.out.printf(Locale.ROOT, "%.4f %s%n", found.cosine(), found.token());
            }
        } else {
            file.makeFolder();
            file.write(stream -> stream.write(text(vectors).getBytes(StandardCharsets.UTF_8)));
            System.out.println(vectors.vocabulary().tokens().size() + " vectors in " + out);
        }
        return ExitCode.DONE;
    }

    private void check() {
        if ((near == null) == (out == null)) {
            throw new ConfigurationException("--near WORD or --out FILE: give one of them");
        }
        if (near == null && (count != null || !plus.isEmpty() || !minus.isEmpty())) {
            throw new ConfigurationException(
                    "--plus, --minus and --count: go together with --near; --out is of all words");
        }
        if (count != null && count < 1) {
            throw new ConfigurationException("--count " + count + ": expected a whole number from 1");
        }
    }

    private int number(TextVocabulary vocabulary, String word) {
        int[] numbers = vocabulary.numbers(word);
        if (numbers.length != 1 || numbers[0] == TextVocabulary.UNKNOWN) {
            throw new ConfigurationException("'" + word + "' is no word that " + model + " knows");
        }
        return numbers[0];
    }

    private static String text(WordVectors vectors) {
        List<String> tokens = vectors.vocabulary().tokens();
        StringBuilder text = new StringBuilder(tokens.size() + " " + vectors.units() + "\n");
        for (int token = 0; token < tokens.size(); token++) {
            text.append(tokens.get(token));
            for (float value : vectors.vector(token)) {
                text.append(' ').append(value);
            }
            text.append('\n');
        }
        return text.toString();
    }
}
