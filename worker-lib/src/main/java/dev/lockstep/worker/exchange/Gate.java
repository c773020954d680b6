package dev.lockstep.worker.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.TransportServerBootstrap;

/**
 * A connection between executors begins with the run's secret; what does not is closed before Spark's transport sees a
 * byte of it, so a stranger can neither be heard nor fill the memory or the log.
 */
record Gate(Secret secret, Refusals refusals) implements TransportServerBootstrap, TransportClientBootstrap {
    private static final long DEADLINE_SECONDS = 10;

    @Override
    public void doBootstrap(TransportClient client, Channel channel) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(
                secret.writeTo(ByteBuffer.allocate(Secret.BYTES)).flip()));
    }

    /** Called before the handlers of the transport are in the channel: what is put there now hears bytes first. */
    @Override
    public RpcHandler doBootstrap(Channel channel, RpcHandler behind) {
        channel.pipeline().addFirst(new Porter());
        return behind;
    }

    private final class Porter extends ByteToMessageDecoder {

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.executor()
                    .schedule(
                            () -> {
                                if (!context.isRemoved()) {
                                    refuse(context);
                                }
                            },
                            DEADLINE_SECONDS,
                            TimeUnit.SECONDS);
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf received, List<Object> onward) {
            if (received.readableBytes() < Secret.BYTES) {
                return;
            }
            byte[] first = new byte[Secret.BYTES];
            received.readBytes(first);
            if (secret.begins(ByteBuffer.wrap(first))) {
                context.pipeline().remove(this); // hands on what came behind the secret
            } else {
                received.skipBytes(received.readableBytes());
                refuse(context);
            }
        }

        /** Of a stranger's connection, lost as it came. */
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            refuse(context);
        }

        private void refuse(ChannelHandlerContext context) {
            if (context.channel().isOpen()) {
                refusals.add(machine(context.channel().remoteAddress()));
                context.close();
            }
        }

        private static String machine(SocketAddress peer) {
            return peer instanceof InetSocketAddress internet && internet.getAddress() != null
                    ? internet.getAddress().getHostAddress()
                    : String.valueOf(peer);
        }
    }
}
