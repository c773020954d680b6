package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.bench.mode.Mode;
import dev.lockstep.bench.mode.TimedSteps;
import dev.lockstep.bench.mode.Workload;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    private final List<String> ran = new ArrayList<>();
    private final Workload workload = Workload.of("mlp", 2, 2, 256, new Configuration());

    /** Takes as many milliseconds a step as it was told, window after window, then the last figure again. */
    private final class Scripted implements Mode {
        private final String name;
        private final int unit;
        private final double[] stepMillis;
        private int windows;

        Scripted(String name, int unit, double... stepMillis) {
            this.name = name;
            this.unit = unit;
            this.stepMillis = stepMillis;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String exchange() {
            return "none";
        }

        @Override
        public int tasks() {
            return 2;
        }

        @Override
        public int windowSteps(int wanted) {
            return (wanted + unit - 1) / unit * unit;
        }

        @Override
        public TimedSteps run(int steps) {
            ran.add(name + " " + steps);
            double millis = stepMillis[Math.min(windows++, stepMillis.length - 1)];
            return new TimedSteps(steps, steps * millis / 1e3, steps * millis / 4e3);
        }

        @Override
        public void close() {}
    }

    @Test
    void modesTakeTurnsAfterTheirWarmUpAndTheMedianCounts() {
        // Each window of the warm-up is as long as the one before says; of the measured windows the middle one takes
        // 40 ms a step.
        Mode fast = new Scripted("fast", 1, 100, 100, 50, 25, 40, 90, 40, 20);
        Mode epochs = new Scripted("epochs", 30, 100);

        List<ModeResult> results = new Measurement(3, 2.0).of(workload, List.of(fast, epochs), "local[2]");

        assertThat(ran)
                .containsExactly(
                        "fast 5",
                        "epochs 5",
                        "fast 5",
                        "epochs 5",
                        "fast 20",
                        "epochs 30",
                        "fast 40",
                        "epochs 30",
                        "fast 80",
                        "epochs 30",
                        "fast 50",
                        "epochs 30",
                        "fast 50",
                        "epochs 30",
                        "fast 50",
                        "epochs 30");
        assertThat(results.get(0).stepMillis()).isEqualTo(40);
        assertThat(results.get(0).examplesPerSecond()).isEqualTo(128 / 0.040);
        assertThat(results.get(0).exchangeMillis()).isEqualTo(10);
        assertThat(results.get(1).stepMillis()).isEqualTo(100);
        assertThat(results).extracting(ModeResult::batch).containsOnly(128);
    }

    @Test
    void anEpochDealsEveryImageToOneShard() {
        List<List<byte[]>> first = workload.shardOfEachStep(0);
        List<List<byte[]>> second = workload.shardOfEachStep(1);

        assertThat(first).hasSize(2).allSatisfy(shard -> assertThat(shard).hasSize(64));
        List<byte[]> all = new ArrayList<>();
        first.forEach(all::addAll);
        second.forEach(all::addAll);
        assertThat(all).doesNotHaveDuplicates().hasSize(256);
    }
}
