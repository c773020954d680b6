package dev.lockstep.worker.exchange;

import dev.lockstep.worker.settings.SparkSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
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
 * What this JVM serves to the tasks in it, and on the network when a gang is in several JVMs: one server and its
 * connections to others, behind a {@link Gate}, over Spark's transport with Spark's authentication and encryption where
 * they are on. Reused by all gangs; ends with the JVM. Messages are little-endian: a {@link Key}, then what the service of
 * that key makes of it. Nothing that arrives is deserialised by Java.
 */
final class Endpoint {
    private static final byte OK = 0;
    private static final byte REFUSED = 1;

    private static Endpoint ofThisJvm;

    private final SparkEnv environment;
    private final Map<Key, Service> services = new ConcurrentHashMap<>();
    private final Refusals refusals = new Refusals();
    private SliceBuffers idle;
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

    /** Where an endpoint is reached. */
    record Address(String host, int port) {
        byte[] bytes() {
            byte[] text = host.getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(2 * Integer.BYTES + text.length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(port)
                    .putInt(text.length)
                    .put(text)
                    .array();
        }

        static List<Address> all(ByteBuffer answer) {
            List<Address> all = new ArrayList<>();
            while (answer.hasRemaining()) {
                int port = answer.getInt();
                byte[] text = new byte[answer.getInt()];
                answer.get(text);
                all.add(new Address(new String(text, StandardCharsets.UTF_8), port));
            }
            return all;
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    /**
     * What a message is for.
     *
     * @param attempt which attempt of the gang's stage
     */
    record Key(long gang, int attempt) {
        static final int BYTES = Long.BYTES + Integer.BYTES;

        ByteBuffer writeTo(ByteBuffer message) {
            return message.putLong(gang).putInt(attempt);
        }
    }

    /** Takes messages, on a thread of the network: it must not wait. */
    interface Service {
        /** @param message valid only during the call */
        void receive(ByteBuffer message, Reply reply);
    }

    /** What to do with an answer, on a thread of the network. */
    interface Answer {
        /** @param answer valid only during the call */
        void arrived(ByteBuffer answer);

        void failed(String why);
    }

    /** The way back to who sent a message. */
    interface Reply {
        /** Before what the service answers: whether it answers at all. */
        int BYTES = 1;

        /** @param answer made by {@link #answer}, flipped */
        void send(ByteBuffer answer);

        default void refuse(String why) {
            byte[] text = why.getBytes(StandardCharsets.UTF_8);
            send(ByteBuffer.allocate(BYTES + text.length).put(REFUSED).put(text).flip());
        }

        /** Tells of what was sent. */
        static void read(ByteBuffer sent, Answer answer) {
            ByteBuffer body = sent.order(ByteOrder.LITTLE_ENDIAN);
            if (body.get() == OK) {
                answer.arrived(body);
            } else {
                answer.failed(StandardCharsets.UTF_8.decode(body).toString());
            }
        }

        /** Starts an answer: what follows is up to the service. */
        static ByteBuffer answer(ByteBuffer empty) {
            return empty.clear().order(ByteOrder.LITTLE_ENDIAN).put(OK);
        }
    }

    /** The endpoint of this JVM as a part of the Spark application that runs in it now. */
    static synchronized Endpoint ofThisJvm() {
        SparkEnv now = SparkEnv.get();
        if (ofThisJvm == null || ofThisJvm.environment != now) { // tests start one application after the other in a JVM
            if (ofThisJvm != null) {
                ofThisJvm.close();
            }
            ofThisJvm = new Endpoint(now);
        }
        return ofThisJvm;
    }

    private Endpoint(SparkEnv environment) {
        this.environment = environment;
    }

    /**
     * Lets other JVMs in, from the first call on.
     *
     * @param secret what they know; the same at each call
     * @return where they reach this one
     */
    synchronized Address open(Secret secret) {
        if (network == null) {
            network = open(environment, new Gate(secret, refusals), new Dispatcher());
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

    private synchronized void close() {
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

    /** The service of a key, made when there is none yet. */
    <S extends Service> S serve(Key key, Class<S> type, Supplier<S> maker) {
        return type.cast(services.computeIfAbsent(key, absent -> maker.get()));
    }

    void withdraw(Key key) {
        services.remove(key);
    }

    /**
     * Sends a message from an open endpoint. Failures come to {@code answer} alone. Not to be called on a thread of the network: it may connect.
     *
     * @param message flipped; not to be touched before the answer has come
     */
    void send(Address to, ByteBuffer message, Answer answer) {
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

    /** Buffers for a place in a plan: those of the last gang when they fit. */
    synchronized SliceBuffers buffers(ExchangePlan plan, int executor) {
        SliceBuffers kept = idle;
        idle = null;
        return kept != null && kept.fit(plan, executor) ? kept : new SliceBuffers(plan, executor);
    }

    /** Takes back buffers that nobody reads or writes any more. */
    synchronized void keep(SliceBuffers buffers) {
        idle = buffers;
    }

    private final class Dispatcher extends RpcHandler {
        private final StreamManager streams = new OneForOneStreamManager();

        @Override
        public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            Reply reply = callback::onSuccess;
            try {
                message.order(ByteOrder.LITTLE_ENDIAN);
                Key key = new Key(message.getLong(), message.getInt());
                Service service = services.get(key);
                if (service == null) {
                    reply.refuse("the other executor is not, or no longer, in gang " + key.gang() + ", attempt "
                            + key.attempt());
                } else {
                    service.receive(message, reply);
                }
            } catch (RuntimeException e) { // Spark would log it at length and answer with it
                reply.refuse("the other executor does not understand the message: " + e);
            }
        }

        @Override
        public StreamManager getStreamManager() {
            return streams;
        }
    }
}
