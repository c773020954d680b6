package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.exchange.Transport.Receiver;
import dev.lockstep.worker.exchange.Transport.Reply;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;

/**
 * What an executor's JVM is to the gangs whose tasks run in it, one after the other: it gives each message to the service
 * that the message is for, and keeps the buffers from gang to gang. Messages are little-endian: a {@link Key}, then what
 * the service of that key makes of it.
 */
final class Endpoint {
    /** Of the gangs that are over: whoever is late for one is late for one of the last. */
    private static final int REMEMBERED = 16;

    private static SparkTransport network;
    private static Endpoint ofThisJvm;

    private final String executor;
    private final String host;
    private final Transport transport;
    private final Rpc driver;
    private final Clock clock;
    private final Path shared;
    private final Map<Key, Service> services = new ConcurrentHashMap<>();
    private final Map<Key, String> withdrawn = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, String> eldest) {
            return size() > REMEMBERED;
        }
    });
    private volatile String here = ""; // as others' addresses have it
    private SliceBuffers idle;
    private Pace pace = Pace.UNKNOWN;

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

    /** Who hears of a gang's messages, and how they travel within this host. */
    private record Service(Receiver receiver, HostMemory memory) {}

    /** The endpoint of this JVM as a part of the Spark application that runs in it now. */
    static synchronized Endpoint ofThisJvm() {
        SparkEnv now = SparkEnv.get();
        if (network == null || !network.isOf(now)) { // tests start one application after the other in a JVM
            if (network != null) {
                network.close();
            }
            network = new SparkTransport(now);
            String host = now.blockManager().blockManagerId().host();
            boolean encrypted = now.conf().getBoolean("spark.io.encryption.enabled", false);
            File folder = now.blockManager().diskBlockManager().localDirs()[0];
            ofThisJvm = new Endpoint(
                    now.executorId(), host, network, new SparkRpc(), Clock.SYSTEM, encrypted ? null : folder.toPath());
        }
        return ofThisJvm;
    }

    /**
     * @param executor the JVM's name
     * @param host the machine, for messages
     * @param transport to other executors
     * @param shared a folder of files that JVMs of this host may share; null when they are not to
     */
    Endpoint(String executor, String host, Transport transport, Rpc driver, Clock clock, Path shared) {
        this.executor = executor;
        this.host = host;
        this.transport = transport;
        this.driver = driver;
        this.clock = clock;
        this.shared = shared;
    }

    String executor() {
        return executor;
    }

    String host() {
        return host;
    }

    Rpc driver() {
        return driver;
    }

    Clock clock() {
        return clock;
    }

    /** As {@link Transport#open}. */
    Address open(Secret secret) {
        Address address = transport.open(secret, this::receive);
        here = address.host();
        return address;
    }

    /** As {@link Transport#send}, for the service of a key: through memory, where the other JVM is on this host and sees the same files. */
    void send(Key key, Address to, Outgoing message, Transport.Answer answer) {
        Service service = to.host().equals(here) ? services.get(key) : null;
        if (service == null || !service.memory().send(to, message, answer)) {
            transport.send(to, message.bytes(), answer);
        }
    }

    private void receive(ByteBuffer message, Reply reply) {
        try {
            long gang = message.getLong();
            boolean mapped = HostMemory.isMark(gang);
            Key key = new Key(mapped ? HostMemory.mark(gang) : gang, message.getInt());
            Service service = services.get(key);
            if (service == null) {
                reply.refuse("the other executor is not, or no longer, in gang " + key.gang() + ", attempt "
                        + key.attempt());
            } else if (mapped) {
                service.memory().receive(message, reply, service.receiver());
            } else {
                service.receiver().receive(message, reply);
            }
        } catch (RuntimeException e) { // Spark would log it at length and answer with it
            reply.refuse(misunderstood(e));
        }
    }

    static String misunderstood(RuntimeException e) {
        return "the other executor does not understand the message: " + e;
    }

    /**
     * As {@link Clock#await}, for what messages of a service bring about.
     *
     * @param threads how many of this host may wait for each other
     */
    boolean await(Key key, Object lock, BooleanSupplier condition, long millis, int threads)
            throws InterruptedException {
        Service service = services.get(key);
        return millis > 0 && service != null && service.memory().isInUse()
                ? service.memory().await(lock, condition, millis, SystemClock.spinNanos(threads))
                : clock.await(lock, condition, millis);
    }

    /**
     * The service of a key, made when there is none yet.
     *
     * @throws GangBrokenException when it was withdrawn
     */
    <S extends Receiver> S serve(Key key, Class<S> type, Supplier<S> maker) {
        Service service = services.computeIfAbsent(key, absent -> {
            String over = withdrawn.get(key); // looked at where nobody can withdraw it between
            if (over != null) {
                throw new GangBrokenException(over);
            }
            return new Service(maker.get(), new HostMemory(shared, key, transport));
        });
        return type.cast(service.receiver());
    }

    /** @param why for those who come later */
    void withdraw(Key key, String why) {
        withdrawn.put(key, why);
        Service service = services.remove(key);
        if (service != null) {
            service.memory().close();
        }
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

    /** How fast this JVM computed in the last gang that ended well. */
    synchronized Pace pace() {
        return pace;
    }

    synchronized void keep(Pace measured) {
        pace = measured;
    }
}
