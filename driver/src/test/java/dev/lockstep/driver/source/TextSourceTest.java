package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.loop.Trainer;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.ExampleFormat.Target;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.source.SharedSplit;
import dev.lockstep.worker.source.Split;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.SerializerInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

class TextSourceTest {
    private static final Shape TOKENS = Shape.sequence(1);
    private static final Target NEXT = new Target(Target.Kind.CLASS, 9);
    private static final Target EVERY_NEXT = new Target(Target.Kind.CLASS, 9, true);

    @TempDir
    private Path folder;

    private RunConfig.Data data(Path path, String settings) {
        String layers = "[{ type = embedding, vocabulary = 9, units = 2 }, { type = last-step }, { type = output }]";
        return RunConfigParser.parse(ConfigFactory.parseString(settings)
                        .withFallback(ConfigFactory.parseString("data { format = text, path = \"" + path
                                + "\" }, network { input = [time, 1], classes = 9, layers = " + layers + " }")))
                .data();
    }

    private Dataset open(Path path, Target target, String settings) {
        return Dataset.open(data(path, settings), TOKENS, target, new Configuration());
    }

    /** Each as {@code tokens>told}. */
    private static List<String> examples(ExampleSet set, Target target) {
        ExampleFormat format = set.format();
        List<String> texts = new ArrayList<>();
        for (byte[] packed : set.firstPacked(set.size())) {
            float[] tokens = new float[format.steps(packed)];
            format.readFeatures(packed, tokens, 0);
            float[] oneHot = format.target(packed);
            StringBuilder told = new StringBuilder();
            for (int i = 0; i < oneHot.length; i++) {
                told.append(oneHot[i] == 1 ? " " + i % target.values() : "");
            }
            texts.add(words(tokens) + ">" + told.toString().strip());
        }
        return texts;
    }

    private static String words(float[] tokens) {
        return String.join(
                " ",
                LongStream.range(0, tokens.length)
                        .mapToObj(i -> Integer.toString((int) tokens[(int) i]))
                        .toList());
    }

    @Test
    void eachWordIsToldFromThoseBefore() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "B a b\n\nC a. a d\n");
        Dataset data = open(text, NEXT, "data { test-fraction = 0.25, text { lower-case = true, steps = 2 } }");
        assertThat(data.fitted().vocabulary().tokens())
                .containsExactly("<pad>", "<bos>", "<eos>", "<unk>", "a", "b", ".", "c");
        // b a b c a . | a d
        assertThat(examples(data.train(), NEXT)).containsExactly("5>4", "5 4>5", "4 5>7", "5 7>4", "7 4>6");
        assertThat(examples(data.test(), NEXT)).containsExactly("4>3");
        Dataset limited = open(
                text,
                NEXT,
                "data { train-limit = 2, test-fraction = 0.25, text { lower-case = true, steps = 2, stride = 2 } }");
        assertThat(examples(limited.train(), NEXT)).containsExactly("5>4", "4 5>7");
        assertThat(limited.fingerprint()).isNotEqualTo(data.fingerprint());
    }

    @Test
    void linesAreSequencesOfTheirOwnAndEveryStepIsTold() throws IOException {
        Files.writeString(folder.resolve("b.txt"), "b\n");
        Files.writeString(folder.resolve("a.txt"), "a a b\n\n");
        Files.writeString(folder.resolve("c.md"), "c");
        Dataset data = open(
                folder, EVERY_NEXT, "data { test-path = \"" + folder + "/b.txt\", text { lines = true, steps = 3 } }");
        assertThat(examples(data.train(), EVERY_NEXT)).containsExactly("1 4 4>4 4 5", "5>2", "1 5>5 2");
        assertThat(examples(data.test(), EVERY_NEXT)).containsExactly("1 5>5 2");
    }

    @Test
    void charactersKeepBlanksAndLineBreaks() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "a b\nb😀");
        Dataset data = open(text, EVERY_NEXT, "data { test-fraction = 0, text { unit = characters, steps = 9 } }");
        assertThat(data.fitted().vocabulary().tokens().subList(4, 9)).containsExactly("\n", "b", " ", "a", "😀");
        assertThat(examples(data.train(), EVERY_NEXT)).containsExactly("7 6 5 4 5 8>6 5 4 5 8 4");
    }

    /** Spark sends what tasks share with the session's serializer. */
    @Test
    void aTextGoesToExecutorsInSessionsWithKryo() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "x y x\ny z\n");
        Path targets = Files.writeString(folder.resolve("b.txt"), "a b\nc\n");
        SerializerInstance kryo = new KryoSerializer(new SparkConf()).newInstance();
        for (String settings : List.of("", ", text.target-path = \"" + targets + "\"")) {
            Split split = ((FileExamples) open(text, EVERY_NEXT, "data { test-fraction = 0" + settings + " }")
                            .train())
                    .split();
            ClassTag<SharedSplit> tag = ClassTag$.MODULE$.apply(SharedSplit.class);
            Split other = kryo.<SharedSplit>deserialize(kryo.serialize(new SharedSplit(split), tag), tag)
                    .split();
            assertThat(other.read(0, split.size()).packed())
                    .isEqualTo(split.read(0, split.size()).packed());
        }
    }

    @Test
    void aModelReadsOtherTextsByItsOwnVocabulary() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "x y x y z");
        Fitted fitted = open(text, NEXT, "data.test-fraction = 0").fitted();
        Path other = Files.writeString(folder.resolve("b.txt"), "z w y");
        RunConfig.Data at = data(other, "data.test-path = \"" + other + "\"");
        ExampleSet test = Dataset.openTest(at, TOKENS, NEXT, fitted, true, new Configuration(), Dataset.NO_SPARK);
        assertThat(examples(test, NEXT)).containsExactly("6>3", "6 3>5");
        assertThatThrownBy(() ->
                        Dataset.openTest(at, TOKENS, NEXT, Fitted.NOTHING, true, new Configuration(), Dataset.NO_SPARK))
                .isInstanceOf(DataException.class)
                .hasMessage("the model knows no tokens: it was not trained with data.format = text");
    }

    @Test
    void wordsAreToldFromThoseAroundThem() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "a b c\nd\nb a\n");
        String lines = "data { test-fraction = 0, text { lines = true, steps = 2, task = ";
        Dataset bags = open(text, NEXT, lines + "middle } }");
        // a 4, b 5, c 6, d 7; a line of one word tells nothing.
        assertThat(examples(bags.train(), NEXT)).containsExactly("5 6>4", "4 6>5", "4 5>6", "4>5", "5>4");
        Dataset pairs = open(text, NEXT, lines + "neighbours } }");
        assertThat(examples(pairs.train(), NEXT))
                .containsExactly("4>5", "5>6", "5>4", "6>5", "4>6", "6>4", "5>4", "4>5");
        assertThatThrownBy(() -> open(text, EVERY_NEXT, lines + "middle } }"))
                .hasMessageContaining("data.text.task: middle and neighbours tell one token");
    }

    /** The source leads in, then each token of the target is told from what is right so far. */
    @Test
    void aLineIsToldFromItsPair() throws IOException {
        Path source = Files.writeString(folder.resolve("a.txt"), "x y x\ny\nx\n");
        Path target = Files.writeString(folder.resolve("b.txt"), "b\nb a\na\n");
        String settings = "data { test-fraction = 0.33, text.target-path = \"" + target + "\" }";
        Dataset data = open(source, EVERY_NEXT, settings);
        assertThat(data.fitted().vocabulary().tokens().subList(4, 8)).containsExactly("b", "x", "y", "a");
        assertThat(examples(data.train(), EVERY_NEXT)).containsExactly("5 6 5 1 4>4 2", "6 1 4 7>4 7 2");
        assertThat(examples(data.test(), EVERY_NEXT)).containsExactly("5 1 7>7 2");
        byte[] first = data.train().firstPacked(1).get(0);
        assertThat(data.format().leadIn(first)).isEqualTo(3);
        assertThatThrownBy(() -> open(source, NEXT, settings))
                .hasMessageContaining("data.text.target-path: has a line to be told token by token");
        Files.writeString(target, "b\n\na\n");
        assertThatThrownBy(() -> open(source, EVERY_NEXT, settings))
                .hasMessageContaining("b.txt, line 2: is empty; expected a sentence in each line");
        Files.writeString(target, "b\nb\n");
        assertThatThrownBy(() -> open(source, EVERY_NEXT, settings))
                .hasMessageContaining("a.txt has 3 lines but")
                .hasMessageContaining("b.txt has 2: line 3 has no other; expected as many");
    }

    @Test
    void aVocabularyLargerThanTheNetworksIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "to be or not to be\n");
        String layers = "[{ type = embedding, vocabulary = 5, units = 2 }, { type = last-step }, { type = output }]";
        RunConfig config = RunConfigParser.parse(ConfigFactory.parseString(
                "data { format = text, path = \"" + text + "\" }, network { input = [time, 1], classes = 9, layers = "
                        + layers + " }, train { batch-size = 1, shards = 1 }"));
        Dataset dataset = Dataset.open(config.data(), TOKENS, NEXT, new Configuration());
        assertThatThrownBy(() -> Trainer.check(config, dataset, new Configuration()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("network.layers: the embedding's vocabulary is 5, but the text's has 8 tokens; make it"
                        + " network.classes, or that smaller");
    }

    @Test
    void whatIsNoTextIsSaid() throws IOException {
        Path broken = Files.write(folder.resolve("a.txt"), new byte[] {'a', ' ', 'b', '\n', (byte) 0xff, '\n'});
        assertThatThrownBy(() -> open(broken, NEXT, ""))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("a.txt, line 2: is not UTF-8; convert the file");
        Path endless = folder.resolve("endless.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(endless))) {
            out.write(new byte[(64 << 20) + 1]);
        }
        assertThatThrownBy(() -> open(endless, NEXT, ""))
                .isInstanceOf(DataException.class)
                .hasMessageEndingWith("endless.txt.gz, line 1: is longer than 67108864 bytes; expected lines of text");
        Path nothing = Files.createDirectory(folder.resolve("nothing"));
        assertThatThrownBy(() -> open(nothing, NEXT, ""))
                .hasMessageContaining("has no .txt file; found an empty directory; set data.path to a text file");
        assertThat(TextSource.checked(Integer.MAX_VALUE - 8, "a")).isEqualTo(Integer.MAX_VALUE - 8);
        assertThatThrownBy(() -> TextSource.checked(1L << 31, "a.txt"))
                .isInstanceOf(DataException.class)
                .hasMessage("a.txt: has more than 2147483639 tokens with those before it, which the driver holds in one"
                        + " array; give a part of the text, or larger tokens (data.text.unit)");
        assertThatThrownBy(() -> open(folder.resolve("none.txt"), NEXT, "")).hasMessageContaining("is not there");
        assertThatThrownBy(() -> TextFiles.lines(nothing + "/a.txt", "--prompts", new Configuration()))
                .isInstanceOf(DataException.class)
                .hasMessage("--prompts \"" + nothing
                        + "/a.txt\" is not there; give with --prompts a text file, or a folder" + " of .txt files");
        Path word = Files.writeString(folder.resolve("word.txt"), "word\n");
        assertThatThrownBy(() -> open(word, NEXT, "data.test-fraction = 0"))
                .hasMessageContaining("word.txt: has no two tokens in a row to learn from");
        assertThatThrownBy(() -> Dataset.open(data(word, ""), Shape.vector(1), NEXT, new Configuration()))
                .hasMessageContaining("network.input = [time, 1]")
                .hasMessageContaining("the network takes 1 and tells 9 classes");
    }

    /** A window that crosses no end, whatever range it is read in. */
    @Test
    void anyRangeIsTheSameExamples() throws IOException {
        Path text = Files.writeString(folder.resolve("a.txt"), "a b c\nd\n\ne f g h i\n");
        ExampleSet all = open(text, NEXT, "data { test-fraction = 0, text { lines = true, stride = 2, steps = 3 } }")
                .train();
        List<byte[]> together = all.firstPacked(all.size());
        for (int i = 0; i < all.size(); i++) {
            byte[] alone = ((FileExamples) all).split().read(i, i + 1).packed(i);
            assertThat(Arrays.equals(alone, together.get(i))).isTrue();
        }
        assertThat(all.size()).isEqualTo(2 + 1 + 3);
    }
}
