package dev.lockstep.driver.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.report.Series.Point;
import dev.lockstep.driver.run.RunFolder;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsHistoryTest {
    private static final int MEBI = 1 << 20;

    @TempDir
    private Path directory;

    /** Of a step a second, 50,000 an epoch. */
    private void write(int steps, int peak) throws IOException {
        try (BufferedWriter file = Files.newBufferedWriter(directory.resolve("metrics.jsonl"))) {
            for (int step = 1; step <= steps; step++) {
                double loss = step == peak ? 77 : 1.0 / step;
                file.write("{\"time\":\"" + Instant.EPOCH.plusSeconds(step) + "\",\"epoch\":" + (step - 1) / 50_000
                        + ",\"step\":" + step + ",\"split\":\"train\",\"loss\":" + loss + ",\"learning_rate\":0.1"
                        + ",\"layer_gradient_norms\":{\"0\":" + 2 * loss + "}}\n");
            }
            file.write("{\"step\":" + steps + ",\"split\":\"test\",\"loss\":0.5,\"learning_rate\":null}\n");
        }
        Files.writeString(directory.resolve("run.json"), "{\"status\": \"finished\"}");
    }

    private RunFolder folder() {
        return RunFolder.at(directory.toString(), new Configuration());
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void aLongRunTakesNoMoreMemoryThanAPage() throws IOException {
        write(200_000, 123_456);
        long before = used();
        MetricsHistory history = MetricsHistory.read(folder());
        assertThat(used() - before).as("bytes for 800,000 values").isLessThan(4 * MEBI);

        StepCurve loss = history.steps("loss");
        assertThat(loss.points())
                .hasSizeLessThan(4200)
                .startsWith(new Point(1, 1))
                .endsWith(new Point(200_000, 1.0 / 200_000))
                .contains(new Point(123_456, 77));
        assertThat(history.gradientNorms().get("0").points()).contains(new Point(123_456, 154));
        assertThat(history.evaluations("test", "loss").points()).containsExactly(new Point(200_000, 0.5));
        assertThat(history.clock().stepsPerEpoch()).isEqualTo(50_000);
        assertThat(history.clock().seconds()).hasSizeBetween(200, 300).startsWith(new Point(1, 0));
    }

    @Test
    void thePageOfALongRunIsAsLargeAsThatOfAShorterOne() throws IOException {
        List<String> pages = new ArrayList<>();
        for (int steps : new int[] {4900, 40_000}) {
            write(steps, 4567);
            RunReport.write(folder());
            pages.add(Files.readString(directory.resolve("report.html")));
        }
        assertThat(pages.get(1))
                .contains("train: from 1 to 2.5e-5, lowest 2.5e-5, highest 77", " 4567,77 ")
                .hasSizeBetween((int) (0.9 * pages.get(0).length()), (int)
                        (1.1 * pages.get(0).length()));
    }
}
