package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.worker.model.objective.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a sweep's page says of its keys. */
class ImportancesTest {
    private final List<SweepTrial> trials = new ArrayList<>();

    private void trial(double value, String rate, String batch) {
        int rank = trials.size() + 1;
        TrialLine line = new TrialLine(
                "t" + rank,
                "finished",
                rank,
                Map.of("rate", rate, "batch", batch),
                "test-accuracy",
                value,
                Map.of(),
                Map.of(),
                null,
                null,
                10,
                null,
                0,
                null,
                1.5,
                99);
        trials.add(new SweepTrial(
                line, Objective.CLASSIFICATION, StepCurve.of(List.of()), StepCurve.of(List.of()), StepClock.NONE));
    }

    private List<SweptKey> keys() {
        return List.of(SweptKey.of("batch", trials), SweptKey.of("rate", trials));
    }

    @Test
    void isTheShareOfTheVarianceBetweenTheValuesOfAKey() {
        trial(0.9, "0.1", "32");
        trial(0.8, "0.1", "64");
        trial(0.5, "0.01", "32");
        trial(0.4, "0.01", "64");

        Importances found = Importances.of(keys(), trials);

        assertThat(found.ofGrid()).isTrue();
        // The squares are 0.17 in all: 0.16 between the rates and 0.01 between the sizes.
        assertThat(found.ordered(keys())).extracting(SweptKey::name).containsExactly("rate", "batch");
        assertThat(found.shares().get(0).share()).isCloseTo(16 / 17.0, within(1e-12));
        assertThat(found.shares().get(1).share()).isCloseTo(1 / 17.0, within(1e-12));
        assertThat(found.html().toString()).contains("<th scope=\"row\">rate</th>", "94.12 %", "5.88 %");
    }

    /** Numbers that were drawn are all others: a forest tells what they matter. */
    @Test
    void ofDrawsIsWhatAForestLoses() {
        for (int i = 0; i < 40; i++) {
            trial(i / 10, Double.toString(1e-4 * Math.pow(1.3, i)), i % 2 == 0 ? "a" : "b");
        }
        Importances found = Importances.of(keys(), trials);
        assertThat(found.ofGrid()).isFalse();
        assertThat(found.shares()).extracting(each -> each.key().name()).containsExactly("rate", "batch");
        assertThat(found.shares().get(0).share()).isGreaterThan(0.95);
        assertThat(found.shares()).extracting(Importances.Share::share).satisfies(shares -> assertThat(
                        shares.stream().mapToDouble(share -> share).sum())
                .isCloseTo(1, within(1e-12)));
        assertThat(found.html().toString()).contains("a small forest of trees", "<th scope=\"row\">rate</th>");
        assertThat(Importances.of(keys(), trials)).as("the same every time").isEqualTo(found);
    }

    /** A large rate is good with the one, and a small one with the other: neither tells anything by itself. */
    @Test
    void aForestSeesWhatMattersTogether() {
        Random random = new Random(7);
        for (int i = 0; i < 80; i++) {
            double rate = random.nextDouble();
            boolean other = random.nextBoolean();
            trial(rate > 0.5 == other ? 1 : 0, Double.toString(rate), other ? "a" : "b");
        }
        assertThat(Importances.of(keys(), trials).shares())
                .allSatisfy(each -> assertThat(each.share()).isBetween(0.3, 0.7));
    }

    @Test
    void isNotSaidOfTooLittle() {
        trial(0.9, "0.1", "32");
        trial(0.8, "0.2", "64");
        assertThat(Importances.of(keys(), trials).shares()).isEmpty();
        trials.clear();
        trial(0.9, "0.1", "32");
        trial(0.9, "0.2", "64");
        trial(0.9, "0.3", "64");
        assertThat(Importances.of(keys(), trials).shares()).isEmpty();
    }

    @Test
    void heatMapsAreOfAnyTwoKeysAndMeansOfTheirCells() {
        trial(0.9, "0.1", "32");
        trial(0.7, "0.1", "32");
        trial(0.5, "0.01", "64");
        List<HeatMap> maps = HeatMap.of(keys(), "test-accuracy", trials);
        assertThat(maps).hasSize(1);
        assertThat(maps.get(0).title()).isEqualTo("test-accuracy, by batch (down) and rate (across)");
        assertThat(maps.get(0).html().toString())
                .contains("<tr><th scope=\"row\">32</th><td class=\"none\">–</td><td class=\"right\""
                        + " style=\"--share:1;font-weight:700\" title=\"mean of 2 trials\">0.8000</td></tr>")
                .contains("<td class=\"right\" style=\"--share:0\" title=\"t3 ");
        assertThat(HeatMap.of(keys(), "test-loss", trials).get(0).html().toString())
                .as("less is better")
                .contains("--share:0;font-weight:700\" title=\"mean of 2 trials\">0.8000")
                .contains("style=\"--share:1\" title=\"t3 ");
    }

    @Test
    void drawnNumbersHaveARangeInAHeatMap() {
        for (int i = 0; i < 24; i++) {
            trial(i < 4 ? 1 : 0, Double.toString(i + 1), i % 2 == 0 ? "32" : "64");
        }
        List<HeatMap> maps = HeatMap.of(keys(), "test-accuracy", trials);
        assertThat(maps).hasSize(1);
        assertThat(maps.get(0).html().toString())
                .contains("<th scope=\"col\">1 to 4</th>", "<th scope=\"col\">21 to 24</th>")
                .contains(
                        "<tr><th scope=\"row\">64</th><td class=\"right\" style=\"--share:1\" title=\"mean of 2 trials\">1.0000</td>");
    }
}
