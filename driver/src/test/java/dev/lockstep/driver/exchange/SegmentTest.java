package dev.lockstep.driver.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.plan.BatchPlan;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import dev.lockstep.worker.plan.Sampling;
import dev.lockstep.worker.plan.Subset;
import dev.lockstep.worker.plan.TrainingPlacement;
import dev.lockstep.worker.seed.SeedLaw;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Test;

/** How far a segment goes. */
class SegmentTest {
    private static final long TOTAL = 50_003;

    private record Some(boolean everywhere) implements Feed {
        @Override
        public JavaRDD<PlacedExamples> arrange(Placement placement) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    /** 2000 steps an epoch. */
    private static long end(boolean everywhere, int stepsARound, long from, long to) {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 19_999, 10, 2, Sampling.EPOCH);
        return Segment.end(new Some(everywhere), plan, new Rounds(stepsARound, TOTAL), from, to, 1000);
    }

    @Test
    void whatIsShuffledIsAllThatTheEpochHasLeft() {
        assertThat(end(false, 1, 10, TOTAL)).isEqualTo(2000);
        assertThat(end(false, 1, 2000, TOTAL)).isEqualTo(4000);
        assertThat(end(false, 1, 3999, TOTAL)).isEqualTo(4000);
    }

    @Test
    void whatIsLookedUpIsAsManyStepsAsTheExchangeTakesWithoutARest() {
        assertThat(end(true, 1, 10, TOTAL)).isEqualTo(1010);
    }

    @Test
    void endsWhereTheTrainingDoes() {
        assertThat(end(false, 1, 10, 20)).isEqualTo(20);
        assertThat(end(true, 1, TOTAL - 3, TOTAL)).isEqualTo(TOTAL);
    }

    /** Inside a round there is no model. */
    @Test
    void endsWithARound() {
        assertThat(end(false, 7, 14, TOTAL)).isEqualTo(2002);
        assertThat(end(true, 7, 14, TOTAL)).isEqualTo(1015);
        assertThat(end(false, 7, 50_001, TOTAL)).isEqualTo(TOTAL);
    }

    /** So that a cluster that grows in the epoch has more tasks soon. */
    @Test
    void anExchangeRestsAfterAThousandSteps() {
        BatchPlan plan = new BatchPlan(new SeedLaw(1), 19_999, 10, 2, Sampling.EPOCH);
        TrainingPlacement placement = new TrainingPlacement(plan, Subset.all(19_999), 0, 2000, 2);
        Segment segment = new Segment(placement, new Rounds(7, TOTAL), null, false);
        assertThat(segment.restAfter(0, 1000)).isEqualTo(1001);
        assertThat(segment.restAfter(1001, 1000)).isEqualTo(2000);
    }
}
