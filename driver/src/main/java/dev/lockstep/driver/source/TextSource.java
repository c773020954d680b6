package dev.lockstep.driver.source;

import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Element;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.PairSplit;
import dev.lockstep.worker.source.Split;
import dev.lockstep.worker.source.TextSplit;
import dev.lockstep.worker.table.Count;
import dev.lockstep.worker.table.Fitted;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextUnit;
import dev.lockstep.worker.text.TextVocabulary;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;

/**
 * Text as examples: a run of tokens and the one that follows it, or lines and others that are to be told from them. The driver holds
 * all tokens, four bytes each; the vocabulary is that of the training part.
 */
final class TextSource {
    /** An array holds so many, and the driver has them in one. */
    private static final int MOST = Integer.MAX_VALUE - 8;

    private final RunConfig.Data data;
    private final RunConfig.Text how;
    private final ExampleFormat format;
    private final Configuration hadoop;

    /** Met so far, with those that mark a line's begin and end. */
    private long tokens;

    /** Of all tokens that were met, a number. */
    private final Map<String, Integer> met = new HashMap<>();

    /**
     * Lines of tokens, by their numbers in {@link #met}.
     *
     * @param targets what is to be told of each; null where it is the next token
     */
    private record Part(List<int[]> lines, List<int[]> targets) {
        /** What is behind so many lines. */
        Part behind(int kept) {
            return new Part(rest(lines, kept), targets == null ? null : rest(targets, kept));
        }

        private static List<int[]> rest(List<int[]> lines, int kept) {
            List<int[]> rest = lines.subList(kept, lines.size());
            List<int[]> taken = new ArrayList<>(rest);
            rest.clear();
            return taken;
        }

        List<int[]> all() {
            List<int[]> all = new ArrayList<>(lines);
            all.addAll(targets == null ? List.of() : targets);
            return all;
        }
    }

    /** @throws DataException when the network takes or tells something else */
    TextSource(RunConfig.Data data, Shape input, Target target, Configuration hadoop) {
        this.data = data;
        this.how = data.text();
        this.hadoop = hadoop;
        boolean classes = target.kind() == Target.Kind.CLASS;
        if (!input.hasTime() || input.size() != 1 || !classes || target.values() < TextVocabulary.LEAST) {
            throw new DataException(
                    "data.format: text gives tokens' numbers in time, network.input = [time, 1], and the"
                            + " next one to be told, train.objective = classification, with network.classes from "
                            + TextVocabulary.LEAST + "; the network takes " + input + " and tells " + target.values()
                            + (classes ? " classes" : " values"));
        }
        boolean pairs = how.targetPath() != null;
        if (pairs && !target.everyStep()) {
            throw new DataException(
                    "data.text.target-path: has a line to be told token by token; the network's output tells"
                            + " a sequence as a whole: leave last-step or mean-over-time out before it");
        }
        if (how.task() != TextTask.NEXT && target.everyStep()) {
            throw new DataException(
                    "data.text.task: middle and neighbours tell one token; the network's output tells every"
                            + " step: put mean-over-time or last-step before it");
        }
        ExampleFormat examples = new ExampleFormat(Element.FLOAT, input, target);
        this.format = pairs ? examples.withLeadIn() : examples;
    }

    /** @throws DataException when a file cannot be read, or there is nothing to learn in it */
    Dataset open() {
        Part train = read(data.path(), how.targetPath(), Use.TRAINING);
        Part test = how.testPath() == null ? cut(train) : read(how.testPath(), how.testTargetPath(), Use.TRAINING);
        TextVocabulary vocabulary = vocabulary(train);
        int[] numbers = numbers(vocabulary);
        Split training = split(train, numbers, data.trainLimit());
        Split testing = split(test, numbers, data.testLimit());
        if (training.size() == 0) {
            throw new DataException(
                    Excerpt.of(data.path()) + ": has no two tokens in a row to learn from; expected a text");
        }
        MessageDigest sha = IdxSource.sha256();
        vocabulary.tokens().forEach(token -> sha.update((token + "\n").getBytes(StandardCharsets.UTF_8)));
        digest(train, numbers, training.size(), sha);
        digest(test, numbers, testing.size(), sha);
        return new Dataset(
                format,
                new FileExamples(training),
                null,
                new FileExamples(testing),
                HexFormat.of().formatHex(sha.digest()),
                Fitted.of(vocabulary, how.cut()),
                Count.NONE.skipped());
    }

    /** @throws DataException when the model was trained with no text */
    ExampleSet openTest(Fitted fitted) {
        if (fitted.vocabulary() == null) {
            throw new DataException("the model knows no tokens: it was not trained with data.format = text");
        }
        Part test = how.testPath() == null
                ? cut(read(data.path(), how.targetPath(), Use.EVALUATION))
                : read(how.testPath(), how.testTargetPath(), Use.EVALUATION);
        return new FileExamples(split(test, numbers(fitted.vocabulary()), data.testLimit()));
    }

    /** @param targetPath null where there is none */
    private Part read(String path, String targetPath, Use use) {
        List<int[]> lines = lines(path, use);
        if (how.targetPath() == null) {
            return new Part(lines, null);
        }
        if (targetPath == null) {
            throw new DataException(Excerpt.of(path) + ": nothing says what is to be told of its lines; give"
                    + " data.text.test-target-path");
        }
        List<int[]> targets = lines(targetPath, use);
        if (lines.size() != targets.size()) {
            throw new DataException(Excerpt.of(path) + " has " + lines.size() + " lines but " + Excerpt.of(targetPath)
                    + " has " + targets.size() + ": line " + (Math.min(lines.size(), targets.size()) + 1)
                    + " has no other; expected as many");
        }
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).length == 0 || targets.get(i).length == 0) {
                throw new DataException(Excerpt.of(lines.get(i).length == 0 ? path : targetPath) + ", line " + (i + 1)
                        + ": is empty; expected a sentence in each line of both");
            }
        }
        return new Part(lines, targets);
    }

    /** The lines of a text, or of the texts in a folder by their names. */
    private List<int[]> lines(String path, Use use) {
        boolean breaks = how.unit() == TextUnit.CHARACTERS && !how.lines() && how.targetPath() == null;
        List<int[]> lines = new ArrayList<>();
        TextFiles.of(path, use, hadoop).forEachLine(line -> {
            int[] split = TextVocabulary.split(how.unit(), how.lowerCase(), breaks ? line + '\n' : line).stream()
                    .mapToInt(token -> met.computeIfAbsent(token, each -> met.size()))
                    .toArray();
            tokens = checked(tokens + split.length + 2, path);
            lines.add(split);
        });
        return lines;
    }

    /** @throws DataException when there are more tokens than the driver can hold */
    static long checked(long tokens, String path) {
        if (tokens > MOST) {
            throw new DataException(
                    Excerpt.of(path) + ": has more than " + MOST + " tokens with those before it,"
                            + " which the driver holds in one array; give a part of the text, or larger tokens (data.text.unit)");
        }
        return tokens;
    }

    private static long total(List<int[]> lines) {
        return lines.stream().mapToLong(line -> line.length).sum();
    }

    /** Takes the end away that is for the test: pairs by their number, else tokens, whole lines where each is a sequence of its own. */
    private Part cut(Part part) {
        List<int[]> lines = part.lines();
        if (part.targets() != null) {
            return part.behind((int) Math.round(lines.size() * (1 - how.testFraction())));
        }
        long kept = Math.round(total(lines) * (1 - how.testFraction()));
        long before = 0;
        int at = 0;
        while (at < lines.size() && before < kept) {
            before += lines.get(at++).length;
        }
        Part taken = part.behind(at);
        if (before > kept && !how.lines()) {
            int[] last = lines.get(at - 1);
            int end = last.length - Math.toIntExact(before - kept);
            lines.set(at - 1, Arrays.copyOf(last, end));
            taken.lines().add(0, Arrays.copyOfRange(last, end, last.length));
        }
        return taken;
    }

    private TextVocabulary vocabulary(Part train) {
        int[] counts = new int[met.size()];
        train.all().forEach(line -> IntStream.of(line).forEach(token -> counts[token]++));
        Map<String, Integer> counted = new HashMap<>();
        met.forEach((token, number) -> {
            if (counts[number] > 0) {
                counted.put(token, counts[number]);
            }
        });
        return TextVocabulary.of(
                how.unit(),
                how.lowerCase(),
                counted,
                how.minCount(),
                format.target().values());
    }

    /** The vocabulary's number of each token that was met. */
    private int[] numbers(TextVocabulary vocabulary) {
        Map<String, Integer> index = vocabulary.index();
        int[] numbers = new int[met.size()];
        met.forEach((token, number) -> numbers[number] = index.getOrDefault(token, TextVocabulary.UNKNOWN));
        return numbers;
    }

    private Split split(Part part, int[] numbers, long limit) {
        List<int[]> lines = numbered(part.lines(), numbers);
        if (part.targets() == null) {
            return windows(lines, limit);
        }
        long size = limit == 0 ? lines.size() : Math.min(limit, lines.size());
        return new PairSplit(lines, numbered(part.targets(), numbers), format, size);
    }

    private static List<int[]> numbered(List<int[]> lines, int[] numbers) {
        List<int[]> all = new ArrayList<>();
        lines.forEach(
                line -> all.add(IntStream.of(line).map(token -> numbers[token]).toArray()));
        return all;
    }

    /** Each line, between its marks where the next token is told, or all of them as one sequence. */
    private TextSplit windows(List<int[]> lines, long limit) {
        boolean marked = how.lines() && how.task() == TextTask.NEXT;
        int marks = marked ? 2 : 0;
        List<int[]> used =
                how.lines() ? lines.stream().filter(line -> line.length > 0).toList() : lines;
        int[] tokens = new int[Math.toIntExact(total(used) + (long) marks * used.size())];
        int[] starts = new int[how.lines() ? used.size() + 1 : 2];
        int at = 0;
        for (int i = 0; i < used.size(); i++) {
            if (how.lines()) {
                starts[i] = at;
            }
            if (marked) {
                tokens[at++] = TextVocabulary.BOS;
            }
            System.arraycopy(used.get(i), 0, tokens, at, used.get(i).length);
            at += used.get(i).length;
            if (marked) {
                tokens[at++] = TextVocabulary.EOS;
            }
        }
        starts[starts.length - 1] = at;
        int usual = format.target().everyStep() ? how.steps() : 1;
        int stride = how.stride() == 0 ? usual : how.stride();
        return TextSplit.of(tokens, starts, how.task(), how.steps(), stride, format, limit);
    }

    /** The lines as the network is given them, and how many examples are used. */
    private static void digest(Part part, int[] numbers, long size, MessageDigest sha) {
        sha.update(ByteBuffer.allocate(Long.BYTES).putLong(size).array());
        for (int[] line : part.all()) {
            ByteBuffer bytes =
                    ByteBuffer.allocate((line.length + 1) * Integer.BYTES).putInt(line.length);
            IntStream.of(line).forEach(token -> bytes.putInt(numbers[token]));
            sha.update(bytes.array());
        }
    }
}
