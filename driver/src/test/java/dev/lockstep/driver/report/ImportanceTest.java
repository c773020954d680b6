package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.driver.run.TrialLine;
import dev.lockstep.worker.model.objective.Objective;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a sweep's page says of its keys. */
class ImportanceTest {
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
        trials.add(new SweepTrial(line, Objective.CLASSIFICATION, List.of(), List.of(), StepClock.NONE));
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

        List<Importance> found = Importance.of(keys(), trials);

        // The squares are 0.17 in all: 0.16 between the rates and 0.01 between the sizes.
        assertThat(found).extracting(each -> each.key().name()).containsExactly("rate", "batch");
        assertThat(found.get(0).share()).isCloseTo(16 / 17.0, within(1e-12));
        assertThat(found.get(1).share()).isCloseTo(1 / 17.0, within(1e-12));
        assertThat(Importance.table(found).toString()).contains("<th scope=\"row\">rate</th>", "94.12 %", "5.88 %");
    }

    @Test
    void numbersThatAreAllOthersAreBinned() {
        for (int i = 0; i < 16; i++) {
            trial(i / 4, Double.toString(0.1 * i), i % 2 == 0 ? "a" : "b");
        }
        List<Importance> found = Importance.of(keys(), trials);
        assertThat(found.get(0).key().name()).isEqualTo("rate");
        assertThat(found.get(0).share()).isEqualTo(1);
        assertThat(found.get(1).share()).isCloseTo(0, within(1e-12));
    }

    @Test
    void isNotSaidOfTooLittle() {
        trial(0.9, "0.1", "32");
        trial(0.8, "0.2", "64");
        assertThat(Importance.of(keys(), trials)).isEmpty();
        trials.clear();
        trial(0.9, "0.1", "32");
        trial(0.9, "0.2", "64");
        trial(0.9, "0.3", "64");
        assertThat(Importance.of(keys(), trials)).isEmpty();
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
}
