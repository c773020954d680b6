package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MeetingsTest {
    @Test
    void whoHasAThingLastIsToldSo() {
        Meetings meetings = new Meetings(this, Clock.SYSTEM, 3);
        assertThat(Stream.of(1, 2, 1, 1, 2, 2).map(meetings::isLast))
                .containsExactly(false, false, false, true, false, true);
    }
}
