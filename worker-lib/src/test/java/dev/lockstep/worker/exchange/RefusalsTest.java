package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    private final List<String> warnings = new ArrayList<>();
    private long now = Long.MAX_VALUE - 5; // nanoTime may wrap around
    private final Refusals refusals = new Refusals(() -> now, warnings::add);

    @Test
    void tenThousandOfAPeerAreOneLineAMinute() {
        for (int i = 0; i < 10_000; i++) {
            refusals.add("10.0.0.9");
            refusals.add("10.0.0.10");
        }
        assertThat(warnings)
                .containsExactly(
                        "refused what 10.0.0.9 sent: it does not know this run's secret (1 refused so far)",
                        "refused what 10.0.0.10 sent: it does not know this run's secret (2 refused so far)");
        now += TimeUnit.SECONDS.toNanos(60);
        refusals.add("10.0.0.9");
        refusals.add("10.0.0.9");
        assertThat(warnings).hasSize(3).last().asString().endsWith("(20001 refused so far)");
        assertThat(refusals.count()).isEqualTo(20_002);
    }

    @Test
    void aCrowdOfPeersDoesNotFillTheLogEither() {
        for (int peer = 0; peer < 10_000; peer++) {
            refusals.add("peer " + peer);
        }
        assertThat(warnings).hasSize(Refusals.PEERS);
        assertThat(refusals.count()).isEqualTo(10_000);
    }
}
