package dev.lockstep.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.jobs.course.Course;
import dev.lockstep.jobs.course.Exercise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code course}, on data and networks that train in no time. */
class CourseCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> TINY = List.of(
            "network.input=[16]",
            "network.classes=3",
            "network.layers=[{type=dense,units=6,activation=relu},{type=output}]",
            "train.batch-size=20",
            "train.iterations=30");

    @TempDir
    private static Path folder;

    private static Path data;

    @BeforeAll
    static void write() throws IOException {
        data = TinyData.write(folder.resolve("data"));
    }

    private static Cli course(Path out, String... more) {
        List<String> words =
                List.of("course", "--master", "local[2]", "--out", out.toString(), "--data", data.toString());
        return Cli.run(Stream.concat(words.stream(), TINY.stream()).toList(), more);
    }

    private static JsonNode result(Path exercise) throws IOException {
        return JSON.readTree(exercise.resolve("course.json").toFile());
    }

    @Test
    void theListShowsEveryRowWithWhatTheCourseSaw() {
        String list = Cli.run("course", "list").expectDone().out();
        for (Exercise exercise : Course.exercises()) {
            assertThat(list).contains(exercise.name(), exercise.row(), exercise.about());
        }
        assertThat(list)
                .contains("1_2 back_propagation", "2_6 im2col / col2im", "framework: regularisation")
                .contains("rmsprop                    test .917–.949");
        assertThat(Cli.run("course").expectDone().out()).isEqualTo(list);
    }

    @Test
    void aWorkedExamplePrintsItsValuesAndNeedsNoSpark() throws IOException {
        Path out = folder.resolve("worked");
        String printed = Cli.run("course", "--out", out.toString(), "1_2", "2_6_im2col")
                .expectDone()
                .out();
        assertThat(printed).contains("0.08706577", "0.60130599", "8x9");
        assertThat(out.resolve("1_2_back_propagation/report.html")).content().contains("0.08706577");
        assertThat(out.resolve("report.html")).content().contains("1_2_back_propagation/report.html");
    }

    @Test
    void anExerciseLeavesItsTrialsAndOneReport() throws IOException {
        Path out = folder.resolve("trained");
        String printed = course(out, "2_2_1", "1_4", "--conf", colours(), "--seeds", "2")
                .expectDone()
                .out();
        assertThat(printed).contains("needs CIFAR-10's binary files");
        Path exercise = out.resolve("2_2_1_vanishing_gradient");
        assertThat(exercise.resolve("trials").toFile().list()).hasSize(8).contains("relu-he", "relu-he-seed2");
        assertThat(Files.readAllLines(exercise.resolve("summary.csv"))).hasSize(9);
        assertThat(Files.readAllLines(exercise.resolve("trials.jsonl"))).hasSize(8);
        JsonNode trial =
                JSON.readTree(exercise.resolve("trials/relu-he/run.json").toFile());
        assertThat(trial.path("status").asText()).isEqualTo("finished");
        assertThat(trial.path("shards").asInt()).isEqualTo(1);
        // Two layers, activations and gradients, of four variants.
        assertThat(result(exercise).path("histograms")).hasSize(16);
        assertThat(exercise.resolve("report.html"))
                .content()
                .contains(
                        "What the course saw",
                        "test .951–.959",
                        "Test accuracy",
                        "Training loss",
                        "Gradients of the weights",
                        "Layer 2: σ ")
                .contains(" ± ")
                .contains("data-copy=\"lockstep train --conf " + exercise + "/trials/relu-he/config.resolved.conf\"");
        assertThat(out.resolve("1_4_mnist/report.html")).content().doesNotContain("Layer by layer");
        assertThat(out.resolve("colours/report.html")).content().contains("--cifar10 DIR");

        String before = Files.readString(exercise.resolve("report.html"));
        Files.delete(exercise.resolve("report.html"));
        Files.delete(out.resolve("report.html"));
        Cli.run("report", exercise.toString()).expectDone();
        Cli.run("report", out.toString()).expectDone();
        assertThat(exercise.resolve("report.html")).hasContent(before);
        assertThat(out.resolve("report.html")).content().contains("1_4_mnist/report.html");
        assertThat(printed).endsWith("2 of 3 exercises run, 1 not run: colours" + System.lineSeparator());
        List<String> summary = Files.readAllLines(out.resolve("summary.csv"));
        assertThat(summary.get(0)).startsWith("exercise,trial,status,test_accuracy,test_loss,");
        assertThat(summary)
                .hasSize(1 + 2 + 8 + 1)
                .contains("colours,,not run,,,,,,,,")
                .anyMatch(row ->
                        row.matches("2_2_1_vanishing_gradient,relu-he-seed2,finished,0\\.\\d+,.*,relu-he,2,30,.*"));
        whatIsUnfinishedIsNotJudged(exercise, out);
    }

    /** What attention looks at, how a series goes on, and the hash of what was learnt are on the page of an exercise that asks. */
    @Test
    void sequencesAreShownInsideOut() throws IOException {
        Path conf = Files.writeString(folder.resolve("inside.conf"), """
                title = "Inside out"
                attention = true
                free-run = true
                base {
                  data { format = generated, generated { rule = sine, from = 0, to = 6, steps = 3, train = 30, test = 5 } }
                  network {
                    input = [time, 1], targets = 1
                    layers = [{ type = dense, units = 4 }, { type = attention, heads = 2 }, { type = last-step }, { type = output }]
                  }
                  train { objective = regression, iterations = 3, batch-size = 5, shards = 1, tasks = 1, exchange = local }
                }
                """);
        Path out = folder.resolve("inside-out");
        Cli.run("course", "--conf", conf.toString(), "--master", "local[2]", "--out", out.toString())
                .expectDone();
        JsonNode maps = result(out.resolve("inside")).path("attention");
        assertThat(maps).hasSize(2);
        for (JsonNode map : maps) {
            assertThat(map.path("weights")).hasSize(3);
            double sum = 0;
            for (JsonNode weight : map.path("weights").get(2)) {
                sum += weight.asDouble();
            }
            assertThat(sum).isCloseTo(1, within(1e-5));
            assertThat(map.path("diagonal").asDouble()).isBetween(0.0, 1.0);
        }
        JsonNode run = result(out.resolve("inside")).path("freeRuns").get(0);
        assertThat(run.path("told")).hasSize(30);
        assertThat(run.path("truth").get(1).asDouble()).isCloseTo(Math.sin(4 * 6 / 37.0), within(1e-6));
        String hash = JSON.readTree(
                        out.resolve("inside/trials/as-it-is/run.json").toFile())
                .path("parameters_sha256")
                .asText();
        assertThat(out.resolve("inside/report.html"))
                .content()
                .contains("anti-diagonal", "fill-opacity", "as-it-is: RMSE ")
                .contains("data-copy=\"" + hash + "\">" + hash.substring(0, 8) + "</code>");
    }

    /** What a word is among its like is a direction: of nearly all words of the made-up realms after one look at the text. */
    @Test
    void analogiesComeOut() throws IOException {
        Path conf = Files.writeString(folder.resolve("words.conf"), """
                include classpath("conf/course/3_5_word2vec_analogies.conf")
                base.train { epochs = 1, batch-size = 128, evaluate-every = "1 epoch" }
                base.optimizer.learning-rate = 0.01
                variants = [{ name = skip-gram, with.data.text.task = neighbours }]
                """);
        Path out = folder.resolve("words-out");
        Cli.run("course", "--conf", conf.toString(), "--master", "local[2]", "--out", out.toString())
                .expectDone();
        JsonNode passage = result(out.resolve("words")).path("passages").get(0);
        assertThat(passage.path("heading").asText())
                .isEqualTo("Analogies: 4,560, such as kuraburg - koroia + nenaia = muliburg");
        Matcher share = Pattern.compile("skip-gram +([\\d.]+) % right")
                .matcher(passage.path("text").asText());
        assertThat(share.find()).isTrue();
        assertThat(Double.parseDouble(share.group(1))).isBetween(90.0, 100.0);
    }

    /**
     * A Transformer tells sequences from the end to the beginning, and says from where: one head looks along the anti-diagonal. A
     * decoder that has the tokens by attention alone copies them, and looks along the diagonal.
     */
    @Test
    void aTransformerReversesAndCopiesAndLooksAlongTheDiagonals() throws IOException {
        Path conf = Files.writeString(folder.resolve("small.conf"), """
                include classpath("conf/course/3_7_transformer.conf")
                base.data.generated { fewest = 5, steps = 5, train = 5000, test = 300 }
                base.train { iterations = 400, evaluate-every = "200 iterations" }
                base.optimizer.learning-rate = 0.002
                variants = [
                  { name = reverse, with.network.layers = ${tokens} ${positions} [${block} { repeat = 2 }, { type = layer-norm }, { type = output }] }
                  { name = copy, with { data.generated.rule = copy, network.layers = ${tokens} ${positions} ${copying} [{ type = layer-norm }, { type = output }] } }
                ]
                """);
        Path out = folder.resolve("small-out");
        Cli.run("course", "--conf", conf.toString(), "--master", "local[2]", "--out", out.toString())
                .expectDone();
        double antiDiagonal = 0;
        double diagonal = 0;
        for (JsonNode map : result(out.resolve("small")).path("attention")) {
            if (map.path("variant").asText().equals("reverse")) {
                antiDiagonal = Math.max(antiDiagonal, map.path("antiDiagonal").asDouble());
            } else if (map.path("layer").asText().equals("decoder.cross-attention")) {
                diagonal = Math.max(diagonal, map.path("diagonal").asDouble());
            }
        }
        assertThat(antiDiagonal).isGreaterThan(0.9);
        assertThat(diagonal).isGreaterThan(0.9);
        for (String trial : List.of("reverse", "copy")) {
            JsonNode run = JSON.readTree(
                    out.resolve("small/trials/" + trial + "/run.json").toFile());
            assertThat(run.path("test_whole_sequences").asDouble()).as(trial).isGreaterThan(0.99);
        }
    }

    /** 1_3 is of runs like any other: their losses fall, and whoever repeats one, by whatever exchange, gets its bits. */
    @Test
    void numbersAreLearntByOrdinaryRuns() throws IOException {
        Path out = folder.resolve("numbers");
        String printed = Cli.run("course", "1_3", "--master", "local[2]", "--out", out.toString())
                .expectDone()
                .out();
        assertThat(printed).containsPattern("relu +test RMSE 0\\.0\\d+, loss 0\\.00\\d+, ");
        Path exercise = out.resolve("1_3_stochastic_gradient_descent");
        Path relu = exercise.resolve("trials/relu");
        double[] losses = losses(relu);
        assertThat(losses).hasSize(1000);
        double first = DoubleStream.of(losses).limit(100).average().orElseThrow();
        double last = DoubleStream.of(losses).skip(900).average().orElseThrow();
        assertThat(first).isGreaterThan(10 * last);
        assertThat(last).isLessThan(1e-3);
        JsonNode record = JSON.readTree(relu.resolve("run.json").toFile());
        assertThat(record.path("test_loss").asDouble()).isBetween(0.0, 1e-3);
        assertThat(record.path("test_r2").asDouble()).isBetween(0.999, 1.0);
        assertThat(exercise.resolve("report.html"))
                .content()
                .contains("made up, rule linear: 1,000 training and 200 test examples", "Training RMSE is that of")
                .contains("<th scope=\"col\">test RMSE</th>", "<figcaption>Test RMSE", "<figcaption>Training loss")
                .contains("loss falls to near 0")
                .doesNotContain("accuracy", "MNIST");
        List<String> summary = Files.readAllLines(out.resolve("summary.csv"));
        assertThat(summary.get(0)).endsWith(",examples_per_second,test_rmse,test_mae,test_r2");
        assertThat(summary.get(1)).matches("1_3_stochastic_gradient_descent,relu,finished,,\\d.*,0\\.99\\d+");

        Path again = folder.resolve("numbers-again");
        Cli.run(
                        "train",
                        "--master",
                        "local[2]",
                        "--conf",
                        relu.resolve("config.resolved.conf").toString(),
                        "--out",
                        again.toString(),
                        "train.exchange=gang")
                .expectDone();
        assertThat(hash(again)).isEqualTo(hash(relu));
        assertThat(losses(again)).containsExactly(losses);
    }

    /** Of each step's batch. */
    private static double[] losses(Path trial) throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String line : Files.readAllLines(trial.resolve("metrics.jsonl"))) {
            JsonNode fields = JSON.readTree(line);
            if (!fields.path("learning_rate").isNull()) {
                losses.add(fields.path("loss").asDouble());
            }
        }
        return losses.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Settings laid over the course's are told, and its figures are not held against them; nor against what did not finish. */
    private static void whatIsUnfinishedIsNotJudged(Path exercise, Path out) throws IOException {
        JsonNode result = result(exercise);
        assertThat(result.path("overrides")).extracting(JsonNode::asText).contains("train.iterations=30");
        assertThat(result.at("/variants/0/settings/train/iterations").asInt()).isEqualTo(30);
        assertThat(exercise.resolve("report.html"))
                .content()
                .contains("Run with other settings than the course&#39;s: network.input=[16]", "train.iterations=30.")
                .contains("the course, on MNIST, with other settings")
                .doesNotContain("order is the course", "order of the variants is the course");
        assertThat(out.resolve("report.html")).content().contains("with other settings than the course&#39;s: ");

        ((ObjectNode) result).putArray("overrides");
        JSON.writeValue(exercise.resolve("course.json").toFile(), result);
        Cli.run("report", exercise.toString()).expectDone();
        assertThat(pairs(exercise)).isEqualTo(6);
        for (String trial : List.of("relu-he", "relu-he-seed2")) {
            Path record = exercise.resolve("trials/" + trial + "/run.json");
            Files.writeString(record, Files.readString(record).replace("\"finished\"", "\"interrupted\""));
        }
        FileUtils.deleteDirectory(exercise.resolve("trials/relu-gauss-seed2").toFile());
        Cli.run("report", exercise.toString()).expectDone();
        assertThat(pairs(exercise)).as("of the three that have figures").isEqualTo(3);
        String page = Files.readString(exercise.resolve("report.html"));
        assertThat(page)
                .containsPattern("relu-he</a></th><td>[^<]*</td><td>interrupted</td><td>–</td><td>–</td><td>–</td>")
                .containsPattern("relu-gauss</a></th><td>[^<]*</td><td>1 of 2 finished</td><td>0\\.\\d{4}</td>")
                .contains("relu-he (interrupted)", "relu-gauss: not begun");
    }

    /** The pairs of variants that the page compares with the course's order. */
    private static int pairs(Path exercise) throws IOException {
        String page = Files.readString(exercise.resolve("report.html"));
        Matcher some = Pattern.compile("In \\d+ of (\\d+) pairs").matcher(page);
        if (some.find()) {
            return Integer.parseInt(some.group(1));
        }
        assertThat(page).contains("The order of the variants is the course");
        return page.contains("interrupted") ? 3 : 6;
    }

    @Test
    void aCourseGoesOnAsItBeganAndRefusesOtherSettings() throws IOException {
        Path own = TinyData.write(folder.resolve("own-data"));
        Path out = folder.resolve("resumed");
        List<String> words = List.of("--master", "local[2]", "--out", out.toString());
        Cli.run(
                        List.of("course", "1_4", "--data", own.toString()),
                        Stream.concat(words.stream(), TINY.stream()).toArray(String[]::new))
                .expectDone();
        List<String> resume =
                Stream.concat(Stream.of("course", "--resume"), words.stream()).toList();
        Path trials = out.resolve("1_4_mnist/trials");
        String trial = trials.toFile().list()[0];
        String hash = hash(trials.resolve(trial));
        FileUtils.deleteDirectory(trials.resolve(trial).toFile());

        assertThat(Cli.run(resume).expectDone().out()).contains("1 of 1 exercises run");
        assertThat(hash(trials.resolve(trial))).isEqualTo(hash);
        // Said again, in another order, it is the same; more exercises are welcome.
        List<String> again = new ArrayList<>(TINY);
        Collections.reverse(again);
        assertThat(Cli.run(
                                resume,
                                Stream.concat(Stream.of("1_2_back_propagation"), again.stream())
                                        .toArray(String[]::new))
                        .expectDone()
                        .out())
                .contains("1 of 1 exercises run");
        assertThat(out.resolve("course.conf")).content().contains("1_2_back_propagation", "1_4_mnist");

        Cli.run(resume, "train.iterations=60")
                .expectError(5, "the course in the folder has key=value", "train.iterations=30", "train.iterations=60");
        Cli.run(resume, "--data", data.toString()).expectError(5, "has --data " + own, "this command " + data);
        Cli.run(resume, "--cifar10", data.toString()).expectError(5, "has --cifar10 nothing, this command " + data);
        assertThat(out.resolve("course.conf")).content().doesNotContain("cifar10");
        Cli.run(resume, "--seeds", "2").expectError(5, "has --seeds (as its exercises say), this command 2");
        Files.write(
                own.resolve(TinyData.TEST_LABELS), TinyData.gzip(new byte[] {0, 0, 8, 1, 0, 0, 0, 60})); // cut short
        Cli.run(resume).expectError(3, "t10k-labels");
        byte[] labels = TinyData.labels(TinyData.TEST);
        labels[8] = 2;
        Files.write(own.resolve(TinyData.TEST_LABELS), TinyData.gzip(labels));
        Cli.run(resume).expectError(5, "trials/" + trial, "is of another run: examples (SHA-256)");
        assertThat(hash(trials.resolve(trial))).isEqualTo(hash);
    }

    private static String hash(Path trial) throws IOException {
        return JSON.readTree(trial.resolve("run.json").toFile())
                .path("parameters_sha256")
                .asText();
    }

    @Test
    void aNetworkWithBlocksHasHistogramsOfAllItsLayers() throws IOException {
        Path out = folder.resolve("blocks");
        course(
                        out,
                        "2_2_1",
                        "train.iterations=2",
                        "network.layers=[{type=dense,units=6},{type=residual,layers=[{type=dense,units=6}]},{type=output}]")
                .expectDone();
        List<String> layers = new ArrayList<>();
        for (JsonNode histogram :
                result(out.resolve("2_2_1_vanishing_gradient")).path("histograms")) {
            if (histogram.path("variant").asText().equals("relu-he")) {
                layers.add(histogram.path("what").asText() + " "
                        + histogram.path("layer").asText());
            }
        }
        assertThat(layers)
                .containsExactly(
                        "activations 1",
                        "activations 2.1",
                        "activations 2",
                        "activations 3",
                        "gradients 1",
                        "gradients 2.1",
                        "gradients 3");
    }

    /** Members that know nothing have no vote, and a stack needs its top: the page says so of both. */
    @Test
    void ensemblesThatCameToNothingSayWhy() throws IOException {
        Path out = folder.resolve("nothing");
        Path exercise = Files.createDirectories(out.resolve("ensembles"));
        Files.createDirectories(exercise.resolve("trials"));
        Files.writeString(exercise.resolve("trials/stacking-top-seed2"), "in the way");
        Files.writeString(out.resolve("course.conf"), """
                exercises = [ensembles], seeds = 3, data = "%s", overrides = [
                "network.input=[16]", "network.classes=3", "network.layers=[{type=dense,units=6},{type=output}]",
                "train.batch-size=20", "train.iterations=1", "optimizer.learning-rate=1e-12" ]
                """.formatted(data));
        String printed = Cli.run("course", "--resume", "--master", "local[2]", "--out", out.toString())
                .expectDone()
                .out();
        assertThat(printed)
                .contains("boosting: no ensemble: none of the 5 members of boosting")
                .contains("stacking: no ensemble: stacking-top-seed2: failed: cannot make the folder");
        assertThat(exercise.resolve("boosting/ensemble.json")).doesNotExist();
        assertThat(exercise.resolve("stacking/ensemble.json")).doesNotExist();
        assertThat(exercise.resolve("bagging/ensemble.json")).exists();
        assertThat(exercise.resolve("report.html"))
                .content()
                .contains(
                        "boosting: no ensemble: none of the 5 members", "by AdaBoost.M1 they must be right more often")
                .contains("stacking: no ensemble: stacking-top-seed2: failed")
                .contains("stacking, members", "11 of 12 finished")
                .doesNotContain(">NaN");
        assertThat(out.resolve("report.html")).content().contains("stacking: no ensemble: ");
    }

    /** Of one ensemble of a kind its bias and its variance can't be told apart. */
    @Test
    void ensemblesOfOneSeedHaveNoVariance() throws IOException {
        Path out = folder.resolve("one-seed");
        String told = course(out, "ensembles", "--seeds", "1", "optimizer.learning-rate=0.01")
                .expectDone()
                .out();
        assertThat(told).contains("in the mean of 1 seed; bias ").contains(" of the members, variance ");
        for (JsonNode ensemble : result(out.resolve("ensembles")).path("ensembles")) {
            assertThat(ensemble.path("accuracy")).hasSize(1);
            assertThat(ensemble.path("before").path("variance").asDouble()).isPositive();
            assertThat(ensemble.path("after").isNull()).isTrue();
        }
        assertThat(out.resolve("ensembles/report.html")).content().contains("needs two seeds");
    }

    /** What the exercise measured is what the folder gives, for every kind of ensemble. */
    @Test
    void anEnsembleIsAModelLikeAnyOther() throws IOException {
        Path out = folder.resolve("ensembles");
        course(out, "ensembles", "optimizer.learning-rate=0.01").expectDone();
        Path exercise = out.resolve("ensembles");
        JsonNode ensembles = result(exercise).path("ensembles");
        assertThat(ensembles).hasSize(4);
        for (JsonNode ensemble : ensembles) {
            String method = ensemble.path("method").asText();
            assertThat(ensemble.path("accuracy")).hasSize(3);
            String evaluated = Cli.run(
                            "evaluate",
                            "--master",
                            "local[2]",
                            "--model",
                            exercise.resolve(method).toString())
                    .expectDone()
                    .out();
            assertThat(evaluated)
                    .as(method)
                    .contains("examples 60")
                    .contains(String.format(
                            "accuracy %.6f", ensemble.path("accuracy").get(0).asDouble()));
        }
        Path csv = folder.resolve("answers.csv");
        Cli.run("predict", "--master", "local[2]", "--model", exercise + "/stacking", "--out", csv.toString())
                .expectDone();
        assertThat(Files.readAllLines(csv)).hasSize(61);
        // The first member of boosting sees all examples alike, the second more of what the first got wrong.
        assertThat(weights(exercise, "boosting-samme-1").distinct()).hasSize(1);
        assertThat(weights(exercise, "boosting-samme-2").distinct()).hasSize(2);
        assertThat(weights(exercise, "boosting-samme-2").sum()).isBetween(1 - 1e-9, 1 + 1e-9);

        Files.writeString(exercise.resolve("bagging/ensemble.json"), "{\"combination\":\"vote\",\"members\":[\"x\"]}");
        Cli.run("evaluate", "--model", exercise + "/bagging")
                .expectError(5, "ensemble.json: expected a combination of average, vote (with a weight");
        Files.writeString(
                exercise.resolve("bagging/ensemble.json"),
                "{\"combination\":\"average\",\"members\":[\"../trials/x\"]}");
        Cli.run("evaluate", "--model", exercise + "/bagging").expectError(5, "names the run ../trials/x", "model.zip");
    }

    private static DoubleStream weights(Path exercise, String trial) throws IOException {
        return Files.readAllLines(exercise.resolve("weights/" + trial + ".txt")).stream()
                .mapToDouble(Double::parseDouble);
    }

    /** An exercise that has nothing to do without CIFAR-10. */
    private static String colours() throws IOException {
        return Files.writeString(folder.resolve("colours.conf"), """
                include classpath("conf/course/base.conf")
                needs = cifar10
                base { data.format = cifar10, network { input = [3, 32, 32], layers = [${out}] } }
                """).toString();
    }

    @Test
    void whatIsWrongIsToldBeforeAnythingRuns() throws IOException {
        Path out = folder.resolve("wrong");
        course(out, "2_9_unknown").expectError(2, "there is no exercise '2_9_unknown'; the nearest is", "course list");
        course(out, "2_4", "train.iteration=3").expectError(2, "train.iteration: unknown key", "train.iterations");
        course(out, "2_4", "--seeds", "0").expectError(2, "--seeds: expected a whole number from 1, found 0");
        Cli.run("course", "1_4", "--out", out.toString(), "--data", folder + "/none")
                .expectError(
                        3,
                        folder + "/none",
                        "no such directory",
                        "train-images-idx3-ubyte",
                        "Debian's package dataset-fashion-mnist");
        course(data, "1_1").expectError(2, "--out " + data + ": is not empty");
        List<String> elsewhere = List.of("course", "--out", out.toString());
        Cli.run(elsewhere, "--conf", colours()).expectError(3, "colours was not run", "--cifar10 DIR");
        Cli.run(elsewhere, "regularization", "--cifar10", folder + "/none").expectError(3, folder + "/none");
        for (String[] words : new String[][] {{}, {"list"}}) {
            Cli.run(List.of("course", "--out", out.toString()), words).expectError(2, "name those to run, or all");
        }
        Cli.run("course", "seed=3").expectError(2, "no exercise is named");
        for (String name : List.of("4_3_iris", "3_2", "1_2")) {
            course(out, name)
                    .expectError(2, "--data " + data + ": none of these exercises is on images that are given");
        }
        course(out, "--conf", colours()).expectError(2, "--data " + data + ": none of these exercises is on images");
        Cli.run("course", "2_4", "--out", out.toString(), "--cifar10", data.toString())
                .expectError(2, "--cifar10 " + data + ": none of these exercises is on CIFAR-10");
        Cli.run("course", "--resume").expectError(2, "--resume needs --out DIR");
        Cli.run("course", "--resume", "--out", out.toString())
                .expectError(5, "there is no course to go on with (no course.conf)", "leave --resume out");
        assertThat(out).doesNotExist();
    }
}
