package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.exchange.Coordinator.Failure;
import dev.lockstep.worker.exchange.Coordinator.Fault;
import dev.lockstep.worker.exchange.Coordinator.Request;
import dev.lockstep.worker.exchange.Rpc.CoordinatorRef;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.util.RpcUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import scala.reflect.ClassTag$;

class CoordinatorTest {
    private static final long SECONDS = 20;
    private static final List<Span> TWO = List.of(new Span(0, 1), new Span(1, 2));
    private static final byte[] DIVERGED = new Failure(Fault.DIVERGENCE, "training diverged at step 3").bytes();

    private static SparkContext spark;

    @BeforeAll
    static void start() {
        spark = new SparkContext(new SparkConf()
                .setMaster("local[1]")
                .setAppName("coordinator test")
                .set("spark.ui.enabled", "false"));
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    /** What used to end a run with exit code 4 comes from a stranger here: it is counted, and changes nothing. */
    @Test
    void aForgedFailureChangesNothing() {
        try (Coordinator coordinator = new Coordinator(2, TWO, null, 1000, Audit.NONE, 0)) {
            ByteBuffer forged = Coordinator.message(Secret.random(), Request.FAILED, 5, 0, DIVERGED);
            assertThatThrownBy(() -> ask(coordinator, forged)).hasMessageContaining("not a member of this run");
            assertThatThrownBy(() -> ask(coordinator, ByteBuffer.wrap(new byte[0])))
                    .hasMessageContaining("not a member of this run");
            assertThat(textOf(rawAnswer(coordinator, "an object that is no message")))
                    .contains("not a member of this run");
            assertThat(coordinator.refused()).isEqualTo(3);
            assertThat(coordinator.userFailure()).isNull();
            assertThat(coordinator.firstCause()).isNull();
            assertThat(coordinator.attempt()).isZero();
        }
    }

    @Test
    void aMembersFailureIsHeard() throws Exception {
        try (Coordinator coordinator = new Coordinator(2, TWO, null, 1000, Audit.NONE, 0)) {
            ask(coordinator, Coordinator.message(coordinator.gang().secret(), Request.FAILED, 0, 1, DIVERGED));
            assertThat(coordinator.userFailure())
                    .isInstanceOf(DivergenceException.class)
                    .hasMessage("training diverged at step 3");
            assertThat(coordinator.refused()).isZero();
        }
    }

    /** Who meets first is told when the last is there, of all; the driver then knows where they are. */
    @Test
    void membersMeet() throws Exception {
        try (Coordinator coordinator = new Coordinator(2, TWO, null, 1000, Audit.NONE, 0)) {
            Attendee one = new Attendee("4", "a.example", "kernels", Pace.UNKNOWN);
            Attendee two = new Attendee("2", "b.example", "kernels", Pace.UNKNOWN);
            assertThat(coordinator.executors()).isEmpty();
            CompletableFuture<ByteBuffer> early = sent(coordinator, Request.MEET, 1, two.bytes());
            assertThat(early).isNotDone();
            ByteBuffer late = sent(coordinator, Request.MEET, 0, one.bytes()).get(SECONDS, TimeUnit.SECONDS);
            assertThat(Attendee.all(late)).containsExactly(one, two);
            assertThat(Attendee.all(early.get(SECONDS, TimeUnit.SECONDS))).containsExactly(one, two);
            assertThat(coordinator.executors()).containsExactly("4", "2");
            assertThat(coordinator.running()).isFalse();
            CompletableFuture<ByteBuffer> ready = sent(coordinator, Request.READY, 0, new byte[0]);
            sent(coordinator, Request.READY, 1, new byte[0]).get(SECONDS, TimeUnit.SECONDS);
            assertThat(ready.get(SECONDS, TimeUnit.SECONDS).hasRemaining()).isFalse();
            assertThat(coordinator.running()).isTrue();
        }
    }

    @Test
    void whoReportsStepsHearsWhenToStop() throws Exception {
        try (Coordinator coordinator = new Coordinator(2, TWO, null, 1000, Audit.NONE, 0)) {
            StepId id = new StepId(7, 1, 64);
            StepReport step =
                    new StepReport(new StepMetrics(id, 0.5, Map.of("accuracy", 0.25), 2, Map.of(0, 1.5), 0.1), 3, 1);
            byte[] report = Coordinator.bytes(step).array();
            ByteBuffer answer = sent(coordinator, Request.STEPS, 0, report).get(SECONDS, TimeUnit.SECONDS);
            assertThat(answer.getLong(0)).isEqualTo(Long.MAX_VALUE);
            assertThat(coordinator.poll()).isEqualTo(step);
            coordinator.stopAfter(9);
            answer = sent(coordinator, Request.STEPS, 0, new byte[0]).get(SECONDS, TimeUnit.SECONDS);
            assertThat(answer.getLong(0)).isEqualTo(9);
        }
    }

    /** The step counts when all that was computed twice is here and came out equal; rank 0 says how much that is. */
    @Test
    void whatIsComputedTwiceIsCompared() throws Exception {
        try (Coordinator coordinator = new Coordinator(2, TWO, null, 1000, Audit.NONE, 0)) {
            meet(coordinator);
            CompletableFuture<ByteBuffer> one = sent(coordinator, Request.AUDIT, 1, opinions(5, -1, 0, 'a', 1, 'b'));
            CompletableFuture<ByteBuffer> next = sent(coordinator, Request.AUDIT, 1, opinions(6, -1, 1, 'c'));
            assertThatThrownBy(() -> sent(coordinator, Request.AUDIT, 1, opinions(5, -1, 0, 'a'))
                            .get(SECONDS, TimeUnit.SECONDS))
                    .hasMessageContaining("rank 1 has told of the audits of step 5 already");
            assertThat(one).isNotDone();
            sent(coordinator, Request.AUDIT, 0, opinions(5, 2, 1, 'b', 0, 'a')).get(SECONDS, TimeUnit.SECONDS);
            assertThat(one.get(SECONDS, TimeUnit.SECONDS).hasRemaining()).isFalse();
            assertThat(next).isNotDone();
            assertThat(coordinator.dispute()).isNull();
            assertThatThrownBy(() -> sent(coordinator, Request.AUDIT, 0, opinions(6, 1, 1, 'd'))
                            .get(SECONDS, TimeUnit.SECONDS))
                    .hasMessageContaining(
                            "shard 1 of step 6 came out in other bits on task 1 on executor 2 at b.example"
                                    + " than on task 0 on executor 4 at a.example");
            assertThatThrownBy(() -> next.get(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("shard 1 of step 6");
            assertThat(coordinator.running()).isFalse();
            assertThat(coordinator.dispute().step()).isEqualTo(6);
            assertThat(coordinator.dispute().shard()).isEqualTo(1);
            assertThat(coordinator.dispute().one().digest()).isEqualTo("63".repeat(32));
            assertThat(coordinator.dispute().other().digest()).isEqualTo("64".repeat(32));
        }
    }

    /** @param shards each with the letter that its digest is made of */
    private static byte[] opinions(long step, int expected, int... shards) {
        ByteBuffer message = ByteBuffer.allocate(12 + shards.length / 2 * 36)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(step)
                .putInt(expected);
        for (int i = 0; i < shards.length; i += 2) {
            byte[] digest = new byte[32];
            Arrays.fill(digest, (byte) shards[i + 1]);
            message.putInt(shards[i]).put(digest);
        }
        return message.array();
    }

    private static void meet(Coordinator coordinator) throws Exception {
        Attendee one = new Attendee("4", "a.example", "kernels", Pace.UNKNOWN);
        Attendee two = new Attendee("2", "b.example", "kernels", Pace.UNKNOWN);
        for (Request request : List.of(Request.MEET, Request.READY)) {
            CompletableFuture<ByteBuffer> early = sent(coordinator, request, 1, two.bytes());
            sent(coordinator, request, 0, one.bytes()).get(SECONDS, TimeUnit.SECONDS);
            early.get(SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Its RPC endpoint goes with it, so a late member is told at once instead of waiting. */
    @Test
    void aClosedGangIsNotFound() {
        Coordinator coordinator = new Coordinator(2, TWO, null, 1000, Audit.NONE, 0);
        coordinator.close();
        assertThatThrownBy(() -> ref(coordinator)).isNotNull();
    }

    private static CompletableFuture<ByteBuffer> sent(Coordinator to, Request request, int rank, byte[] body) {
        return ref(to).ask(Coordinator.message(to.gang().secret(), request, 0, rank, body));
    }

    private static ByteBuffer ask(Coordinator coordinator, ByteBuffer message) throws Exception {
        return ref(coordinator).ask(message).get(SECONDS, TimeUnit.SECONDS);
    }

    private static CoordinatorRef ref(Coordinator coordinator) {
        return new SparkRpc().find(coordinator.gang().coordinator(), TimeUnit.SECONDS.toNanos(SECONDS));
    }

    private static byte[] rawAnswer(Coordinator coordinator, Object message) {
        SparkEnv environment = SparkEnv.get();
        return RpcUtils.makeDriverRef(coordinator.gang().coordinator(), environment.conf(), environment.rpcEnv())
                .askSync(message, ClassTag$.MODULE$.<byte[]>apply(byte[].class));
    }

    private static String textOf(byte[] answer) {
        return new String(answer, StandardCharsets.UTF_8);
    }
}
