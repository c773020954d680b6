package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Endpoint.Address;
import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.Endpoint.Reply;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The driver's side of a gang: lets its members meet, hears of their steps and failures, tells them to stop. It answers
 * on the network's threads and never makes one wait.
 */
public final class Coordinator implements AutoCloseable, Endpoint.Service {
    private static final AtomicLong LAST_ID = new AtomicLong();

    private final Endpoint endpoint;
    private final Gang gang;
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();

    // Guarded by this:
    private final Map<Request, Meeting> meetings = new TreeMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private int attempt;
    private boolean running;
    private long lastStep = Long.MAX_VALUE;

    /** What a member asks for. */
    enum Request {
        MEET,
        READY,
        STEPS,
        FAILED
    }

    /** A finished step, as {@link Member#report} told of it. */
    public record Step(StepMetrics metrics, double seconds, double exchangeSeconds) {}

    /** Whose fault a failure is. */
    enum Fault {
        CONFIGURATION,
        DATA,
        DIVERGENCE,
        MODEL,
        /** A fault of ours, or of the machine. */
        OURS,
        /** Another member's; this one only noticed. */
        ANOTHERS
    }

    /** Why a member gave up. */
    record Failure(Fault fault, String message) {

        static Failure of(Throwable thrown) {
            LockstepException ours = LockstepException.in(thrown);
            if (ours == null) {
                return thrown instanceof GangBrokenException
                        ? new Failure(Fault.ANOTHERS, thrown.getMessage())
                        : new Failure(Fault.OURS, thrown.toString());
            } else if (ours instanceof ConfigurationException) {
                return new Failure(Fault.CONFIGURATION, ours.getMessage());
            } else if (ours instanceof DataException) {
                return new Failure(Fault.DATA, ours.getMessage());
            } else if (ours instanceof DivergenceException) {
                return new Failure(Fault.DIVERGENCE, ours.getMessage());
            }
            return new Failure(Fault.MODEL, ours.getMessage());
        }

        byte[] bytes() {
            byte[] text = String.valueOf(message).getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.allocate(1 + text.length)
                    .put((byte) fault.ordinal())
                    .put(text)
                    .array();
        }

        static Failure read(ByteBuffer message) {
            Fault fault = Fault.values()[message.get()];
            return new Failure(fault, StandardCharsets.UTF_8.decode(message).toString());
        }

        /** @return null unless the user can do something about it */
        LockstepException exception() {
            return switch (fault) {
                case CONFIGURATION -> new ConfigurationException(message);
                case DATA -> new DataException(message);
                case DIVERGENCE -> new DivergenceException(message);
                case MODEL -> new ModelException(message);
                case OURS, ANOTHERS -> null;
            };
        }
    }

    /** Members that wait for the others to have come as far. */
    private static final class Meeting {
        private final byte[][] brought;
        private final Reply[] members;
        private int present;

        Meeting(int size) {
            brought = new byte[size][];
            members = new Reply[size];
        }
    }

    /**
     * Opens a gang for tasks to join.
     *
     * @param tasks the shards of each task, by rank
     * @param patienceMillis how long a member waits for another at least
     */
    public Coordinator(int shards, List<Span> tasks, long patienceMillis) {
        this.endpoint = Endpoint.ofThisJvm();
        Address address = endpoint.address();
        this.gang = new Gang(LAST_ID.incrementAndGet(), address.host(), address.port(), shards, tasks, patienceMillis);
        endpoint.serve(key(), Coordinator.class, () -> this);
    }

    private Key key() {
        return new Key(gang.id(), Key.COORDINATOR);
    }

    public Gang gang() {
        return gang;
    }

    /** The next finished step, in order within an attempt; null when none comes in time. */
    public Step poll(long millis) throws InterruptedException {
        return steps.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** The same of those that are here already. */
    public Step poll() {
        return steps.poll();
    }

    /** Asks the gang to end after a step, or after the one under way when that is later. */
    public synchronized void stopAfter(long step) {
        lastStep = step;
    }

    /** Whether all members have met, and none has failed since. */
    public synchronized boolean running() {
        return running;
    }

    /** How often the stage was started anew. */
    public synchronized int attempt() {
        return attempt;
    }

    /** The first failure of a member that the user can do something about, or null. */
    public synchronized LockstepException userFailure() {
        return failures.stream()
                .map(Failure::exception)
                .filter(exception -> exception != null)
                .findFirst()
                .orElse(null);
    }

    /** What went wrong first, or null; a member's own failure rather than what others noticed of it. */
    public synchronized String firstCause() {
        return failures.stream()
                .filter(failure -> failure.fault() != Fault.ANOTHERS)
                .findFirst()
                .or(() -> failures.stream().findFirst())
                .map(Failure::message)
                .orElse(null);
    }

    /** No member can reach this gang any more. */
    @Override
    public void close() {
        endpoint.withdraw(key());
        synchronized (this) {
            dismiss("the driver has closed the gang");
        }
    }

    @Override
    public void receive(ByteBuffer message, Reply reply) {
        Request request = Request.values()[message.get()];
        int ofAttempt = message.getInt();
        int rank = message.getInt();
        synchronized (this) {
            if (ofAttempt > attempt) {
                dismiss("attempt " + ofAttempt + " has begun");
                attempt = ofAttempt;
            } else if (ofAttempt < attempt) {
                reply.refuse("attempt " + ofAttempt + " is over, attempt " + attempt + " has begun");
                return;
            }
            switch (request) {
                case MEET, READY -> arrive(request, rank, message, reply);
                case STEPS -> {
                    while (message.hasRemaining()) {
                        steps.add(step(message));
                    }
                    reply.send(Reply.answer(ByteBuffer.allocate(1 + Long.BYTES))
                            .putLong(lastStep)
                            .flip());
                }
                case FAILED -> {
                    failures.add(Failure.read(message));
                    running = false;
                    dismiss("task " + rank + " gave up");
                    reply.send(Reply.answer(ByteBuffer.allocate(1)).flip());
                }
            }
        }
    }

    private void arrive(Request request, int rank, ByteBuffer message, Reply reply) {
        int size = gang.tasks().size();
        if (rank < 0 || rank >= size) {
            reply.refuse("this gang has no rank " + rank);
            return;
        }
        Meeting meeting = meetings.computeIfAbsent(request, absent -> new Meeting(size));
        if (meeting.members[rank] != null) {
            reply.refuse("rank " + rank + " is here already");
            return;
        }
        byte[] brought = new byte[message.remaining()];
        message.get(brought);
        meeting.brought[rank] = brought;
        meeting.members[rank] = reply;
        if (++meeting.present == size) {
            int length = 1;
            for (byte[] each : meeting.brought) {
                length += each.length;
            }
            ByteBuffer all = Reply.answer(ByteBuffer.allocate(length));
            for (byte[] each : meeting.brought) {
                all.put(each);
            }
            all.flip();
            for (Reply member : meeting.members) {
                member.send(all.duplicate());
            }
            meetings.remove(request);
            running = request == Request.READY;
        }
    }

    private void dismiss(String why) {
        running = false;
        for (Meeting meeting : meetings.values()) {
            for (Reply member : meeting.members) {
                if (member != null) {
                    member.refuse(why);
                }
            }
        }
        meetings.clear();
    }

    static ByteBuffer bytes(StepMetrics metrics, double seconds, double exchangeSeconds) {
        Map<Integer, Double> norms = metrics.layerGradientNorms();
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES
                        + 3 * Integer.BYTES
                        + 6 * Double.BYTES
                        + norms.size() * (Integer.BYTES + Double.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(metrics.id().step())
                .putInt(metrics.id().epoch())
                .putInt(metrics.id().examples())
                .putDouble(metrics.loss())
                .putDouble(metrics.accuracy())
                .putDouble(metrics.gradientNorm())
                .putDouble(metrics.learningRate())
                .putDouble(seconds)
                .putDouble(exchangeSeconds)
                .putInt(norms.size());
        norms.forEach((layer, norm) -> bytes.putInt(layer).putDouble(norm));
        return bytes.flip();
    }

    private static Step step(ByteBuffer message) {
        StepId id = new StepId(message.getLong(), message.getInt(), message.getInt());
        double loss = message.getDouble();
        double accuracy = message.getDouble();
        double norm = message.getDouble();
        double learningRate = message.getDouble();
        double seconds = message.getDouble();
        double exchangeSeconds = message.getDouble();
        Map<Integer, Double> norms = new TreeMap<>();
        for (int left = message.getInt(); left > 0; left--) {
            norms.put(message.getInt(), message.getDouble());
        }
        StepMetrics metrics = new StepMetrics(id, loss, accuracy, norm, norms, learningRate);
        return new Step(metrics, seconds, exchangeSeconds);
    }
}
