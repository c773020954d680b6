package dev.lockstep.driver.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.driver.feed.Feed;
import dev.lockstep.driver.feed.ShuffledFeed;
import dev.lockstep.driver.source.ExampleSet;
import dev.lockstep.driver.source.FileExamples;
import dev.lockstep.driver.spark.LocalSpark;
import dev.lockstep.worker.data.Block;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.source.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Evaluation on real local Spark, of a network with weights that name every class on random examples. */
class EvaluatorTest {
    private static final int EXAMPLES = 1103; // five chunks, the last one short
    private static final int CLASSES = 4;
    private static final Shape SHAPE = new Shape(1, 5, 5);
    private static final ExampleFormat FORMAT = ExampleFormat.bytes(SHAPE, CLASSES);
    private static final RunConfig CONFIG = RunConfigParser.parse(ConfigFactory.parseString("""
            network { input = [1, 5, 5], classes = 4, weight-init = gauss, weight-std = 1, layers = [
              { type = convolution, filters = 3, kernel = 2, activation = relu }
              { type = batch-norm }, { type = dropout }, { type = output }] }"""));

    /** Examples that any task makes for itself: pixels and labels drawn by their number. */
    private record Drawn(long size) implements Split {
        @Override
        public ExampleFormat format() {
            return FORMAT;
        }

        @Override
        public Block read(long from, long to) {
            byte[] values = new byte[(int) (to - from) * SHAPE.size()];
            int[] labels = new int[(int) (to - from)];
            for (int i = 0; i < labels.length; i++) {
                Random random = new Random(from + i);
                byte[] pixels = new byte[SHAPE.size()];
                random.nextBytes(pixels);
                System.arraycopy(pixels, 0, values, i * pixels.length, pixels.length);
                labels[i] = random.nextInt(CLASSES);
            }
            return Block.of(FORMAT, from, labels, values);
        }
    }

    private record Results(
            Scores scores, Scores part, List<Answer> answers, List<Answer> first, List<Answer> fewAtATime) {}

    private static final Map<String, Results> BY_MASTER = new TreeMap<>();

    @BeforeAll
    static void evaluate() {
        StoredModel model = new StoredModel(
                Networks.stock(CONFIG.network()).configurationJson(), Networks.initialParameters(CONFIG.network(), 20));
        for (int slots : new int[] {1, 3}) {
            try (JavaSparkContext spark = LocalSpark.start(slots)) {
                Evaluator all = evaluator(spark, Subset.all(EXAMPLES));
                Evaluator part = evaluator(spark, new Subset(null, 100, 301, null, null));
                BY_MASTER.put(
                        spark.master(),
                        new Results(
                                all.evaluate(model, "all"),
                                part.evaluate(model, "part"),
                                all.predict(model, Long.MAX_VALUE, "all"),
                                part.predict(model, 7, "first"),
                                fewAtATime(spark, model)));
            }
        }
    }

    private static Evaluator evaluator(JavaSparkContext spark, Subset subset) {
        return new Evaluator(
                spark,
                Feed.of(spark, new FileExamples(new Drawn(EXAMPLES)), spark.defaultParallelism()),
                subset,
                FORMAT,
                Objective.CLASSIFICATION);
    }

    /** Of tasks of one chunk, as many of them at a time as there are slots; on either feed. */
    private static List<Answer> fewAtATime(JavaSparkContext spark, StoredModel model) {
        ExampleSet all = new FileExamples(new Drawn(EXAMPLES));
        int slots = spark.defaultParallelism();
        Feed feed = slots == 1
                ? Feed.of(spark, all, slots)
                : new ShuffledFeed(all.blocks(spark, slots), all.bytesAnExample());
        List<Answer> answers = new ArrayList<>();
        try (Evaluator evaluator =
                new Evaluator(spark, feed, Subset.all(EXAMPLES), FORMAT, Objective.CLASSIFICATION, 250)) {
            evaluator.predict(model, "few at a time", answers::add);
        }
        return answers;
    }

    @Test
    void answersComeInOrderHoweverFewAtATime() {
        for (Results of : BY_MASTER.values()) {
            assertThat(of.fewAtATime()).hasSize(EXAMPLES);
            for (int i = 0; i < EXAMPLES; i++) {
                Answer answer = of.fewAtATime().get(i);
                assertThat(answer.index()).isEqualTo(i);
                assertThat(answer.outputs()).isEqualTo(of.answers().get(i).outputs());
                assertThat(answer.example()).as("the driver has no use for it").isEmpty();
            }
        }
    }

    @Test
    void theFiguresAreTheSameBitsOnAnyCluster() {
        Results one = BY_MASTER.get("local[1]");
        Results three = BY_MASTER.get("local[3]");
        assertThat(Double.doubleToRawLongBits(three.scores().loss()))
                .isEqualTo(Double.doubleToRawLongBits(one.scores().loss()));
        assertThat(three.scores().confusion()).isDeepEqualTo(one.scores().confusion());
        assertThat(three.part().loss()).isEqualTo(one.part().loss());
        for (int i = 0; i < EXAMPLES; i++) {
            assertThat(three.answers().get(i).outputs())
                    .containsExactly(one.answers().get(i).outputs());
        }
    }

    @Test
    void theFiguresAreThoseOfDl4jsOwnEvaluation() {
        Results results = BY_MASTER.get("local[3]");
        Evaluation stock = new Evaluation(CLASSES);
        INDArray labels = Nd4j.zeros(EXAMPLES, CLASSES);
        INDArray outputs = Nd4j.create(EXAMPLES, CLASSES);
        double loss = 0;
        for (Answer answer : results.answers()) {
            labels.putScalar(answer.index(), answer.label(), 1);
            outputs.putRow(answer.index(), Nd4j.createFromArray(answer.outputs()));
            loss -= Math.log(Math.max(1e-10, answer.outputs()[answer.label()])); // clipped as the loss is
        }
        stock.eval(labels, outputs);
        Scores scores = results.scores();
        assertThat(scores.examples()).isEqualTo(EXAMPLES);
        assertThat(scores.accuracy()).isEqualTo(stock.accuracy());
        assertThat(scores.loss()).isCloseTo(loss / EXAMPLES, within(1e-6));
        for (int i = 0; i < CLASSES; i++) {
            assertThat(scores.ofTarget("precision", i))
                    .as("precision of " + i)
                    .isCloseTo(stock.precision(i), within(1e-12));
            assertThat(scores.ofTarget("recall", i)).as("recall of " + i).isCloseTo(stock.recall(i), within(1e-12));
            assertThat(scores.ofTarget("f1", i)).as("f1 of " + i).isCloseTo(stock.f1(i), within(1e-12));
            for (int j = 0; j < CLASSES; j++) {
                assertThat(scores.confusion()[i][j])
                        .isEqualTo(stock.getConfusionMatrix().getCount(i, j));
            }
        }
    }

    @Test
    void answersComeInOrderWithTheirExamples() {
        Results results = BY_MASTER.get("local[3]");
        List<Long> indices = new ArrayList<>();
        results.answers().forEach(answer -> indices.add(answer.index()));
        assertThat(indices).hasSize(EXAMPLES).isSorted().doesNotHaveDuplicates().startsWith(0L);
        Block drawn = new Drawn(EXAMPLES).read(0, EXAMPLES);
        byte[] packed = drawn.packed(777);
        assertThat(results.answers().get(777).label()).isEqualTo(ExampleFormat.classOf(packed));
        assertThat(results.answers().get(777).example()).containsExactly(packed);
    }

    @Test
    void aSubsetIsNumberedFromZero() {
        Results results = BY_MASTER.get("local[3]");
        assertThat(results.part().examples()).isEqualTo(301);
        assertThat(results.first()).hasSize(7);
        for (int i = 0; i < 7; i++) {
            assertThat(results.first().get(i).index()).isEqualTo(i);
            assertThat(results.first().get(i).label())
                    .isEqualTo(results.answers().get(100 + i).label());
            assertThat(results.first().get(i).example())
                    .isEqualTo(results.answers().get(100 + i).example());
        }
    }

    @Test
    void equalOutputsAreTheFirstClass() {
        assertThat(new Answer(0, new byte[0], new float[4], new float[] {0.25f, 0.25f, 0.5f, 0.5f}).predicted())
                .isEqualTo(2);
    }
}
