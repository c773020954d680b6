package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.exchange.Endpoint.Address;
import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.Endpoint.Reply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
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

class EndpointTest {
    private static final Key KEY = new Key(7, 3);
    private static final long MILLIS = 10_000;

    /** Whoever does not have Spark's secret gets no answer, and those who have it do not notice. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesStrangers(boolean crypto) {
        SparkConf conf = conf().set("spark.authenticate", "true")
                .set("spark.authenticate.secret", "ours")
                .set("spark.network.crypto.enabled", String.valueOf(crypto));
        inSpark(conf, endpoint -> {
            Address address = endpoint.address();
            assertThatThrownBy(() -> asStranger(address, List.of())).isNotNull();
            TransportConf transport = transport();
            TransportClientBootstrap guess = new AuthClientBootstrap(transport, "stranger", new Guess());
            assertThatThrownBy(() -> asStranger(address, List.of(guess))).isNotNull();
            assertThat(echo(endpoint)).isEqualTo(42);
        });
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        inSpark(conf(), endpoint -> {
            ByteBuffer none = asStranger(endpoint.address(), List.of());
            assertThat(text(none)).contains("does not understand");
            assertThatThrownBy(() -> endpoint.ask(endpoint.address(), message(new Key(8, 0)))
                            .get(MILLIS, TimeUnit.MILLISECONDS))
                    .hasRootCauseInstanceOf(GangBrokenException.class)
                    .hasMessageContaining("is not, or no longer, in gang 8, attempt 0");
            assertThat(echo(endpoint)).isEqualTo(42);
        });
    }

    @Test
    void tellsThatNobodyIsThere() {
        inSpark(conf(), endpoint -> {
            Address nobody = new Address("127.0.0.1", 1);
            assertThatThrownBy(() -> endpoint.ask(nobody, message(KEY)).get(MILLIS, TimeUnit.MILLISECONDS))
                    .hasRootCauseInstanceOf(GangBrokenException.class)
                    .hasMessageContaining("cannot connect to 127.0.0.1:1");
        });
    }

    /** One server a JVM, however many gangs; a new one for a new Spark application, which has other secrets. */
    @Test
    void isReused() {
        Endpoint[] first = new Endpoint[1];
        inSpark(conf(), endpoint -> {
            first[0] = endpoint;
            assertThat(Endpoint.ofThisJvm()).isSameAs(endpoint);
        });
        inSpark(conf(), endpoint -> assertThat(endpoint).isNotSameAs(first[0]));
    }

    /** Its own service, by way of the network: adds one. */
    private static int echo(Endpoint endpoint) throws Exception {
        endpoint.serve(
                KEY,
                Endpoint.Service.class,
                () -> (message, reply) -> reply.send(Reply.answer(ByteBuffer.allocate(5))
                        .putInt(message.getInt() + 1)
                        .flip()));
        return endpoint.ask(endpoint.address(), message(KEY))
                .get(MILLIS, TimeUnit.MILLISECONDS)
                .getInt();
    }

    private static ByteBuffer message(Key key) {
        ByteBuffer message = ByteBuffer.allocate(Key.BYTES + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return key.writeTo(message).putInt(41).flip();
    }

    private static ByteBuffer asStranger(Address address, List<TransportClientBootstrap> bootstraps) throws Exception {
        try (TransportContext context = new TransportContext(transport(), new NoOpRpcHandler());
                var clients = context.createClientFactory(bootstraps);
                var client = clients.createClient(address.host(), address.port())) {
            return client.sendRpcSync(ByteBuffer.wrap(new byte[] {1, 2, 3}), MILLIS);
        }
    }

    private static TransportConf transport() {
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
        void with(Endpoint endpoint) throws Exception;
    }

    private static void inSpark(SparkConf conf, Check check) {
        SparkContext spark = new SparkContext(conf);
        try {
            check.with(Endpoint.ofThisJvm());
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
