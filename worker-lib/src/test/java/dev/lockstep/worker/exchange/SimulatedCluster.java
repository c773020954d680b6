package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.exchange.Transport.Answer;
import dev.lockstep.worker.exchange.Transport.Reply;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * JVMs and the network between them and the driver. Messages take as long as chance says, so they overtake each other;
 * what is in a buffer is read when it arrives, as late as a network may; a message may be lost, or come once more. Whole
 * JVMs can be lost or stand still.
 */
final class SimulatedCluster {
    private final Simulation simulation;
    private final Network network;
    private final List<Jvm> jvms = new ArrayList<>();
    private final Map<String, Rpc.Receiver> coordinators = new TreeMap<>();
    private final List<Request> requests = new ArrayList<>();

    /**
     * @param delayNanos how long a message takes at most
     * @param lost how many are lost, of all
     * @param doubled how many come once more, later
     */
    record Network(long delayNanos, double lost, double doubled) {}

    SimulatedCluster(Simulation simulation, Network network, int jvms) {
        this.simulation = simulation;
        this.network = network;
        for (int jvm = 0; jvm < jvms; jvm++) {
            this.jvms.add(new Jvm(jvm));
        }
    }

    Jvm jvm(int number) {
        return jvms.get(number);
    }

    /** One that was lost has a successor. */
    void replaceLost() {
        for (int place = 0; place < jvms.size(); place++) {
            if (jvms.get(place).dead) {
                jvms.set(place, new Jvm(jvms.get(place).number + jvms.size()));
            }
        }
    }

    /** A gang before was long enough to tell how fast each JVM is; most of the time each was in it. */
    void pretendPaces(long gang) {
        for (Jvm jvm : jvms) {
            boolean known = simulation.random().nextInt(20) > 0;
            double speed = 1 + 9 * simulation.random().nextDouble();
            jvm.endpoint().keep(known ? new Pace(gang, speed) : Pace.UNKNOWN);
        }
    }

    /** Those that live hold nothing of a gang any more, and have answered whatever they were asked. */
    void requireQuiet(long gang, int attempts) {
        for (Jvm jvm : jvms) {
            for (int attempt = 0; attempt < attempts; attempt++) {
                List<String> answers = new ArrayList<>();
                if (jvm.receiver != null && !jvm.dead) {
                    ByteBuffer message = new Endpoint.Key(gang, attempt).writeTo(little(ByteBuffer.allocate(200)));
                    jvm.receiver.receive(message.rewind(), answer -> answers.add(text(answer)));
                    if (!answers.toString().contains("is not, or no longer, in gang")) {
                        throw new AssertionError(jvm + " still serves attempt " + attempt + ": " + answers);
                    }
                }
            }
        }
        for (Request request : requests) {
            if (request.received && !request.answered && !request.to.dead) {
                throw new AssertionError(request + " was never answered");
            }
        }
    }

    private long delay() {
        // Most are fast, some are not.
        double fraction = Math.pow(simulation.random().nextDouble(), 4);
        return 20_000 + (long) (fraction * network.delayNanos);
    }

    private boolean lost() {
        return network.lost > 0 && simulation.random().nextDouble() < network.lost;
    }

    private boolean doubled() {
        return network.doubled > 0 && simulation.random().nextDouble() < network.doubled;
    }

    private static ByteBuffer little(ByteBuffer bytes) {
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return little(
                ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip());
    }

    /** What is left in a buffer, which is then empty: as the network leaves it. */
    private static ByteBuffer take(ByteBuffer bytes) {
        return little(ByteBuffer.allocate(bytes.remaining()).put(bytes).flip());
    }

    private static String text(ByteBuffer answer) {
        return StandardCharsets.UTF_8.decode(answer).toString();
    }

    /** A message that wants an answer. */
    private final class Request {
        private final Jvm from;
        private final Jvm to;
        private final Answer answer;
        private boolean received;
        private boolean answered;

        Request(Jvm from, Jvm to, Answer answer) {
            this.from = from;
            this.to = to;
            this.answer = answer;
        }

        void answer(ByteBuffer sent) {
            if (answered) {
                throw new AssertionError(this + " was answered twice");
            }
            answered = true;
            if (!to.dead && !lost()) {
                from.reach(() -> Reply.read(take(sent), answer), () -> {});
            }
        }

        @Override
        public String toString() {
            return "a message from " + from + " to " + to;
        }
    }

    /** A process in which tasks run. */
    final class Jvm implements Transport, Rpc {
        private final int number;
        private final Endpoint endpoint;
        private Transport.Receiver receiver;
        private boolean dead;
        private boolean silently;
        private long frozenUntil;

        private Jvm(int number) {
            this.number = number;
            this.endpoint = new Endpoint(toString(), "host-" + number / 2, this, this, simulation, null);
        }

        Endpoint endpoint() {
            return endpoint;
        }

        boolean dead() {
            return dead;
        }

        /** @param silently nobody hears of it: connections stay open and quiet */
        void kill(boolean silently) {
            this.dead = true;
            this.silently = silently;
        }

        long frozenUntil() {
            return frozenUntil;
        }

        void freeze(long until) {
            frozenUntil = Math.max(frozenUntil, until);
        }

        @Override
        public Address open(Secret secret, Transport.Receiver all) {
            receiver = all;
            return new Address(toString(), number);
        }

        @Override
        public void send(Address to, ByteBuffer message, Answer answer) {
            simulation.pause();
            Jvm target = jvms.stream()
                    .filter(jvm -> jvm.number == to.port())
                    .findFirst()
                    .orElse(null);
            if (target == null) {
                answer.failed("cannot connect to " + to);
            } else if (!lost()) {
                Request request = new Request(this, target, answer);
                requests.add(request);
                target.reach(
                        () -> target.receive(message, request),
                        () -> reach(() -> answer.failed("lost " + to), () -> {}));
            }
        }

        private void receive(ByteBuffer message, Request request) {
            ByteBuffer bytes = take(message);
            request.received = true;
            receiver.receive(copy(bytes), request::answer);
            if (doubled()) {
                simulation.after(3 * delay(), () -> reach(() -> receiver.receive(bytes, answer -> {}), () -> {}));
            }
        }

        /** Something arrives here after a while, or it is noticed that this JVM is gone. */
        private void reach(Runnable arrival, Runnable gone) {
            simulation.after(delay(), () -> {
                if (frozenUntil > simulation.nanos()) {
                    simulation.at(frozenUntil, () -> reach(arrival, gone));
                } else if (!dead) {
                    arrival.run();
                } else if (!silently) {
                    gone.run();
                }
            });
        }

        @Override
        public Runnable serve(String name, Rpc.Receiver coordinator) {
            throw new IllegalStateException("the driver is elsewhere");
        }

        @Override
        public CoordinatorRef find(String name, long patienceNanos) {
            if (!coordinators.containsKey(name)) {
                throw new GangBrokenException("cannot find " + name);
            }
            return message -> {
                simulation.pause();
                CompletableFuture<ByteBuffer> future = new CompletableFuture<>();
                if (!lost()) {
                    simulation.after(delay(), () -> ask(name, message, future));
                }
                return future;
            };
        }

        private void ask(String name, ByteBuffer message, CompletableFuture<ByteBuffer> future) {
            Rpc.Receiver coordinator = coordinators.get(name);
            if (coordinator == null) {
                reach(() -> future.completeExceptionally(new GangBrokenException("lost the driver")), () -> {});
                return;
            }
            boolean[] answered = new boolean[1];
            coordinator.receive(copy(message), toString(), answer -> {
                if (answered[0]) {
                    throw new AssertionError("the driver answers " + this + " twice");
                }
                answered[0] = true;
                ByteBuffer bytes = copy(answer);
                reach(() -> Reply.read(bytes, Answer.to(future)), () -> {});
            });
            if (doubled()) {
                simulation.after(3 * delay(), () -> {
                    if (coordinators.get(name) == coordinator) {
                        coordinator.receive(copy(message), toString(), answer -> {});
                    }
                });
            }
        }

        @Override
        public String toString() {
            return "jvm-" + number;
        }
    }

    /** The driver's end. */
    Rpc driver() {
        return new Rpc() {
            @Override
            public Runnable serve(String name, Rpc.Receiver coordinator) {
                coordinators.put(name, coordinator);
                return () -> coordinators.remove(name);
            }

            @Override
            public CoordinatorRef find(String name, long patienceNanos) {
                throw new IllegalStateException("no task runs in the driver");
            }
        };
    }
}
