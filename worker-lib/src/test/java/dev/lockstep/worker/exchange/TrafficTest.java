package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficTest {
    private static final int PARAMETERS = 431_080;

    /** Four executors of one shard: three quarters of 1,724,320 bytes out as sums, and as much as answers. */
    @Test
    void fourExecutorsOfOneShard() {
        List<List<Span>> executors =
                List.of(List.of(span(0, 1)), List.of(span(1, 2)), List.of(span(2, 3)), List.of(span(3, 4)));
        long headers = 3 * (12 + 1 + 8 + 8 + 1 + 28) + 3 * (1 + 29);
        assertThat(Traffic.of(4, executors, PARAMETERS))
                .containsOnly(new Traffic(3, 3, 2_586_480 + headers, 2_586_480 + headers, 3 * 107_770));
    }

    /** In one JVM nothing is sent, and all shards are added up. */
    @Test
    void oneExecutor() {
        List<List<Span>> executors = List.of(List.of(span(0, 2), span(2, 3)));
        assertThat(Traffic.of(3, executors, 10)).containsExactly(new Traffic(0, 0, 0, 0, 20));
    }

    /** Executors with different numbers of subtrees: what is sent is what the gang's buffers hold, and arrives. */
    @Test
    void unevenExecutorsSendWhatTheirBuffersHold() {
        List<List<Span>> executors = List.of(List.of(span(0, 3)), List.of(span(3, 4), span(5, 8)), List.of(span(4, 5)));
        ExchangePlan plan = new ExchangePlan(8, executors, PARAMETERS, 2);
        List<Traffic> traffic = Traffic.of(8, executors, PARAMETERS);
        for (int executor = 0; executor < executors.size(); executor++) {
            SliceBuffers buffers = new SliceBuffers(plan, executor);
            long requests = 0;
            long answers = 0;
            long bytes = 0;
            for (Slice slice : plan.slices()) {
                if (slice.owner() == executor) {
                    answers += 2;
                    bytes += 2 * (Transport.Reply.BYTES + Tally.bytes(2) + 1 + 4L * slice.length());
                } else {
                    requests++;
                    bytes += buffers.outgoing(slice).capacity();
                }
            }
            assertThat(traffic.get(executor).requests()).isEqualTo(requests);
            assertThat(traffic.get(executor).answers()).isEqualTo(answers);
            assertThat(traffic.get(executor).bytesSent()).isEqualTo(bytes);
        }
        assertThat(traffic.stream().mapToLong(Traffic::bytesSent).sum())
                .isEqualTo(traffic.stream().mapToLong(Traffic::bytesReceived).sum());
        // Eight shards are seven additions of every element, wherever they are done.
        assertThat(traffic.stream().mapToLong(Traffic::additions).sum()).isEqualTo(7L * PARAMETERS);
    }

    private static Span span(int from, int to) {
        return new Span(from, to);
    }
}
