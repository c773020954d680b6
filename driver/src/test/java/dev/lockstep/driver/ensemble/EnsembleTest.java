package dev.lockstep.driver.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.driver.ensemble.Boosting.Rule;
import dev.lockstep.driver.ensemble.Ensemble.Combination;
import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.worker.evaluate.Answer;
import dev.lockstep.worker.evaluate.StoredModel;
import dev.lockstep.worker.failure.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By hand: answers in, answers out. */
class EnsembleTest {
    private static final StoredModel ANY = new StoredModel("", new float[0]);

    private static List<Answer> answers(int[] labels, float[]... probabilities) {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < labels.length; i++) {
            float[] target = new float[probabilities[i].length];
            target[labels[i]] = 1;
            answers.add(new Answer(i, new byte[0], target, probabilities[i]));
        }
        return answers;
    }

    private static float[] p(float... probabilities) {
        return probabilities;
    }

    @Test
    void anAverageIsTheMeanOfTheProbabilities() {
        List<Answer> combined = new Ensemble(List.of(ANY, ANY), 2, new Combination.Average())
                .combine(List.of(answers(new int[] {1}, p(.9f, .1f)), answers(new int[] {1}, p(.2f, .8f))));
        assertThat(combined.get(0).outputs()[0]).isCloseTo(.55f, within(1e-7f));
        assertThat(combined.get(0).predicted()).isZero();
        assertThat(combined.get(0).label()).isEqualTo(1);
    }

    @Test
    void aVoteCountsWeightsNotHeads() {
        List<Answer> combined = new Ensemble(List.of(ANY, ANY, ANY), 3, new Combination.Vote(List.of(1.0, 1.5, 3.5)))
                .combine(List.of(
                        answers(new int[] {2}, p(.4f, .3f, .3f)),
                        answers(new int[] {2}, p(.9f, .1f, 0f)),
                        answers(new int[] {2}, p(.3f, .3f, .4f))));
        assertThat(combined.get(0).outputs()).containsExactly(2.5f / 6, 0f, 3.5f / 6);
        assertThat(combined.get(0).predicted()).isEqualTo(2);
    }

    @Test
    void scoresOfAnswers() {
        Scores scores = Scores.of(answers(new int[] {0, 1, 1}, p(.5f, .5f), p(.75f, .25f), p(1f, 0f)), 2);
        assertThat(scores.confusion()).isDeepEqualTo(new long[][] {{1, 0}, {2, 0}});
        assertThat(scores.loss()).isCloseTo(-(Math.log(.5) + Math.log(.25) + Math.log(1e-10)) / 3, within(1e-9));
    }

    @Test
    void aStackSeesABytePerMemberAndClass() {
        Ensemble.Shown images = Ensemble.shown(List.of(
                answers(new int[] {1, 0}, p(1f, 0f), p(.5f, .5f)), answers(new int[] {1, 0}, p(.2f, .8f), p(0f, 1f))));
        assertThat(images.labels()).containsExactly(1, 0);
        assertThat(images.values())
                .containsExactly(new byte[] {(byte) 255, 0, 51, (byte) 204, (byte) 128, (byte) 128, 0, (byte) 255});
    }

    /** SAMME by hand: 4 examples, 3 classes, one wrong: err = 1/4, vote = log 3 + log 2 = log 6. */
    @Test
    void boostingWeighsWhatWasWrong() {
        List<Answer> member =
                answers(new int[] {0, 1, 2, 0}, p(1f, 0f, 0f), p(0f, 1f, 0f), p(0f, 0f, 1f), p(0f, 1f, 0f));
        Boosting.Round round = Boosting.start(Rule.SAMME, 4).add(member, 3);
        assertThat(round.vote()).isCloseTo(Math.log(6), within(1e-12));
        double[] weights = round.next().weights(); // 1, 1, 1, 6, divided by 9
        assertThat(weights[0]).isCloseTo(1 / 9.0, within(1e-12));
        assertThat(weights[3]).isCloseTo(6 / 9.0, within(1e-12));
        // One that is worse than guessing has no say, and all begins anew.
        Boosting.Round again =
                round.next().add(answers(new int[] {1, 2, 0, 1}, p(1, 0, 0), p(1, 0, 0), p(0, 0, 1), p(1, 0, 0)), 3);
        assertThat(again.vote()).isZero();
        assertThat(again.next().weights()).containsExactly(.25, .25, .25, .25);
    }

    /** With AdaBoost.M1 what was wrong has half of the weight: 1, 1, 1, 3, divided by 6. */
    @Test
    void adaBoostM1NeedsMoreThanHalf() {
        List<Answer> member =
                answers(new int[] {0, 1, 2, 0}, p(1f, 0f, 0f), p(0f, 1f, 0f), p(0f, 0f, 1f), p(0f, 1f, 0f));
        Boosting.Round round = Boosting.start(Rule.ADABOOST_M1, 4).add(member, 3);
        assertThat(round.vote()).isCloseTo(Math.log(3), within(1e-12));
        assertThat(round.next().weights()[3]).isCloseTo(0.5, within(1e-12));
        assertThat(round.next().add(member, 3).vote()).isCloseTo(0, within(1e-12));
    }

    @Test
    void oneThatIsAlwaysRightHasNoInfiniteSay() {
        List<Answer> member = answers(new int[] {0, 1}, p(1f, 0f), p(0f, 1f));
        assertThat(Boosting.start(Rule.SAMME, 2).add(member, 2).vote())
                .isCloseTo(Math.log(3), within(1e-12)); // err = 1/4
    }

    /** Two predictors 0.2 and 0.6 of a true class of 1: mean 0.4, variance 2 * 0.08, error 2 * (0.64 + 0.16) / 2. */
    @Test
    void biasAndVariance() {
        BiasVariance split =
                BiasVariance.of(List.of(answers(new int[] {0}, p(.2f, .8f)), answers(new int[] {0}, p(.6f, .4f))));
        assertThat(split.variance()).isCloseTo(0.16, within(1e-7));
        assertThat(split.bias()).isCloseTo(0.8 - 0.16, within(1e-7));
        assertThatThrownBy(() -> BiasVariance.of(List.of(answers(new int[] {0}, p(1f, 0f)))))
                .hasMessageContaining("two predictors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "\"vote\", \"members\": [\"a\", \"b\"], \"weights\": [1, -0.5] | the weight of member 2 is -0.5",
                "\"vote\", \"members\": [\"a\", \"b\"], \"weights\": [\"NaN\", 1] | the weight of member 1 is NaN",
                "\"vote\", \"members\": [\"a\", \"b\"], \"weights\": [1, 1e999] | the weight of member 2 is Infinity",
                "\"vote\", \"members\": [\"a\", \"b\"], \"weights\": [null, 1]  | the weight of member 1 is null",
                "\"vote\", \"members\": [\"a\", \"b\"], \"weights\": [0, 0]     | its weights add up to 0.0",
                "\"vote\", \"members\": [\"a\", \"b\"], \"weights\": [1e308, 1e308] | its weights add up to Infinity",
                "\"average\", \"members\": [null]                         | a member is called 'null'",
                "\"average\", \"members\": [\"hdfs://stranger/run\"]      | a member is called 'hdfs://stranger/run'",
                "\"average\", \"members\": [\"/etc\"]                     | a member is called '/etc'",
            })
    void aFileThatMakesNoEnsembleIsRefused(String file, String message, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("ensemble.json"), "{\"combination\": " + file + "}");
        assertThatThrownBy(() -> EnsembleFile.open(RunFolder.at(folder.toString(), new Configuration(false))))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("ensemble.json", message);
    }
}
