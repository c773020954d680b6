package dev.lockstep.worker.exchange;

import dev.lockstep.worker.settings.SparkSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.util.TransportConf;

/**
 * One server and its connections to others, behind a {@link Gate}, over Spark's transport with Spark's authentication and
 * encryption where they are on. Reused by all gangs; ends with the JVM. Nothing that arrives is deserialised by Java.
 */
final class SparkTransport implements Transport {
    private final SparkEnv environment;
    private final Refusals refusals = new Refusals();
    private Network network;

    /** What is open towards other JVMs. */
    private record Network(
            TransportContext context, TransportServer server, TransportClientFactory clients, Address address) {
        void close() {
            clients.close();
            server.close();
            context.close();
        }
    }

    SparkTransport(SparkEnv environment) {
        this.environment = environment;
    }

    boolean isOf(SparkEnv application) {
        return environment == application;
    }

    @Override
    public synchronized Address open(Secret secret, Receiver receiver) {
        if (network == null) {
            network = open(environment, new Gate(secret, refusals), new Handler(receiver));
        }
        return network.address();
    }

    private static Network open(SparkEnv environment, Gate gate, RpcHandler handler) {
        TransportConf transport = new SparkSettings(environment.conf()).transport();
        SecurityManager security = environment.securityManager();
        boolean authentication = security.isAuthenticationEnabled();
        String host = environment.blockManager().blockManagerId().host();
        TransportContext context = new TransportContext(transport, handler, false);
        TransportServer server = context.createServer(
                host, 0, authentication ? List.of(gate, new AuthServerBootstrap(transport, security)) : List.of(gate));
        TransportClientFactory clients = context.createClientFactory(
                authentication
                        ? List.of(
                                gate,
                                new AuthClientBootstrap(
                                        transport, environment.conf().getAppId(), security))
                        : List.of(gate));
        return new Network(context, server, clients, new Address(host, server.getPort()));
    }

    synchronized void close() {
        if (network != null) {
            network.close();
        }
    }

    private synchronized TransportClientFactory clients() {
        return network.clients();
    }

    /** How many connections of strangers were closed. */
    long refused() {
        return refusals.count();
    }

    @Override
    public void send(Address to, ByteBuffer message, Answer answer) {
        TransportClient client;
        try {
            client = clients().createClient(to.host(), to.port());
        } catch (IOException | RuntimeException e) {
            answer.failed("cannot connect to " + to + ": " + e.getMessage());
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.failed("interrupted while connecting to " + to);
            return;
        }
        client.sendRpc(message, new RpcResponseCallback() {
            @Override
            public void onSuccess(ByteBuffer response) {
                Reply.read(response, answer);
            }

            @Override
            public void onFailure(Throwable e) {
                answer.failed("lost " + to + ": " + e.getMessage());
            }
        });
    }

    private static final class Handler extends RpcHandler {
        private final Receiver receiver;
        private final StreamManager streams = new OneForOneStreamManager();

        Handler(Receiver receiver) {
            this.receiver = receiver;
        }

        @Override
        public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            receiver.receive(message.order(ByteOrder.LITTLE_ENDIAN), callback::onSuccess);
        }

        @Override
        public StreamManager getStreamManager() {
            return streams;
        }
    }
}
