package dev.lockstep.worker.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.exchange.Transport.Answer;
import dev.lockstep.worker.exchange.Transport.Receiver;
import dev.lockstep.worker.exchange.Transport.Reply;
import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {
    private static final Key KEY = new Key(7, 2);
    private static final int LARGE = 1 << 20;

    @TempDir
    private Path folder;

    private final Map<Address, Receiver> receivers = new HashMap<>();
    private final List<Integer> overTheNetwork = new ArrayList<>();
    private Runnable onTheWay = () -> {};

    /** One JVM of a host, with a network that is as quick as a call. */
    private final class Jvm implements Transport {
        private final Address address;
        private final Endpoint endpoint;

        Jvm(String host, int port, Path shared) {
            address = new Address(host, port);
            endpoint = new Endpoint("executor " + port, host, this, null, Clock.SYSTEM, shared);
            endpoint.open(null);
        }

        @Override
        public Address open(Secret secret, Receiver receiver) {
            receivers.put(address, receiver);
            return address;
        }

        @Override
        public void send(Address to, ByteBuffer message, Answer answer) {
            overTheNetwork.add(message.remaining());
            onTheWay.run();
            ByteBuffer copy = ByteBuffer.allocate(message.remaining()).order(ByteOrder.LITTLE_ENDIAN);
            receivers
                    .get(to)
                    .receive(copy.put(message.duplicate()).flip(), back -> Reply.read(back.duplicate(), answer));
        }

        /** As those who wait in this JVM do. */
        boolean look(BooleanSupplier condition) {
            try {
                return endpoint.await(KEY, this, condition, 1, 1);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /** Answers with each byte and one more. */
        void serve() {
            endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> {
                ByteBuffer answer = Reply.answer(ByteBuffer.allocateDirect(Reply.BYTES + message.remaining()));
                while (message.hasRemaining()) {
                    answer.put((byte) (message.get() + 1));
                }
                reply.send(answer.flip());
            });
        }

        ByteBuffer ask(Jvm other, int length) {
            CompletableFuture<ByteBuffer> answer = send(other, length);
            while (!answer.isDone()) {
                other.look(answer::isDone);
                look(answer::isDone);
            }
            return answer.join();
        }

        CompletableFuture<ByteBuffer> send(Jvm other, int length) {
            ByteBuffer message =
                    KEY.writeTo(ByteBuffer.allocateDirect(Key.BYTES + length).order(ByteOrder.LITTLE_ENDIAN));
            for (int i = 0; i < length; i++) {
                message.put((byte) i);
            }
            CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();
            endpoint.send(KEY, other.address, written(message.flip()), Answer.to(answer));
            return answer;
        }
    }

    private static Outgoing written(ByteBuffer message) {
        return new Outgoing(
                message.capacity(),
                () -> ByteBuffer.allocateDirect(message.capacity()).order(ByteOrder.LITTLE_ENDIAN),
                memory -> memory.put(message.duplicate()));
    }

    private void between(Jvm one, Jvm two) {
        one.serve();
        two.serve();
        for (int length : new int[] {3, LARGE, LARGE + 1, LARGE - 1, 3}) {
            assertPlusOne(one.ask(two, length), length);
            assertPlusOne(two.ask(one, length), length);
        }
        one.endpoint.withdraw(KEY, "over");
        two.endpoint.withdraw(KEY, "over");
    }

    private static void assertPlusOne(ByteBuffer answer, int length) {
        assertThat(answer.remaining()).isEqualTo(length);
        for (int i = 0; i < length; i++) {
            assertThat(answer.get()).isEqualTo((byte) (i + 1));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** Of this process, whether or not the file still has its name. */
    private long mapped() throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.filter(line -> line.contains(folder.toString())).count();
        }
    }

    @Test
    void carriesLargeMessagesAndTheirAnswers() throws IOException {
        between(new Jvm("a", 1, folder), new Jvm("a", 2, folder));
        assertThat(overTheNetwork).allMatch(length -> length < 1000);
        assertThat(files()).isEmpty();
        assertThat(mapped()).isZero();
    }

    @Test
    void isForOneHostAlone() throws IOException {
        onTheWay = () -> assertThat(folder).isEmptyDirectory();
        between(new Jvm("a", 1, folder), new Jvm("b", 2, folder));
        assertThat(overTheNetwork).contains(Key.BYTES + LARGE);
    }

    /** As of containers that have one address. */
    @Test
    void goesOverTheNetworkWhereTheOtherSeesNoSuchFile() throws IOException {
        onTheWay = () -> {
            try {
                for (Path file : files()) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        between(new Jvm("a", 1, folder), new Jvm("a", 2, folder));
        assertThat(overTheNetwork.stream().filter(length -> length > LARGE).count())
                .isEqualTo(6);
        assertThat(overTheNetwork.stream()
                        .filter(length -> length > 50 && length < 1000)
                        .count())
                .as("tried once each way")
                .isEqualTo(2);
        assertThat(mapped()).isZero();
    }

    /** A file of the same name in a folder of its own. */
    @Test
    void goesOverTheNetworkWhereTheOtherSeesAnotherFile() throws IOException {
        onTheWay = () -> {
            try {
                for (Path file : files()) {
                    Files.write(file, new byte[2 * LARGE]);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        between(new Jvm("a", 1, folder), new Jvm("a", 2, folder));
        assertThat(overTheNetwork.stream().filter(length -> length > LARGE).count())
                .isEqualTo(6);
        assertThat(files()).isEmpty();
    }

    @Test
    void goesOverTheNetworkWhereNoFileCanBeMade() {
        between(new Jvm("a", 1, folder.resolve("missing")), new Jvm("a", 2, null));
        assertThat(overTheNetwork).allMatch(length -> length < 50 || length > LARGE);
    }

    @Test
    void isForItsOwnerAloneAndUsedAgain() throws IOException {
        List<Path> seen = new ArrayList<>();
        onTheWay = () -> {
            try {
                for (Path file : files()) {
                    seen.add(file);
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------");
                    assertThat(Files.size(file)).isGreaterThan(LARGE).isLessThan(LARGE + 4 * 4096);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        };
        Jvm one = new Jvm("a", 1, folder);
        Jvm two = new Jvm("a", 2, folder);
        two.serve();
        one.endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> {});
        for (int i = 0; i < 5; i++) {
            assertPlusOne(one.ask(two, LARGE), LARGE);
        }
        assertThat(seen).hasSize(1);
        assertThat(overTheNetwork).as("where it lies, once").hasSize(1);
        assertThat(mapped()).as("one file, two JVMs").isEqualTo(2);
    }

    /** Whoever reads when the gang ends reads to the end; the memory is given back then. */
    @Test
    void isGivenBackWhenNobodyUsesIt() throws IOException {
        Jvm one = new Jvm("a", 1, folder);
        Jvm two = new Jvm("a", 2, folder);
        one.endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> {});
        two.endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> {
            one.endpoint.withdraw(KEY, "over");
            two.endpoint.withdraw(KEY, "over");
            assertThat(message.get(LARGE)).isEqualTo((byte) (LARGE - Key.BYTES));
            reply.send(Reply.answer(ByteBuffer.allocate(Reply.BYTES + LARGE))
                    .put(new byte[LARGE])
                    .flip());
        });
        assertThat(one.ask(two, LARGE).remaining()).as("over the network").isEqualTo(LARGE);
        assertThat(mapped()).isZero();
        assertThat(files()).isEmpty();
        assertThatThrownBy(() -> one.ask(two, LARGE)).hasMessageContaining("no longer, in gang 7, attempt 2");
    }

    private Jvm asking;
    private Jvm asked;

    /** Two JVMs that need no word over the network any more. */
    private void acquainted() {
        startOnOneHost();
        asked.serve();
        asking.ask(asked, LARGE);
        overTheNetwork.clear();
    }

    @Test
    void whoWaitsLongAsksWhetherTheOtherIsStillThere() {
        acquainted();
        CompletableFuture<ByteBuffer> answer = asking.send(asked, LARGE);
        while (overTheNetwork.size() < 2) {
            asking.look(answer::isDone);
        }
        assertThat(answer).as("it is").isNotDone();
        while (!answer.isDone()) {
            asked.look(answer::isDone);
            asking.look(answer::isDone);
        }
        assertPlusOne(answer.join(), LARGE);
    }

    @Test
    void whoIsGoneIsNoticed() {
        acquainted();
        CompletableFuture<ByteBuffer> answer = asking.send(asked, LARGE);
        asked.endpoint.withdraw(KEY, "over");
        while (!answer.isDone()) {
            asking.look(answer::isDone);
        }
        assertThatThrownBy(answer::join).hasMessageContaining("no longer, in gang 7, attempt 2");
        assertThat(overTheNetwork).hasSize(1);
    }

    @Test
    void anAnswerCountsThoughTheOtherHasLeft() {
        acquainted();
        CompletableFuture<ByteBuffer> answer = asking.send(asked, LARGE);
        onTheWay = () -> { // asked whether it is still there
            asked.look(() -> false);
            asked.endpoint.withdraw(KEY, "over");
        };
        while (!answer.isDone()) {
            asking.look(answer::isDone);
        }
        assertThat(overTheNetwork).hasSize(1);
        assertPlusOne(answer.join(), LARGE);
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        startOnOneHost();
        List<Integer> calls = new ArrayList<>();
        asked.endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> {
            calls.add(message.remaining());
            if (calls.size() > 1) {
                throw new IllegalStateException("what is this");
            }
            reply.send(nothing());
        });
        asking.ask(asked, LARGE);
        assertThatThrownBy(() -> asking.ask(asked, LARGE)).hasMessageContaining("what is this");
    }

    /** However often somebody looks before the answer. */
    @Test
    void aMessageIsTakenOnce() {
        List<Reply> open = repliesOfOneHost();
        for (int message = 1; message <= 3; message++) {
            CompletableFuture<ByteBuffer> answer = asking.send(asked, LARGE);
            asked.look(() -> false);
            asked.look(() -> false);
            assertThat(open).hasSize(message);
            open.get(message - 1)
                    .send(Reply.answer(ByteBuffer.allocate(Reply.BYTES + 1))
                            .put((byte) message)
                            .flip());
            asking.look(answer::isDone);
            assertThat(answer.join().get()).isEqualTo((byte) message);
        }
    }

    /** Whoever was sent it may add up from where it lies. */
    @Test
    void aMessageStaysUntilItIsAnswered() throws IOException {
        startOnOneHost();
        List<Reply> open = new ArrayList<>();
        List<ByteBuffer> messages = new ArrayList<>();
        asked.endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> {
            open.add(reply);
            messages.add(message.slice());
        });
        CompletableFuture<ByteBuffer> first = asking.send(asked, LARGE);
        assertThat(open.get(0).keepsMessage()).as("what came over the network").isFalse();
        open.get(0).send(nothing());
        assertThat(first).isDone();
        asking.send(asked, LARGE);
        asked.look(() -> false);
        assertThat(open.get(1).keepsMessage()).isTrue();
        asking.endpoint.withdraw(KEY, "over");
        asked.endpoint.withdraw(KEY, "over");
        assertThat(mapped()).as("by who was asked").isEqualTo(1);
        for (int i = 0; i < LARGE; i++) {
            assertThat(messages.get(1).get(i)).isEqualTo((byte) i);
        }
        open.get(1).refuse("over");
        assertThat(mapped()).isZero();
    }

    /** Who was told that the gang is over is not told anything else in the place of what it asks next. */
    @Test
    void isAnsweredOnce() {
        List<Reply> open = repliesOfOneHost();
        asking.send(asked, LARGE);
        open.get(0).send(nothing());
        CompletableFuture<ByteBuffer> first = asking.send(asked, LARGE);
        asked.look(() -> false);
        open.get(1).send(nothing());
        asking.look(first::isDone);
        CompletableFuture<ByteBuffer> second = asking.send(asked, LARGE);
        asked.look(() -> false);
        open.get(1).refuse("too late");
        asking.look(second::isDone);
        assertThat(second).isNotDone();
        open.get(2).send(nothing());
        asking.look(second::isDone);
        assertThat(second).isCompleted();
    }

    @Test
    void anAnswerThatCannotBeWrittenLeavesNothingBehind() throws IOException {
        List<Reply> open = repliesOfOneHost();
        asking.send(asked, LARGE);
        open.get(0).send(nothing());
        asking.send(asked, LARGE);
        asked.look(() -> false);
        Outgoing tooLong = written(ByteBuffer.allocate(2 * LARGE));
        assertThatThrownBy(() -> open.get(1).send(tooLong)).isInstanceOf(BufferOverflowException.class);
        asking.endpoint.withdraw(KEY, "over");
        asked.endpoint.withdraw(KEY, "over");
        assertThat(mapped()).isZero();
    }

    /** Where several executors are answered over the network, all are sent the same memory at once. */
    @Test
    void isWrittenForTheNetworkOnce() {
        List<String> written = new ArrayList<>();
        Outgoing outgoing = new Outgoing(
                8, () -> ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN), memory -> memory.putInt(written.size())
                        .put((byte) (written.add("content") ? 1 : 0)));
        ByteBuffer first = outgoing.bytes();
        assertThat(first.remaining()).isEqualTo(5);
        first.position(5);
        assertThat(outgoing.bytes().remaining()).isEqualTo(5);
        assertThat(written).hasSize(1);
    }

    /** The answer takes its place, by whichever way it was written. */
    @Test
    void anAnswerIsWrittenInPlace() {
        startOnOneHost();
        List<String> written = new ArrayList<>();
        asked.endpoint.serve(
                KEY,
                Receiver.class,
                () -> (message, reply) -> reply.send(new Outgoing(
                        LARGE,
                        () -> {
                            written.add("memory for the network");
                            return ByteBuffer.allocate(LARGE).order(ByteOrder.LITTLE_ENDIAN);
                        },
                        memory -> {
                            written.add("an answer");
                            Reply.begin(memory).putInt(written.size());
                        })));
        assertThat(asking.ask(asked, LARGE).getInt()).isEqualTo(2);
        assertThat(asking.ask(asked, LARGE).getInt()).isEqualTo(3);
        assertThat(written).containsExactly("memory for the network", "an answer", "an answer");
    }

    /** Two that know the gang, the one who asks and the one who is asked, which makes of messages what it is told to. */
    private void startOnOneHost() {
        asking = new Jvm("a", 1, folder);
        asked = new Jvm("a", 2, folder);
        asking.endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> {});
    }

    /** What is to be answered, of one who is asked and answers nothing by itself. */
    private List<Reply> repliesOfOneHost() {
        startOnOneHost();
        List<Reply> open = new ArrayList<>();
        asked.endpoint.serve(KEY, Receiver.class, () -> (message, reply) -> open.add(reply));
        return open;
    }

    private static ByteBuffer nothing() {
        return Reply.answer(ByteBuffer.allocate(Reply.BYTES)).flip();
    }
}
