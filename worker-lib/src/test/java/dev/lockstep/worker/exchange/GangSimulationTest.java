package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Gangs of simulated members, under schedules that chance draws: every one ends with the right sums, or with an error for
 * which there was a reason, in time. A schedule that does not is told with its seed, and what happened in it.
 *
 * <p>{@code -Dlockstep.schedules=1000000 -Dlockstep.schedules.from=10000} tries others.
 */
class GangSimulationTest {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(200);
    private static final long FROM = Long.getLong("lockstep.schedules.from", 0);
    private static final long SCHEDULES = Long.getLong("lockstep.schedules", 10_000);

    @Test
    @Timeout(120)
    void everyScheduleEndsInTheRightSumOrTheRightError() {
        for (long seed = FROM; seed < FROM + SCHEDULES; seed++) {
            run(seed);
        }
    }

    @Test
    void aSeedIsASchedule() {
        for (long seed = 0; seed < 50; seed++) {
            assertThat(run(seed)).isEqualTo(run(seed));
        }
    }

    private static long run(long seed) {
        try {
            return run(Schedule.of(seed), false).digest();
        } catch (AssertionError e) {
            throw new AssertionError(story(seed), e);
        }
    }

    static Simulation run(Schedule schedule, boolean traced) {
        Simulation simulation = new Simulation(~schedule.seed(), traced);
        try {
            SimulatedCluster cluster = new SimulatedCluster(simulation, schedule.network(), schedule.jvms());
            List<SimulatedStage> stages = new ArrayList<>();
            start(simulation, cluster, schedule, stages);
            simulation.run(DEADLINE_NANOS);
            stages.forEach(SimulatedStage::requireQuiet);
        } catch (AssertionError e) {
            if (traced) {
                simulation.fail(e);
                return simulation;
            }
            throw e;
        }
        return simulation;
    }

    private static void start(
            Simulation simulation, SimulatedCluster cluster, Schedule schedule, List<SimulatedStage> stages) {
        stages.add(new SimulatedStage(simulation, cluster, schedule, stages.size(), () -> {
            if (stages.size() < schedule.gangs()) {
                start(simulation, cluster, schedule, stages);
            }
        }));
    }

    /** The same once more, told. */
    private static String story(long seed) {
        Schedule schedule = Schedule.of(seed);
        return run(schedule, true).trace().stream()
                .collect(Collectors.joining("\n", "seed " + seed + ": " + schedule + "\n", "\n"));
    }
}
