package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.exchange.SimulatedStage.Outcome;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long FROM = Long.getLong("lockstep.schedules.from", 0);
    private static final long SCHEDULES = Long.getLong("lockstep.schedules", 10_000);

    /**
     * What came of a schedule.
     *
     * @param digest of all turns
     * @param outcomes of its gangs
     */
    record Result(long digest, List<Outcome> outcomes) {}

    @Test
    @Timeout(600)
    void everyScheduleEndsInTheRightSumOrTheRightError() {
        Map<Outcome, Long> outcomes = new EnumMap<>(Outcome.class);
        for (long seed = FROM; seed < FROM + SCHEDULES; seed++) {
            run(seed).outcomes().forEach(outcome -> outcomes.merge(outcome, 1L, Long::sum));
        }
        // Chance brings about all that can come of a gang, often.
        assertThat(outcomes).containsOnlyKeys(Outcome.values());
        assertThat(outcomes.values()).allSatisfy(times -> assertThat(times).isGreaterThan(SCHEDULES / 50));
    }

    @Test
    void aSeedIsASchedule() {
        for (long seed = 0; seed < 50; seed++) {
            assertThat(run(seed)).isEqualTo(run(seed));
        }
    }

    private static Result run(long seed) {
        Schedule schedule = Schedule.of(seed);
        Simulation simulation = new Simulation(~seed, false);
        try {
            return run(schedule, simulation);
        } catch (AssertionError e) {
            throw new AssertionError(story(schedule), e);
        }
    }

    private static Result run(Schedule schedule, Simulation simulation) {
        SimulatedCluster cluster = new SimulatedCluster(simulation, schedule.network(), schedule.jvms());
        List<SimulatedStage> stages = new ArrayList<>();
        start(simulation, cluster, schedule, stages);
        simulation.run(DEADLINE_NANOS);
        stages.forEach(SimulatedStage::requireQuiet);
        List<Outcome> outcomes = stages.stream().map(SimulatedStage::outcome).toList();
        return new Result(simulation.digest(), outcomes);
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
    private static String story(Schedule schedule) {
        Simulation simulation = new Simulation(~schedule.seed(), true);
        try {
            run(schedule, simulation);
        } catch (AssertionError e) {
            simulation.fail(e);
        }
        return simulation.trace().stream()
                .collect(Collectors.joining("\n", "seed " + schedule.seed() + ": " + schedule + "\n", "\n"));
    }
}
