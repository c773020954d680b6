package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.exchange.Transport.Receiver;
import dev.lockstep.worker.exchange.Transport.Reply;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.tally.Tally;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What another executor's sums lie in is given back, by an answer, when nobody reads them any more. */
class FailureAmidAdditionTest {
    private static final int LENGTH = 1 << 21;
    private static final Tally TALLY = new Tally(1, 1, new double[1]);
    private static final ExchangePlan PLAN = new ExchangePlan(
            2, List.of(List.of(new Span(0, 1)), List.of(new Span(1, 2))), 2 * LENGTH, 1, LENGTH, List.of());

    /** Takes all, and answers nothing. */
    private static final Transport SILENT = new Transport() {
        @Override
        public Address open(Secret secret, Receiver receiver) {
            return new Address("here.example", 1);
        }

        @Override
        public void send(Address to, ByteBuffer message, Answer answer) {}
    };

    private final ByteBuffer message = message();
    private final float[] own = new float[2 * LENGTH];

    /** The sums of executor 1, all 1, of the slice that executor 0 owns. */
    private static ByteBuffer message() {
        ByteBuffer message =
                ByteBuffer.allocateDirect(1_000 + LENGTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        MessageKind.SUMS.begin(new Key(0, 0), message);
        new SliceHeader(1, 0, 0, false).writeTo(message);
        TALLY.writeTo(message);
        return message;
    }

    @Test
    void aRefusalWaitsForThoseWhoRead() throws InterruptedException {
        Random random = new Random(1);
        Arrays.fill(own, 1);
        for (int gang = 1; gang <= 40; gang++) {
            Key key = new Key(gang, 0);
            Endpoint endpoint = new Endpoint("0", "here.example", SILENT, null, Clock.SYSTEM, null);
            Team team = endpoint.serve(key, Team.class, () -> new Team(endpoint, key, PLAN, 0, null));
            team.requests().connect(List.of(new Address("here.example", 1), new Address("there.example", 2)), 0);
            boolean[] refused = {false};
            int begin = message.position();
            ByteBuffer all = message.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            fill(1);
            team.receive(all.position(Key.BYTES).limit(begin + LENGTH * Float.BYTES), new Reply() {
                @Override
                public boolean keepsMessage() {
                    return true;
                }

                @Override
                public void send(ByteBuffer answer) {
                    fill(Float.NaN); // the answer takes the message's place
                    refused[0] = true;
                }
            });
            Thread failing = new Thread(() -> {
                LockSupport.parkNanos(random.nextInt((int) TimeUnit.MILLISECONDS.toNanos(3)));
                team.fail("another executor is lost");
            });
            failing.start();
            PartialSum piece = new PartialSum(new Span(0, 1), own, TALLY);
            assertThatThrownBy(() ->
                            team.allReduce((condition, what) -> await(team, condition), 0, 0, List.of(piece), false))
                    .isInstanceOf(GangBrokenException.class)
                    .hasMessage("another executor is lost");
            failing.join();
            assertThat(refused[0]).isTrue();
            int wrong = 0;
            for (int i = 0; i < LENGTH; i++) {
                wrong += Float.isNaN(team.result()[i]) ? 1 : 0;
            }
            assertThat(wrong).as("gang " + gang).isZero();
        }
    }

    private void fill(float value) {
        var values = message.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int i = 0; i < LENGTH; i++) {
            values.put(i, value);
        }
    }

    private static void await(Team team, BooleanSupplier condition) {
        while (true) {
            synchronized (team) {
                if (condition.getAsBoolean()) {
                    return;
                }
                team.requireUnbroken();
            }
            Thread.onSpinWait();
        }
    }
}
