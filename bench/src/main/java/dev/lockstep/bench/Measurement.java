package dev.lockstep.bench;

import dev.lockstep.bench.mode.Mode;
import dev.lockstep.bench.mode.TimedSteps;
import dev.lockstep.bench.mode.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures several modes of one workload side by side: a window of each in turn, round after round, so that whatever
 * slows the machine for a while slows all of them.
 *
 * @param windows measured for each mode, at least 1
 * @param seconds that a window should take; a mode may need more
 */
record Measurement(int windows, double seconds) {
    private static final int FIRST_STEPS = 5;
    private static final int LEAST_STEPS = 3;
    private static final int WARM_UP_ROUNDS = 4;

    /** The medians, a result for each mode in their order. */
    List<ModeResult> of(Workload workload, List<Mode> modes, String master) {
        Map<Mode, Integer> steps = new LinkedHashMap<>();
        for (Mode mode : modes) {
            steps.put(mode, FIRST_STEPS);
            if (!mode.startsAnew()) {
                mode.run(FIRST_STEPS); // loads classes and native code
            }
        }
        Map<Mode, List<TimedSteps>> measured = new LinkedHashMap<>();
        for (int round = -WARM_UP_ROUNDS; round < windows; round++) {
            for (Mode mode : modes) {
                if (round >= 0) {
                    measured.computeIfAbsent(mode, m -> new ArrayList<>()).add(mode.run(steps.get(mode)));
                } else if (!mode.startsAnew()) {
                    // The JIT compiler works for a minute and more, so what was tried later tells more of the speed.
                    steps.put(mode, windowSteps(mode, mode.run(steps.get(mode))));
                }
            }
        }
        return modes.stream()
                .map(mode -> result(workload, mode, master, measured.get(mode)))
                .toList();
    }

    private int windowSteps(Mode mode, TimedSteps tried) {
        return mode.windowSteps((int) Math.max(LEAST_STEPS, Math.round(1e3 * seconds / tried.stepMillis())));
    }

    private static ModeResult result(Workload workload, Mode mode, String master, List<TimedSteps> windows) {
        double stepMillis = median(windows, TimedSteps::stepMillis);
        return new ModeResult(
                workload.network(),
                mode.name(),
                mode.exchange(),
                master,
                mode.tasks(),
                workload.batchSize(),
                1e3 * workload.batchSize() / stepMillis,
                stepMillis,
                median(windows, TimedSteps::exchangeMillis));
    }

    private static double median(List<TimedSteps> windows, ToDoubleFunction<TimedSteps> figure) {
        double[] sorted = windows.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
