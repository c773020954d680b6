package dev.lockstep.driver.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.feed.Feed;
import dev.lockstep.worker.loop.Rounds;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.plan.Placement;
import org.apache.spark.api.java.JavaRDD;
import org.junit.jupiter.api.Test;

/** How far a segment goes. */
class SegmentTest {
    private static final long TOTAL = 5003;

    /** Has memory for so many bytes. */
    private record Limited(long bytes) implements Feed {
        @Override
        public boolean everywhere() {
            return false;
        }

        @Override
        public JavaRDD<PlacedExamples> arrange(Placement placement) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long stepsAtOnce(long bytesAStep) {
            return bytes / bytesAStep;
        }

        @Override
        public void close() {}
    }

    private static long end(long bytes, int stepsARound, long from, long to) {
        return Segment.end(new Limited(bytes), new Rounds(stepsARound, TOTAL), from, to, 100);
    }

    @Test
    void goesAsFarAsTheFeedHasMemory() {
        assertThat(end(6400, 1, 10, TOTAL)).isEqualTo(74);
        assertThat(end(100, 1, 10, TOTAL)).isEqualTo(11);
    }

    @Test
    void isAThousandStepsAtMost() {
        assertThat(end(Long.MAX_VALUE, 1, 10, TOTAL)).isEqualTo(1010);
    }

    @Test
    void endsWhereTheTrainingDoes() {
        assertThat(end(6400, 1, 10, 20)).isEqualTo(20);
        assertThat(end(Long.MAX_VALUE, 1, TOTAL - 3, TOTAL)).isEqualTo(TOTAL);
    }

    /** Inside a round there is no model. */
    @Test
    void endsWithARound() {
        assertThat(end(6400, 5, 10, TOTAL)).isEqualTo(75);
        assertThat(end(6500, 5, 10, TOTAL)).isEqualTo(75);
        assertThat(end(100, 5, 5000, TOTAL)).isEqualTo(TOTAL);
    }
}
