package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Transport.Reply;
import dev.lockstep.worker.settings.SparkSettings;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.rpc.RpcTimeout;
import org.apache.spark.rpc.ThreadSafeRpcEndpoint;
import org.apache.spark.util.RpcUtils;
import scala.PartialFunction;
import scala.concurrent.ExecutionContext;
import scala.concurrent.ExecutionContext$;
import scala.concurrent.duration.FiniteDuration;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;
import scala.util.Try;

/**
 * Spark's own messages to the driver, which in the driver's JVM are calls. Both ways they are bytes, whose classes every
 * loader has.
 */
final class SparkRpc implements Rpc {
    private static final ExecutionContext AT_ONCE = ExecutionContext$.MODULE$.fromExecutor(Runnable::run);
    private static final ClassTag<byte[]> BYTES = ClassTag$.MODULE$.apply(byte[].class);

    @Override
    public Runnable serve(String name, Receiver coordinator) {
        RpcEnv rpc = SparkEnv.get().rpcEnv();
        RpcEndpointRef self = rpc.setupEndpoint(name, new Desk(rpc, coordinator));
        return () -> rpc.stop(self);
    }

    /** Where Spark delivers what members send. */
    private record Desk(RpcEnv rpcEnv, Receiver coordinator) implements ThreadSafeRpcEndpoint {
        @Override
        public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
            return new AbstractPartialFunction<>() {
                @Override
                public boolean isDefinedAt(Object message) {
                    return true;
                }

                @Override
                public BoxedUnit apply(Object message) {
                    ByteBuffer bytes = ByteBuffer.wrap(message instanceof byte[] sent ? sent : new byte[0]);
                    coordinator.receive(bytes, context.senderAddress().host(), answer -> {
                        byte[] copy = new byte[answer.remaining()];
                        answer.get(copy);
                        context.reply(copy);
                    });
                    return BoxedUnit.UNIT;
                }
            };
        }
    }

    @Override
    public CoordinatorRef find(String name, long patienceNanos) {
        SparkEnv environment = SparkEnv.get();
        RpcEndpointRef coordinator = RpcUtils.makeDriverRef(name, environment.conf(), environment.rpcEnv());
        RpcTimeout timeout =
                new RpcTimeout(FiniteDuration.apply(patienceNanos, TimeUnit.NANOSECONDS), SparkSettings.PATIENCE);
        return message -> {
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
        };
    }

    private static void complete(CompletableFuture<ByteBuffer> future, Try<byte[]> result) {
        if (result.isFailure()) {
            future.completeExceptionally(new GangBrokenException(
                    "lost the driver: " + result.failed().get().getMessage()));
        } else {
            Reply.read(ByteBuffer.wrap(result.get()), Transport.Answer.to(future));
        }
    }
}
