package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.table.Fitted;
import dev.lockstep.worker.text.TextCut;
import dev.lockstep.worker.text.TextTask;
import dev.lockstep.worker.text.TextUnit;
import dev.lockstep.worker.text.TextVocabulary;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import onnx.Onnx.ModelProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code generate} and {@code vectors} of networks that are as they begin; what trained ones say is ObjectivesTest's. */
class TextCommandsTest {
    private static final NetworkSpec SPEC =
            RunConfigParser.parse(ConfigFactory.parseString("""
            data { format = text, path = none }
            network { input = [time, 1], classes = 8, layers = [
              { type = embedding, vocabulary = 8, units = 2 }, { type = output }
            ] }""")).network();

    @TempDir
    private Path folder;

    /** Knows these words, and the four marks. */
    private Path model(String name, TextUnit unit, TextTask task, Consumer<float[]> change, String... words)
            throws IOException {
        List<String> tokens = new ArrayList<>(List.of("<pad>", "<bos>", "<eos>", "<unk>"));
        tokens.addAll(List.of(words));
        float[] parameters = Networks.initialParameters(SPEC, 1);
        change.accept(parameters);
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            ModelFile.write(
                    SPEC,
                    new TrainingState(1, parameters, new float[2 * parameters.length]),
                    Fitted.of(new TextVocabulary(unit, false, tokens), new TextCut(task, 4, 0, false, false)),
                    out);
        }
        return file;
    }

    private Path model(TextTask task) throws IOException {
        return model("m.zip", TextUnit.WORDS, task, parameters -> {}, "a", "b", "c", "d");
    }

    private static List<String> words(String command, Path model) {
        return List.of(command, "--model", model.toString());
    }

    @Test
    void aSeedDrawsTheSameAgainAndAnotherSomethingElse() throws IOException {
        List<String> generate = new ArrayList<>(words("generate", model(TextTask.NEXT)));
        generate.addAll(List.of("--prompt", "a", "--length", "30", "--temperature", "100"));
        String first = Cli.run(generate).expectDone().out();
        assertThat(first).startsWith("a ");
        assertThat(Cli.run(generate, "--seed", "1").expectDone().out()).isEqualTo(first);
        assertThat(Cli.run(generate, "--seed", "2").expectDone().out()).isNotEqualTo(first);
    }

    /** With the tokens by their numbers, which nobody would know else. */
    @Test
    void aNetworkOfTextIsExported() throws IOException {
        Path file = folder.resolve("text.onnx");
        assertThat(Cli.run(words("export", model(TextTask.NEXT)), "--onnx", file.toString())
                        .expectDone()
                        .out())
                .startsWith("sequence [batch, time, 1], mask [batch, time] to probabilities [batch, time, 8],"
                        + " logits [batch, time, 8] (ONNX, opset 13)");
        assertThat(ModelProto.parseFrom(Files.readAllBytes(file)).getMetadataPropsList())
                .anySatisfy(said -> assertThat(said.getKey() + " " + said.getValue())
                        .isEqualTo("tokens [\"<pad>\",\"<bos>\",\"<eos>\",\"<unk>\",\"a\",\"b\",\"c\",\"d\"]"));
    }

    @Test
    void optionsThatWouldDoNothingAreRefused() throws IOException {
        List<String> generate = words("generate", model(TextTask.NEXT));
        Cli.run(generate, "--prompt", "a", "--seed", "2").expectError(2, "--seed: is of what is drawn");
        for (String option : List.of("--length", "--beams", "--temperature")) {
            Cli.run(generate, "--prompt", "a", "--choices", "2", option, "2")
                    .expectError(2, "--choices: shows the next token alone");
        }
        Cli.run(generate, "--prompt", "").expectError(2, "--prompt: is empty; expected at least a token");
        List<String> vectors = words("vectors", folder.resolve("m.zip"));
        for (String option : List.of("--plus", "--minus", "--count")) {
            Cli.run(vectors, "--out", folder + "/v.txt", option, "2").expectError(2, "go together with --near");
        }
        Cli.run(vectors, "--near", "a", "--count", "0").expectError(2, "--count 0: expected a whole number from 1");
        Cli.run(vectors).expectError(2, "--near WORD or --out FILE: give one of them");
    }

    @Test
    void aNetworkOfWhatIsAroundAWordDoesNotGoOn() throws IOException {
        Cli.run(words("generate", model(TextTask.MIDDLE)), "--prompt", "a")
                .expectError(2, "was trained to tell a token from those around it", "lockstep vectors");
    }

    /** Each is a number; a sum of their products is none. */
    private static void large(float[] parameters) {
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = i < 16 || i % 2 == 0 ? 3e38f : -3e38f; // the embedding, and what is behind it
        }
    }

    /** As evaluate and predict refuse them. */
    @Test
    void answersThatAreNotFiniteAreRefused() throws IOException {
        Path model = model("large.zip", TextUnit.WORDS, TextTask.NEXT, TextCommandsTest::large, "a", "b");
        for (String[] more : new String[][] {{"--length", "2"}, {"--choices", "2"}, {"--temperature", "1"}}) {
            Cli.run(words("generate", model), "--prompt", "a", more[0], more[1])
                    .expectError(5, "--model " + model + ": not all of its answers are finite numbers");
        }
    }

    /** a and b at a right angle, c between them, d the opposite of a. */
    private static void directions(float[] parameters) {
        float[] rows = {2, 0, 0, 1, 1, 1, -1, 0};
        System.arraycopy(rows, 0, parameters, 2 * TextVocabulary.LEAST, rows.length);
    }

    @Test
    void theNearestWordsAreShownAndAllAreWritten() throws IOException {
        Path model = model("d.zip", TextUnit.WORDS, TextTask.MIDDLE, TextCommandsTest::directions, "a", "b", "c", "d");
        List<String> vectors = words("vectors", model);
        assertThat(Cli.run(vectors, "--near", "a").expectDone().out().lines())
                .containsExactly("0.7071 c", "0.0000 b", "-1.0000 d");
        assertThat(Cli.run(vectors, "--near", "a", "--count", "1").expectDone().out())
                .isEqualToIgnoringNewLines("0.7071 c");
        assertThat(Cli.run(vectors, "--near", "c", "--minus", "a")
                        .expectDone()
                        .out()
                        .lines())
                .as("of (-0.29, 0.71)")
                .containsExactly("0.9239 b", "0.3827 d");
        assertThat(Cli.run(vectors, "--near", "a", "--plus", "b")
                        .expectDone()
                        .out()
                        .lines())
                .containsExactly("1.0000 c", "-0.7071 d");
        Path out = folder.resolve("v.txt");
        assertThat(Cli.run(vectors, "--out", out.toString()).expectDone().out()).startsWith("8 vectors in ");
        assertThat(Files.readAllLines(out))
                .hasSize(9)
                .startsWith("8 2")
                .endsWith("a 2.0 0.0", "b 0.0 1.0", "c 1.0 1.0", "d -1.0 0.0");
        Cli.run(vectors, "--near", "e").expectError(2, "'e' is no word that --model " + model + " knows");
        Cli.run(vectors, "--near", "a", "--minus", "a").expectError(2, "these words come to nothing together");
    }

    @Test
    void tokensThatAFileOfVectorsCannotHoldAreRefused() throws IOException {
        Path letters = model("l.zip", TextUnit.CHARACTERS, TextTask.NEXT, parameters -> {}, " ", "\n", "a");
        Path out = folder.resolve("v.txt");
        Cli.run(words("vectors", letters), "--out", out.toString()).expectError(2, "only words are written");
        Path more = model("more.zip", TextUnit.WORDS, TextTask.NEXT, parameters -> {}, "a", "b", "c", "d", "e");
        Cli.run(words("vectors", more), "--near", "a")
                .expectError(5, "knows 9 tokens, but its embedding has 8 rows; it is damaged");
        assertThat(out).doesNotExist();
    }
}
