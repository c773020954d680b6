package dev.lockstep.worker.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.seed.SeedLaw;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EvaluationPlacementTest {

    /** What is computed together stays together, so no sum depends on the number of tasks. */
    @Property(tries = 300)
    void aChunkIsWithOneTask(
            @ForAll @IntRange(min = 1, max = 2000) int size,
            @ForAll @IntRange(min = 1, max = 300) int chunk,
            @ForAll @IntRange(min = 1, max = 50) int tasks) {
        EvaluationPlacement placement = new EvaluationPlacement(Subset.all(size), chunk, tasks);
        assertThat(placement.from()).isZero();
        assertThat(placement.to()).isEqualTo(size);
        assertThat(placement.start(0)).isZero();
        assertThat(placement.start(tasks)).isEqualTo(size);
        int[] chunksOfTask = new int[tasks];
        for (long place = 0; place < size; place++) {
            int task = placement.task(place);
            assertThat(task).isBetween(0, tasks - 1);
            assertThat(place).isBetween(placement.start(task), placement.start(task + 1) - 1);
            assertThat(placement.example(place)).isEqualTo(place);
            if (place % chunk == 0) {
                chunksOfTask[task]++;
            } else {
                assertThat(task).isEqualTo(placement.task(place - 1));
            }
            if (place > 0) {
                assertThat(task).isGreaterThanOrEqualTo(placement.task(place - 1)); // in order
            }
        }
        int chunks = (size + chunk - 1) / chunk;
        for (int count : chunksOfTask) {
            assertThat(count).isBetween(chunks / tasks, (chunks + tasks - 1) / tasks);
        }
    }

    @Test
    void examplesAreThoseOfTheSubset() {
        Subset validation = Subset.validation(new SeedLaw(1), 40, 0.25);
        EvaluationPlacement placement = new EvaluationPlacement(validation, 4, 2);
        assertThat(placement.to()).isEqualTo(10);
        for (long place = 0; place < 10; place++) {
            assertThat(placement.example(place)).isEqualTo(validation.index(place));
        }
    }
}
