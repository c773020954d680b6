package dev.lockstep.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.spark.SparkContext;
import org.junit.jupiter.api.Test;

class KeptSparkTest {

    @Test
    void isOneApplicationForWhoeverWantsTheSame() {
        SparkContext first;
        SparkContext last;
        try (KeptSpark kept = new KeptSpark()) {
            first = used("one", "1");
            assertThat(first.isStopped()).isFalse();
            assertThat(used("two", "1")).as("another name").isSameAs(first);
            SparkContext other = used("two", "2");
            assertThat(other).as("other settings").isNotSameAs(first);
            assertThat(first.isStopped()).isTrue();
            kept.stop();
            assertThat(other.isStopped()).isTrue();
            last = used("two", "2");
            assertThat(last.isStopped()).isFalse();
            assertThatThrownBy(KeptSpark::new).hasMessageContaining("kept by another");
        }
        assertThat(last.isStopped()).isTrue();
        assertThat(used("three", "1").isStopped()).as("nobody keeps it").isTrue();
    }

    /** As a command does, which ends it when it is through. */
    private static SparkContext used(String name, String interval) {
        try (LateSpark late = new LateSpark(
                SparkApplication.conf("local[1]", name, null).set("spark.network.timeoutInterval", interval + "min"))) {
            return late.context(() -> false).sc();
        }
    }
}
