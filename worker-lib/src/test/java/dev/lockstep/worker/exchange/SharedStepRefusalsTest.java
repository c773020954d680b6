package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.reduce.Span;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What another executor tells of a shared step, and asks, is looked at before any of it is kept. */
class SharedStepRefusalsTest {
    private static final Key KEY = new Key(1, 0);
    private static final Schedule SCHEDULE = Schedule.of(1); // its seed is all that counts
    private static final SimulatedReplica REPLICA = new SimulatedReplica(SCHEDULE);
    private static final ExchangePlan PLAN = new ExchangePlan(
            3,
            List.of(List.of(new Span(0, 1)), List.of(new Span(1, 2)), List.of(new Span(2, 3))),
            REPLICA.length(),
            2,
            ExchangePlan.SLICE_LENGTH,
            REPLICA.borders());

    private final List<String> answers = new ArrayList<>();

    private Team team(int self) {
        Endpoint endpoint = new Endpoint("" + self, "b.example", null, null, Clock.SYSTEM, null);
        return new Team(endpoint, KEY, PLAN, self, REPLICA);
    }

    private int chunks(int executor) {
        return (int) REPLICA.chunks().borders().stream()
                .limit(REPLICA.chunks().count())
                .filter(at -> PLAN.slices().stream()
                        .anyMatch(slice -> slice.owner() == executor && slice.from() <= at && at < slice.to()))
                .count();
    }

    @Test
    void squaresAreTakenOnceAStepAndByTheHubAlone() {
        Team hub = team(0);
        squares(hub, 1, 5, chunks(1));
        assertThat(answers).isEmpty(); // they are answered when all are here
        squares(hub, 1, 5, chunks(1));
        squares(hub, 2, 6, chunks(2));
        squares(hub, 2, 5, chunks(2) + 1);
        squares(hub, 0, 5, chunks(0));
        squares(hub, 3, 5, 1);
        squares(team(1), 2, 5, chunks(2));
        assertThat(answers)
                .satisfiesExactly(
                        twice -> assertThat(twice).contains("squares of step 5 from executor 1 are here already"),
                        early -> assertThat(early).contains("squares of step 6 from executor 2 came at step 5"),
                        tooLong -> assertThat(tooLong).contains("bytes, expected " + 8 * chunks(2)),
                        own -> assertThat(own).contains("not for this executor"),
                        none -> assertThat(none).contains("not for this executor"),
                        noHub -> assertThat(noHub).contains("not for this executor"));
        hub.fail("task 1 gave up");
        squares(hub, 2, 5, chunks(2));
        assertThat(answers.subList(6, 8))
                .allSatisfy(answer -> assertThat(answer).contains("task 1 gave up"));
    }

    private void squares(Team team, int from, long step, int values) {
        ByteBuffer message = message(MessageKind.SQUARES).putInt(from).putLong(step);
        for (int i = 0; i < values; i++) {
            message.putDouble(1);
        }
        tell(team, message);
    }

    private static ByteBuffer message(MessageKind kind) {
        return ByteBuffer.allocate(2_000).order(ByteOrder.LITTLE_ENDIAN).put((byte) kind.ordinal());
    }

    private void tell(Team team, ByteBuffer message) {
        team.receive(
                message.flip(),
                answer -> answers.add(StandardCharsets.UTF_8.decode(answer).toString()));
    }
}
