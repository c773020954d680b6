package dev.lockstep.driver.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.evaluate.Scores;
import dev.lockstep.driver.evaluate.SplitName;
import dev.lockstep.driver.state.TrainingState;
import dev.lockstep.worker.model.objective.Objective;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressLineTest {
    private static final Scores SCORES = Scores.of(0.75, new long[][] {{3, 1}, {0, 4}});

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private ProgressLine progress(boolean terminal, long totalSteps) {
        ProgressLine progress = new ProgressLine(
                new PrintStream(shown, true, StandardCharsets.UTF_8), terminal, Objective.CLASSIFICATION);
        progress.begins(totalSteps, 10);
        return progress;
    }

    private String text() {
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    void elsewhereThanOnATerminalALineIsPrintedNowAndThenAndAtTheEnd() {
        ProgressLine progress = progress(false, 40);
        for (int step = 0; step < 40; step++) {
            progress.stepDone(MetricsLogTest.report(step));
        }
        assertThat(text().lines())
                .hasSize(2)
                .first()
                .isEqualTo(
                        "step 1/40  epoch 0.10  loss 2.5000  accuracy 0.500  500 examples/s  exchange 25 %  0:04 left");
        assertThat(text().lines().skip(1).findFirst().orElseThrow())
                .startsWith("step 40/40  epoch 4.00  loss ")
                .endsWith("0:00 left");
        assertThat(text()).doesNotContain("\r", "\033");
    }

    @Test
    void onATerminalOneLineIsRedrawnAndMakesRoomForMessages() {
        ProgressLine progress = progress(true, 20_000);
        progress.stepDone(MetricsLogTest.report(0));
        assertThat(text())
                .isEqualTo(
                        "\r\033[K\033[?7l[....................] step 1/20000  epoch 0.10  loss 2.5000  accuracy 0.500"
                                + "  500 examples/s  exchange 25 %  33:20 left\033[?7h");
        ProgressLine half = progress(true, 20);
        half.stepDone(MetricsLogTest.report(9));
        assertThat(text()).contains("[##########..........] step 10/20 ");
        shown.reset();
        progress.evaluated(SplitName.TEST, new TrainingState(15, new float[0], new float[0]), SCORES);
        assertThat(text()).isEqualTo("\r\033[Kepoch 1.50  test loss 0.7500  accuracy 0.8750" + System.lineSeparator());
        shown.reset();
        progress.message("resuming");
        assertThat(text()).as("no line is open any more").isEqualTo("resuming" + System.lineSeparator());
    }

    @Test
    void figuresAreAveragesThatForget() {
        ProgressLine progress = progress(false, 2);
        progress.stepDone(MetricsLogTest.report(0)); // loss 2.5
        progress.stepDone(MetricsLogTest.report(1)); // loss 1.5
        assertThat(text()).contains("loss 2.4500"); // 0.95 * 2.5 + 0.05 * 1.5
    }

    @ParameterizedTest
    @CsvSource({"0,0:00", "0.4,0:00", "59.6,1:00", "3599,59:59", "3600,1:00:00", "90061,25:01:01"})
    void aDurationIsShort(double seconds, String expected) {
        assertThat(ProgressLine.duration(seconds)).isEqualTo(expected);
    }
}
