package dev.lockstep.worker.exchange;

import dev.lockstep.worker.settings.SparkSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcTimeout;
import org.apache.spark.util.RpcUtils;
import scala.concurrent.ExecutionContext;
import scala.concurrent.ExecutionContext$;
import scala.concurrent.duration.FiniteDuration;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.util.Try;

/**
 * The way from a task to its gang's {@link Coordinator}: Spark's own messages to the driver, which in the driver's JVM are
 * calls. Both ways they are bytes, whose classes every loader has.
 */
final class CoordinatorRef {
    private static final ExecutionContext AT_ONCE = ExecutionContext$.MODULE$.fromExecutor(Runnable::run);
    private static final ClassTag<byte[]> BYTES = ClassTag$.MODULE$.apply(byte[].class);

    private final RpcEndpointRef coordinator;
    private final RpcTimeout timeout;

    /**
     * @param name of the coordinator
     * @param patienceNanos how long Spark keeps a question whose answer nobody waits for any more
     * @throws RuntimeException when the driver does not know the name, or no longer
     */
    CoordinatorRef(String name, long patienceNanos) {
        SparkEnv environment = SparkEnv.get();
        this.coordinator = RpcUtils.makeDriverRef(name, environment.conf(), environment.rpcEnv());
        this.timeout =
                new RpcTimeout(FiniteDuration.apply(patienceNanos, TimeUnit.NANOSECONDS), SparkSettings.PATIENCE);
    }

    /** The future gives the answer's own bytes, or fails with a {@link GangBrokenException}. */
    CompletableFuture<ByteBuffer> ask(ByteBuffer message) {
        CompletableFuture<ByteBuffer> future = new CompletableFuture<>();
        coordinator
                .ask(message.array(), timeout, BYTES)
                .onComplete(
                        result -> {
                            complete(future, result);
                            return null;
                        },
                        AT_ONCE);
        return future;
    }

    private static void complete(CompletableFuture<ByteBuffer> future, Try<byte[]> result) {
        if (result.isFailure()) {
            future.completeExceptionally(new GangBrokenException(
                    "lost the driver: " + result.failed().get().getMessage()));
            return;
        }
        Endpoint.Reply.read(ByteBuffer.wrap(result.get()), new Endpoint.Answer() {
            @Override
            public void arrived(ByteBuffer answer) {
                future.complete(answer.slice().order(ByteOrder.LITTLE_ENDIAN));
            }

            @Override
            public void failed(String why) {
                future.completeExceptionally(new GangBrokenException(why));
            }
        });
    }
}
