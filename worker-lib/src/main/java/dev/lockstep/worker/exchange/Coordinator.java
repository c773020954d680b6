package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Transport.Reply;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.DivergenceException;
import dev.lockstep.worker.failure.Excerpt;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The driver's side of a gang: lets its members meet (their rendezvous), hears of their steps and failures, tells them to stop. Members
 * reach it by Spark's own messages ({@link SparkRpc}), so it opens no port. It never makes a thread of Spark's wait.
 */
public final class Coordinator implements AutoCloseable {
    private static final AtomicLong LAST_ID = new AtomicLong();
    private static final Secret SECRET = Secret.random();

    private final Gang gang;
    private final Runnable unreachable;
    private final Refusals refusals = new Refusals();
    private final BlockingQueue<StepReport> steps = new LinkedBlockingQueue<>();

    // Guarded by this:
    private final Map<Request, Meeting> meetings = new TreeMap<>();
    private final List<Failure> failures = new ArrayList<>();
    private final Audits audits = new Audits();
    private List<Attendee> attendees = List.of();
    private Dispute dispute;
    private int attempt;
    /** The last step of the attempt that was told of. */
    private long reported = -1;

    private boolean running;
    private long lastStep = Long.MAX_VALUE;

    /** What a member asks for. */
    enum Request {
        /** Brings an {@link Attendee}, takes all of them. */
        MEET,
        /** Brings where others reach its JVM, or nothing when all are in one; takes all of them. */
        READY,
        STEPS,
        /** Brings what a member gave for audited shards, takes that all of the step came out equal. */
        AUDIT,
        FAILED
    }

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
                        : new Failure(Fault.OURS, Excerpt.line(thrown.toString()));
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
     * @param shards of a global batch
     * @param parts of the shards, one for each task, in order
     * @param order of each part the rank of the task that takes it; null when any task may take any part: then neighbouring
     *     ones are taken by tasks of one executor
     * @param patienceMillis how long a member waits for another at least
     * @param audit which shards two tasks compute
     * @param sharedFrom how many parameters a model has whose optimizer steps executors share
     */
    public Coordinator(
            int shards, List<Span> parts, List<Integer> order, long patienceMillis, Audit audit, int sharedFrom) {
        this(
                new Gang(LAST_ID.incrementAndGet(), SECRET, shards, parts, order, patienceMillis, audit, sharedFrom),
                new SparkRpc());
    }

    /** Opens a gang that exists nowhere yet. */
    Coordinator(Gang gang, Rpc rpc) {
        this.gang = gang;
        this.unreachable = rpc.serve(gang.coordinator(), this::receive);
    }

    public Gang gang() {
        return gang;
    }

    /** The next finished step, in order within an attempt; null when none comes in time. */
    public StepReport poll(long millis) throws InterruptedException {
        return steps.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** The same of those that are here already. */
    public StepReport poll() {
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

    /** Where the members are that met last, by rank: Spark's names of their executors; empty before. */
    public synchronized List<String> executors() {
        return attendees.stream().map(Attendee::executor).toList();
    }

    /** A shard that came out in different bits, which ended the gang; or null. */
    public synchronized Dispute dispute() {
        return dispute;
    }

    /** How many messages were refused because whoever sent them does not know the secret. */
    long refused() {
        return refusals.count();
    }

    /** No member can reach this gang any more. */
    @Override
    public void close() {
        unreachable.run();
        synchronized (this) {
            dismiss("the driver has closed the gang");
        }
    }

    /** What a member sends: the secret, the request, its attempt and rank, and what the request brings. */
    static ByteBuffer message(Secret secret, Request request, int attempt, int rank, byte[] body) {
        ByteBuffer message = ByteBuffer.allocate(Secret.BYTES + 1 + 2 * Integer.BYTES + body.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        return secret.writeTo(message)
                .put((byte) request.ordinal())
                .putInt(attempt)
                .putInt(rank)
                .put(body)
                .flip();
    }

    private void receive(ByteBuffer message, String peer, Reply reply) {
        if (!gang.secret().begins(message.order(ByteOrder.LITTLE_ENDIAN))) {
            refusals.add(peer);
            reply.refuse("not a member of this run");
            return;
        }
        Request request = Request.values()[message.get()];
        int ofAttempt = message.getInt();
        int rank = message.getInt();
        synchronized (this) {
            if (ofAttempt > attempt) {
                dismiss("attempt " + ofAttempt + " has begun");
                attempt = ofAttempt;
                reported = -1;
            } else if (ofAttempt < attempt) {
                reply.refuse("attempt " + ofAttempt + " is over, attempt " + attempt + " has begun");
                return;
            }
            switch (request) {
                case MEET, READY -> arrive(request, rank, message, reply);
                case STEPS -> {
                    while (message.hasRemaining()) {
                        StepReport step = step(message);
                        if (step.metrics().id().step() > reported) { // or else it was told before
                            reported = step.metrics().id().step();
                            steps.add(step);
                        }
                    }
                    reply.send(Reply.answer(ByteBuffer.allocate(1 + Long.BYTES))
                            .putLong(lastStep)
                            .flip());
                }
                case AUDIT -> {
                    Dispute found = audits.take(rank, attendees, message, reply);
                    if (found != null && dispute == null) {
                        dispute = found;
                        dismiss(found.toString());
                    }
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
        int size = gang.size();
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
            if (request == Request.MEET) {
                attendees = Attendee.all(all.slice(1, length - 1).order(ByteOrder.LITTLE_ENDIAN));
            }
            for (Reply member : meeting.members) {
                member.send(all.duplicate());
            }
            meetings.remove(request);
            running = request == Request.READY;
        }
    }

    private void dismiss(String why) {
        running = false;
        audits.dismiss(why);
        for (Meeting meeting : meetings.values()) {
            for (Reply member : meeting.members) {
                if (member != null) {
                    member.refuse(why);
                }
            }
        }
        meetings.clear();
    }

    static ByteBuffer bytes(StepReport report) {
        StepMetrics metrics = report.metrics();
        Map<Integer, Double> norms = metrics.layerGradientNorms();
        Map<String, Double> figures = metrics.figures();
        int names = figures.keySet().stream()
                .mapToInt(name -> name.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES
                        + 4 * Integer.BYTES
                        + 5 * Double.BYTES
                        + figures.size() * (Integer.BYTES + Double.BYTES)
                        + names
                        + norms.size() * (Integer.BYTES + Double.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(metrics.id().step())
                .putInt(metrics.id().epoch())
                .putInt(metrics.id().examples())
                .putDouble(metrics.loss())
                .putDouble(metrics.gradientNorm())
                .putDouble(metrics.learningRate())
                .putDouble(report.seconds())
                .putDouble(report.exchangeSeconds())
                .putInt(figures.size());
        figures.forEach((name, figure) -> {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            bytes.putInt(text.length).put(text).putDouble(figure);
        });
        bytes.putInt(norms.size());
        norms.forEach((layer, norm) -> bytes.putInt(layer).putDouble(norm));
        return bytes.flip();
    }

    private static StepReport step(ByteBuffer message) {
        StepId id = new StepId(message.getLong(), message.getInt(), message.getInt());
        double loss = message.getDouble();
        double norm = message.getDouble();
        double learningRate = message.getDouble();
        double seconds = message.getDouble();
        double exchangeSeconds = message.getDouble();
        Map<String, Double> figures = new LinkedHashMap<>();
        for (int left = message.getInt(); left > 0; left--) {
            byte[] name = new byte[message.getInt()];
            message.get(name);
            figures.put(new String(name, StandardCharsets.UTF_8), message.getDouble());
        }
        Map<Integer, Double> norms = new TreeMap<>();
        for (int left = message.getInt(); left > 0; left--) {
            norms.put(message.getInt(), message.getDouble());
        }
        StepMetrics metrics = new StepMetrics(id, loss, figures, norm, norms, learningRate);
        return new StepReport(metrics, seconds, exchangeSeconds);
    }
}
