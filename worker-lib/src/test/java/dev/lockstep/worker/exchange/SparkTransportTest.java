package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.exchange.Transport.Reply;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.network.util.TransportConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Option;

class SparkTransportTest {
    private static final Key KEY = new Key(7, 3);
    private static final Secret SECRET = Secret.random();
    private static final long MILLIS = 10_000;

    /** Whoever does not have Spark's secret gets no answer, though the run's be known; those who have both do not notice. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesStrangersToSpark(boolean crypto) {
        SparkConf conf = conf().set("spark.authenticate", "true")
                .set("spark.authenticate.secret", "ours")
                .set("spark.network.crypto.enabled", String.valueOf(crypto));
        inSpark(conf, (transport, endpoint) -> {
            Address address = endpoint.open(SECRET);
            Gate key = new Gate(SECRET, new Refusals());
            assertThatThrownBy(() -> asStranger(address, List.of())).isNotNull();
            assertThatThrownBy(() -> asStranger(address, List.of(key))).isNotNull();
            TransportClientBootstrap guess = new AuthClientBootstrap(transportConf(), "stranger", new Guess());
            assertThatThrownBy(() -> asStranger(address, List.of(key, guess))).isNotNull();
            assertThat(echo(endpoint, address)).isEqualTo(42);
        });
    }

    /** Without Spark's authentication the run's own secret keeps strangers out: none of their messages is read. */
    @Test
    void refusesWhoDoesNotKnowTheSecretOfTheRun() {
        inSpark(conf(), (transport, endpoint) -> {
            Address address = endpoint.open(SECRET);
            assertThat(echo(endpoint, address)).isEqualTo(42);
            assertThatThrownBy(() -> asStranger(address, List.of())).isNotNull();
            Gate wrong = new Gate(Secret.random(), new Refusals());
            assertThatThrownBy(() -> asStranger(address, List.of(wrong))).isNotNull();
            assertThat(transport.refused()).isEqualTo(2);
            assertThat(echo(endpoint, address)).isEqualTo(42);
        });
    }

    /** A frame that says it is 2 GiB long, and what is no frame at all: the connection is closed at once. */
    @Test
    void closesTheConnectionOnGarbage() {
        inSpark(conf(), (transport, endpoint) -> {
            Address address = endpoint.open(SECRET);
            Random random = new Random(1);
            for (int connection = 0; connection < 50; connection++) {
                byte[] garbage = new byte[40 + random.nextInt(1000)];
                random.nextBytes(garbage);
                try (Socket socket = new Socket(address.host(), address.port())) {
                    socket.setSoTimeout((int) MILLIS);
                    socket.getOutputStream().write(garbage);
                    assertClosed(socket);
                }
            }
            assertThat(transport.refused()).isEqualTo(50);
            assertThat(echo(endpoint, address)).isEqualTo(42);
        });
    }

    private static void assertClosed(Socket socket) throws IOException {
        try {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset"); // closed with bytes unread
        }
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        inSpark(conf(), (transport, endpoint) -> {
            Address address = endpoint.open(SECRET);
            ByteBuffer none = asStranger(address, List.of(new Gate(SECRET, new Refusals())), 3);
            assertThat(text(none)).contains("does not understand");
            assertThatThrownBy(() -> ask(endpoint, address, new Key(8, 0)))
                    .hasMessageContaining("is not, or no longer, in gang 8, attempt 0");
            assertThat(echo(endpoint, address)).isEqualTo(42);
        });
    }

    @Test
    void tellsThatNobodyIsThere() {
        inSpark(conf(), (transport, endpoint) -> {
            endpoint.open(SECRET);
            assertThatThrownBy(() -> ask(endpoint, new Address("127.0.0.1", 1), KEY))
                    .hasMessageContaining("cannot connect to 127.0.0.1:1");
        });
    }

    /** One server a JVM, however many gangs; a new one for a new Spark application, which has other secrets. */
    @Test
    void isReused() {
        Endpoint[] first = new Endpoint[1];
        inSpark(conf(), (transport, endpoint) -> {
            assertThat(endpoint.open(SECRET)).isEqualTo(endpoint.open(SECRET));
            first[0] = Endpoint.ofThisJvm();
            assertThat(Endpoint.ofThisJvm()).isSameAs(first[0]);
        });
        inSpark(conf(), (transport, endpoint) -> assertThat(Endpoint.ofThisJvm())
                .isNotSameAs(first[0]));
    }

    @Test
    void aSecretIsNotShown() {
        assertThat(Secret.random()).hasToString("(a secret)");
        assertThat(Secret.random().writeTo(ByteBuffer.allocate(Secret.BYTES)).array())
                .isNotEqualTo(Secret.random()
                        .writeTo(ByteBuffer.allocate(Secret.BYTES))
                        .array());
    }

    /** Its own service, by way of the network: adds one. */
    private static int echo(Endpoint endpoint, Address address) throws Exception {
        endpoint.serve(
                KEY,
                Transport.Receiver.class,
                () -> (message, reply) -> reply.send(Reply.answer(ByteBuffer.allocate(5))
                        .putInt(message.getInt() + 1)
                        .flip()));
        return ask(endpoint, address, KEY);
    }

    private static int ask(Endpoint endpoint, Address address, Key key) throws Exception {
        int length = Key.BYTES + Integer.BYTES;
        Outgoing message = new Outgoing(
                length, () -> ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN), memory -> key.writeTo(memory)
                        .putInt(41));
        CompletableFuture<Integer> future = new CompletableFuture<>();
        endpoint.send(key, address, message, new Transport.Answer() {
            @Override
            public void arrived(ByteBuffer answer) {
                future.complete(answer.getInt());
            }

            @Override
            public void failed(String why) {
                future.completeExceptionally(new GangBrokenException(why));
            }
        });
        return future.get(MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ByteBuffer asStranger(Address address, List<TransportClientBootstrap> bootstraps) throws Exception {
        return asStranger(address, bootstraps, 64);
    }

    private static ByteBuffer asStranger(Address address, List<TransportClientBootstrap> bootstraps, int length)
            throws Exception {
        try (TransportContext context = new TransportContext(transportConf(), new NoOpRpcHandler());
                var clients = context.createClientFactory(bootstraps);
                var client = clients.createClient(address.host(), address.port())) {
            return client.sendRpcSync(ByteBuffer.wrap(new byte[length]), MILLIS);
        }
    }

    private static TransportConf transportConf() {
        SparkConf conf = SparkEnv.get().conf();
        return SparkTransportConf.fromSparkConf(conf, "stranger", 1, Option.empty());
    }

    private static String text(ByteBuffer bytes) {
        return java.nio.charset.StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private static final class Guess implements SecretKeyHolder {
        @Override
        public String getSaslUser(String appId) {
            return "sparkSaslUser";
        }

        @Override
        public String getSecretKey(String appId) {
            return "guessed";
        }
    }

    private interface Check {
        void with(SparkTransport transport, Endpoint endpoint) throws Exception;
    }

    private static void inSpark(SparkConf conf, Check check) {
        SparkContext spark = new SparkContext(conf);
        try {
            SparkTransport transport = new SparkTransport(SparkEnv.get());
            try {
                check.with(
                        transport, new Endpoint("driver", "localhost", transport, new SparkRpc(), Clock.SYSTEM, null));
            } finally {
                transport.close();
            }
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            spark.stop();
        }
    }

    private static SparkConf conf() {
        return new SparkConf().setMaster("local[1]").setAppName("endpoint test").set("spark.ui.enabled", "false");
    }
}
