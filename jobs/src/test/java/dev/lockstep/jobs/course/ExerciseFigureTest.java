package dev.lockstep.jobs.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.jobs.course.Plane.Spot;
import dev.lockstep.worker.dl4j.DoubleNetwork;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.LossFunction;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.Dense;
import dev.lockstep.worker.model.layer.Output;
import dev.lockstep.worker.model.optimizer.AdaGrad;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.model.optimizer.Momentum;
import dev.lockstep.worker.model.optimizer.RmsProp;
import dev.lockstep.worker.model.optimizer.Sgd;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.seed.SeedLaw;
import dev.lockstep.worker.step.Replica;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.tally.Tally;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pictures that exercises are about. */
class ExerciseFigureTest {
    @TempDir
    private Path folder;

    @Test
    void everyFigureThatAFileNamesIsThere() {
        assertThat(Course.exercises())
                .extracting(exercise -> exercise.outline().figure())
                .isSubsetOf(ExerciseFigure.words().stream()
                        .flatMap(word -> List.of(word, "").stream())
                        .toList())
                .containsAll(ExerciseFigure.words());
    }

    @Test
    void activationsAreThoseOfTheNetworks() {
        for (ActivationPlots plot : ActivationPlots.ALL) {
            DoubleNetwork network = new DoubleNetwork(new NetworkSpec(
                    Shape.vector(1),
                    List.of(
                            new Dense(1, ActivationFunction.IDENTITY),
                            new Activation(plot.function()),
                            new Output(1, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR)),
                    new WeightInit.He(),
                    new Sgd(1),
                    0,
                    0));
            network.set("0_W", new double[][] {{1}});
            network.set("0_b", new double[][] {{0}});
            for (double u : new double[] {-3, -0.5, 0.25, 2}) {
                double y = network.activations(new double[][] {{u}}).get(1)[0][0];
                assertThat(plot.y().at(u)).as(plot.function() + " at " + u).isCloseTo(y, within(1e-6));
                double slope = (plot.y().at(u + 1e-6) - plot.y().at(u - 1e-6)) / 2e-6;
                assertThat(plot.slope().at(u)).as(plot.function() + "' at " + u).isCloseTo(slope, within(1e-8));
            }
        }
    }

    @Test
    void optimizersGoDownTheValley() {
        Spot sgd = LossSurface.Way.SGD.spots().get(1);
        assertThat(sgd.x()).isCloseTo(-7 + 0.95 * 0.7, within(1e-12));
        assertThat(sgd.y()).isCloseTo(2 - 0.95 * 4, within(1e-12));
        Spot adam = LossSurface.Way.ADAM.spots().get(1); // its first step is the rate, whatever the gradient
        assertThat(adam.x()).isCloseTo(-6.7, within(1e-6));
        assertThat(adam.y()).isCloseTo(1.7, within(1e-6));
        Spot momentum = LossSurface.Way.MOMENTUM.spots().get(2);
        assertThat(momentum.y()).isCloseTo(2 - 0.4 + (0.9 * -0.4 - 0.1 * 2 * 1.6), within(1e-12));
    }

    /** A weight and a bias, given the slopes of the valley; in single precision. */
    @ParameterizedTest
    @EnumSource
    void waysDownTheValleyAreThoseOfTheOptimizers(LossSurface.Way way) {
        double rate = way.rate;
        Replica replica = new Replica(
                new NetworkSpec(
                        Shape.vector(1),
                        List.of(new Output(1, ActivationFunction.IDENTITY, LossFunction.SQUARED_ERROR)),
                        new WeightInit.He(),
                        switch (way) {
                            case SGD -> new Sgd(rate);
                            case MOMENTUM -> new Momentum(rate, 0.9);
                            case ADAGRAD -> new AdaGrad(rate, 1e-7);
                            case RMSPROP -> new RmsProp(rate, 0.99, 1e-7);
                            case ADAM -> new Adam(rate, 0.9, 0.999, 1e-7);
                        },
                        0,
                        0),
                new SeedLaw(1));
        List<Spot> spots = way.spots();
        assertThat(spots).hasSize(31);
        replica.setParameters(
                new float[] {(float) spots.get(0).x(), (float) spots.get(0).y()});
        replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        for (int step = 0; step < 30; step++) {
            Spot at = spots.get(step);
            float[] slopes = {(float) (at.x() / 10), (float) (2 * at.y())};
            replica.step(
                    new StepId(step, 0, 1),
                    new PartialSum(new Span(0, 1), slopes, Tally.of(1, 1, 0, new double[] {0})));
            assertThat(replica.parameters()[0])
                    .as("x after " + step)
                    .isCloseTo((float) spots.get(step + 1).x(), within(1e-4f));
            assertThat(replica.parameters()[1])
                    .as("y after " + step)
                    .isCloseTo((float) spots.get(step + 1).y(), within(1e-4f));
        }
        assertThat(LossSurface.loss(spots.get(30))).isLessThan(LossSurface.loss(spots.get(0)) / 2);
    }

    @Test
    void theBestPointsOfTheBalls() {
        assertThat(NormBalls.inL1()).isEqualTo(new Spot(1, 0));
        assertThat(NormBalls.inL2().x()).isCloseTo(0.96, within(0.005));
        assertThat(NormBalls.inL2().y()).isCloseTo(0.28, within(0.005));
    }

    @Test
    void theChainRule() {
        ChainRule rule = ChainRule.of(ConfigFactory.parseString("x = -1, y = 4"));
        assertThat(rule.byT()).isEqualTo(6);
        assertThat(rule.differenceByX()).isCloseTo(6, within(1e-9));
        assertThat(rule.differenceByY()).isCloseTo(6, within(1e-9));
        assertThat(ChainRule.of(ConfigFactory.empty()).passages().get(1).text())
                .containsPattern("dz/dx = dz/dt dt/dx += +10\\.00000000\n");
        assertThat(rule.html().toString()).contains(">dz/dt = 6<", ">x = -1<", ">z = 9<");
    }

    @Test
    void weightsOfBoosting() throws IOException {
        RunFolder exercise = RunFolder.at(folder.toString(), new Configuration());
        assertThat(ResampleWeights.read(exercise).html().toString()).isEmpty();
        double[] shares = {0.5, 0.25, 0.125, 0.125};
        assertThat(ResampleWeights.upTo(shares, 0.5)).isEqualTo(0.75);
        assertThat(ResampleWeights.effective(new double[] {0.25, 0.25, 0.25, 0.25}))
                .isEqualTo(4);
        Files.createDirectory(folder.resolve("weights"));
        Files.writeString(folder.resolve("weights/boosting-1.txt"), "0.5\nhalf\n");
        assertThatThrownBy(() -> ResampleWeights.read(exercise))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("the weights of boosting are damaged");
    }

    @Test
    void aGridIsEveryOneWithEveryOther() {
        Exercise grid = Course.named(List.of("optimizer_grid")).get(0);
        assertThat(grid.variants()).hasSize(5 * 2 * 2 * 2);
        Exercise.Variant last = grid.variants().get(39);
        assertThat(last.name()).isEqualTo("adam-0.01-he-bn");
        assertThat(last.along()).containsExactly("adam", "0.01", "he", "bn");
        assertThat(grid.config(last, 0, List.of()).network().optimizer().toString())
                .contains("Adam", "0.01");
        assertThat(grid.config(grid.variants().get(0), 0, List.of()).network().nodes())
                .hasSize(3);
    }

    private static float[][][] straight(int steps) {
        float[][] weights = new float[steps][steps];
        for (int t = 0; t < steps; t++) {
            weights[t][t] = 1;
        }
        return new float[][][] {weights};
    }

    private static float[][][] reversed(int steps) {
        float[][][] weights = straight(steps);
        Collections.reverse(Arrays.asList(weights[0]));
        return weights;
    }

    /** The step in the middle of an odd number is on both. */
    @Test
    void attentionsDiagonals() {
        AttentionMap own = AttentionMap.of("v", "1", 0, List.of(straight(3), straight(5)));
        assertThat(own.diagonal()).isEqualTo(1);
        assertThat(own.antiDiagonal()).isEqualTo(2 / 8.0);
        assertThat(own.head()).isEqualTo(1);
        assertThat(own.weights()).as("the longest").hasDimensions(5, 5);
        AttentionMap other = AttentionMap.of("v", "1", 0, List.of(reversed(5), reversed(4)));
        assertThat(other.diagonal()).isEqualTo(1 / 9.0);
        assertThat(other.antiDiagonal()).isEqualTo(1);
        assertThat(AttentionMap.section(List.of(other)).toString())
                .contains("diagonal 11.11 %, anti-diagonal 100.00 %");
    }

    /** Of a figure of which less is better, the least has the fullest colour; a name may have a hyphen. */
    @Test
    void aGridIsOneTable() throws IOException {
        RunFolder exercise = RunFolder.at(folder.toString(), new Configuration());
        List<String> made = new ArrayList<>();
        for (String rate : List.of("1e-3", "0.1")) {
            for (String name : List.of("rms-prop", "sgd")) {
                double rmse = 1 + made.size();
                String trial = name + "-" + rate;
                Path place = Files.createDirectories(folder.resolve("trials").resolve(trial));
                Files.writeString(
                        place.resolve("run.json"), "{\"status\":\"finished\",\"exit_code\":0,\"test_loss\":1}");
                Files.writeString(
                        place.resolve("metrics.jsonl"),
                        "{\"split\":\"test\",\"epoch\":0,\"step\":1,\"loss\":1,\"rmse\":%s,\"learning_rate\":null}%n"
                                .formatted(rmse));
                made.add("{\"name\":\"%s\",\"trials\":[\"%s\"],\"along\":[\"%s\",\"%s\"]}"
                        .formatted(trial, trial, rate, name));
            }
        }
        assertThat(heat(exercise, made))
                .contains(
                        "The test RMSE of each pair", "<th scope=\"row\">1e-3</th>", "<th scope=\"col\">rms-prop</th>")
                .contains("--share:1\" title=\"rms-prop-1e-3\">1.0000", "--share:0\" title=\"sgd-0.1\">4.0000");
        assertThat(heat(exercise, made.subList(0, 3))).as("no grid").isEmpty();
        assertThat(heat(exercise, List.of())).isEmpty();
        assertThat(heat(exercise, List.of("{\"name\":\"x\",\"along\":[\"a\",\"b\"]}")))
                .as("without a trial")
                .contains("0 of 0 finished");
    }

    private String heat(RunFolder exercise, List<String> variants) throws IOException {
        Files.writeString(
                folder.resolve(Result.FILE),
                "{\"figure\": \"heat\", \"variants\": [" + String.join(",", variants) + "]}");
        Result result = Result.read(exercise);
        return ExerciseFigure.of(result, VariantScores.read(result, exercise), exercise)
                .toString();
    }

    /** In the place of CIFAR-10, the images that there are. */
    @Test
    void regularisationWithoutItsData() {
        List<Exercise> exercise = Course.named(List.of("regularization"));
        CoursePlan without = new CoursePlan(exercise, List.of(), null, null, 0, null);
        assertThat(without.isSkipped(exercise.get(0))).isFalse();
        assertThat(exercise.get(0).trials(without)).hasSize(8).allSatisfy(trial -> assertThat(
                        trial.config().network().input())
                .isEqualTo(new Shape(1, 28, 28)));
        assertThat(Result.of(exercise.get(0), without).note()).contains("of CIFAR-10");
        CoursePlan with = new CoursePlan(exercise, List.of(), "mnist", "cifar", 0, null);
        assertThat(with.laidOver(exercise.get(0))).containsExactly("data.path=cifar");
        assertThat(Result.of(exercise.get(0), with).note()).isEmpty();
        assertThat(Result.of(exercise.get(0), with).courseData()).isEqualTo("CIFAR-10");
    }
}
