package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.ExchangePlan.Slice;
import dev.lockstep.worker.reduce.Span;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another executor sends is looked at before any of it is kept. */
class TeamTest {
    private static final int SELF = 1;
    private static final int OTHER = 0;
    private static final int THIRD = 2;
    private static final Key KEY = new Key(1, 0);
    private static final ExchangePlan PLAN = new ExchangePlan(
            3, List.of(List.of(new Span(0, 1)), List.of(new Span(1, 2)), List.of(new Span(2, 3))), 30, 2);

    private final List<String> answers = new ArrayList<>();
    private final Slice slice = PLAN.slices().stream()
            .filter(any -> any.owner() == SELF)
            .findFirst()
            .orElseThrow();
    private SliceBuffers buffers;
    private Team team;

    @BeforeEach
    void take() {
        Endpoint endpoint = new Endpoint("1", "b.example", null, null, Clock.SYSTEM, null);
        buffers = new SliceBuffers(PLAN, SELF);
        endpoint.keep(buffers);
        team = new Team(endpoint, KEY, PLAN, SELF, null);
    }

    @Test
    void keepsWhatBelongsToTheStep() {
        send(OTHER, slice.number(), 5, slice.length(), 1);
        send(THIRD, slice.number(), 5, slice.length(), 2);
        assertThat(answers).isEmpty(); // they are answered when this executor has added up
        assertThat(held(OTHER)).containsOnly(1);
        assertThat(held(THIRD)).containsOnly(2);
    }

    @Test
    void refusesBeforeItCopies() {
        send(OTHER, slice.number(), 5, slice.length(), 1);
        send(OTHER, slice.number(), 5, slice.length(), 9);
        send(OTHER, slice.number(), 6, slice.length(), 9);
        send(THIRD, slice.number(), 4, slice.length(), 9);
        send(THIRD, slice.number(), 5, slice.length() + 1, 9);
        send(SELF, slice.number(), 5, slice.length(), 9);
        send(-1, slice.number(), 5, slice.length(), 9);
        send(3, slice.number(), 5, slice.length(), 9);
        send(THIRD, 99, 5, slice.length(), 9);
        assertThat(answers)
                .satisfiesExactly(
                        first -> assertThat(first).contains("sums of step 5 from executor 0 are here already"),
                        second -> assertThat(second).contains("sums of step 6 from executor 0 are here already"),
                        third -> assertThat(third).contains("sums of step 4 came amid step 5"),
                        fourth -> assertThat(fourth).contains("values, expected 1 times " + slice.length()),
                        own -> assertThat(own).contains("is not this executor's"),
                        none -> assertThat(none).contains("is not this executor's"),
                        beyond -> assertThat(beyond).contains("is not this executor's"),
                        noSlice -> assertThat(noSlice).contains("slice 99 from executor 2 is not this executor's"));
        assertThat(held(OTHER)).containsOnly(1);
        assertThat(held(THIRD)).containsOnly(0);
    }

    @Test
    void refusesWhenTheGangIsOver() {
        send(OTHER, slice.number(), 5, slice.length(), 1);
        team.fail("task 1 gave up");
        send(THIRD, slice.number(), 5, slice.length(), 9);
        assertThat(answers).hasSize(2).allSatisfy(answer -> assertThat(answer).contains("task 1 gave up"));
        assertThat(held(THIRD)).containsOnly(0);
    }

    private float[] held(int from) {
        return buffers.incoming(slice, from)[0];
    }

    private void send(int from, int number, long step, int floats, float value) {
        ByteBuffer message = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
        message.put((byte) MessageKind.SUMS.ordinal())
                .putInt(from)
                .putInt(number)
                .putLong(step)
                .put((byte) 0);
        message.putInt(2).putDouble(2).putDouble(0.5).putDouble(1);
        float[] values = new float[floats];
        Arrays.fill(values, value);
        message.asFloatBuffer().put(values);
        message.position(message.position() + floats * Float.BYTES);
        team.receive(
                message.flip(),
                answer -> answers.add(StandardCharsets.UTF_8.decode(answer).toString()));
    }
}
