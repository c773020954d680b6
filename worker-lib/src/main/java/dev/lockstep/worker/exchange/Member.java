package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.AuditedShards.Seat;
import dev.lockstep.worker.exchange.Coordinator.Failure;
import dev.lockstep.worker.exchange.Coordinator.Request;
import dev.lockstep.worker.exchange.Endpoint.Key;
import dev.lockstep.worker.exchange.Rpc.CoordinatorRef;
import dev.lockstep.worker.exchange.Transport.Address;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.loop.AllReduce;
import dev.lockstep.worker.loop.OptimizerSteps;
import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.plan.PlacedExamples;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.reduce.Span;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.Elements;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import org.apache.spark.TaskKilledException;

/** One task of a gang, and what others call its communicator: it meets the rest and sums with them. For the task's own thread. */
public final class Member implements AllReduce {
    private static final long LOOK_MILLIS = 50;
    /** A step may take this many times as long as the slowest one before a missing member counts as lost. */
    private static final int TIMES_THE_SLOWEST = 10;

    /** Before it meets the others, a task reads its examples: that may have to be computed anew. */
    private static final int TIMES_TO_START = 10;

    private static final long FAREWELL_MILLIS = 2_000;
    /** Steps shorter than this are reported together: each message takes processor time from the shards. */
    private static final long REPORT_MILLIS = 100;

    private final Gang gang;
    private final int rank;
    private final int attempt;
    private final Cancellation cancellation;
    private final Endpoint endpoint;
    private final Clock clock;
    private final long patience;
    private final CoordinatorRef driver;
    private final List<ByteBuffer> unsentSteps = new ArrayList<>();
    private CompletableFuture<ByteBuffer> sentSteps =
            CompletableFuture.completedFuture(ByteBuffer.allocate(Long.BYTES).putLong(0, Long.MAX_VALUE));
    private long lastStep = Long.MAX_VALUE;
    private long lastSent;
    private Team team;
    private int place;
    private boolean alone; // no other executors
    private boolean besideRankZero; // in its executor
    private Colleagues colleagues = Colleagues.NONE;
    private AuditedShards audited; // null where none are
    private long stepBegan;
    private long slowest;

    /**
     * @param rank the task's partition
     * @param attempt of the stage
     * @param endpoint of the JVM that it is in
     * @throws RuntimeException when the gang is over
     */
    Member(Gang gang, int rank, int attempt, Cancellation cancellation, Endpoint endpoint) {
        this.gang = gang;
        this.rank = rank;
        this.attempt = attempt;
        this.cancellation = cancellation;
        this.endpoint = endpoint;
        this.clock = endpoint.clock();
        this.lastSent = clock.nanos();
        this.patience = TimeUnit.MILLISECONDS.toNanos(gang.patienceMillis());
        this.driver = endpoint.driver().find(gang.coordinator(), 2 * TIMES_TO_START * patience);
    }

    /** What a member does before it is ready. */
    public interface Readying {
        /**
         * @param colleagues with whom it will share each optimizer step
         * @param last told of a thing that this member has had, whether all members of this JVM have
         */
        void with(Colleagues colleagues, IntPredicate last);
    }

    /**
     * Learns where the others are; returns when every one of them is ready for the first step.
     *
     * @param parameters the length of a gradient
     * @param sums how many a tally has
     * @param arithmetic what computes here
     * @param before what computed the steps so far, or null
     * @param examples this member's
     * @param elements of its replica, where optimizer steps can be shared, as they can by all members or by none; else null
     * @param readying what to do before anybody begins, when it is known with whom steps are taken
     * @return the shards that this member computes: its own, and then others' of its JVM that nobody has begun; in an audited
     *     gang, those that it audits before
     * @throws ConfigurationException when the members would not compute the same bits
     */
    public OwnShards meet(
            int parameters,
            int sums,
            String arithmetic,
            String before,
            PlacedExamples examples,
            Elements elements,
            Readying readying) {
        Attendee attendee = new Attendee(endpoint.executor(), endpoint.host(), arithmetic, endpoint.pace());
        List<Attendee> all = Attendee.all(
                await(ask(Request.MEET, attendee.bytes()), TIMES_TO_START * patience, "the other tasks to start"));
        Attendee.requireSameArithmetic(all, before);
        List<String> places = all.stream().map(Attendee::executor).toList();
        List<String> executors = places.stream().distinct().toList();
        List<Span> shards = gang.shards(places, all.stream().map(Attendee::pace).toList());
        List<List<Span>> byExecutor = new ArrayList<>();
        executors.forEach(any -> byExecutor.add(new ArrayList<>()));
        List<Seat> seats = new ArrayList<>();
        for (int other = 0; other < places.size(); other++) {
            List<Span> of = byExecutor.get(executors.indexOf(places.get(other)));
            seats.add(new Seat(places.get(other), of.size(), shards.get(other)));
            of.add(shards.get(other));
        }
        place = seats.get(rank).place();
        boolean shared = elements != null && gang.isShared(executors.size(), parameters);
        ExchangePlan plan = gang.plan(byExecutor, parameters, sums, shared ? elements.borders() : List.of());
        Key key = new Key(gang.id(), attempt);
        int self = executors.indexOf(endpoint.executor());
        besideRankZero = self == 0;
        team = endpoint.serve(key, Team.class, () -> new Team(endpoint, key, plan, self, shared ? elements : null));
        team.queues().hold(place, examples);
        if (elements != null) {
            colleagues = team.colleagues(this::await, place, elements);
        }
        readying.with(colleagues, team.meetings()::isLast);
        alone = executors.size() == 1;
        byte[] address = alone ? new byte[0] : endpoint.open(gang.secret()).bytes();
        ByteBuffer ready = await(ask(Request.READY, address), TIMES_TO_START * patience, "the other tasks to be ready");
        if (!alone) {
            List<Address> addresses = Address.all(ready);
            team.requests()
                    .connect(
                            executors.stream()
                                    .map(each -> addresses.get(places.indexOf(each)))
                                    .toList(),
                            self);
        }
        stepBegan = clock.nanos();
        if (gang.audit().isNone()) {
            return step -> team.queues().of(place, none -> false);
        }
        audited = new AuditedShards(gang, rank, seats, team, examples);
        return audited;
    }

    /** @throws GangBrokenException when another member fails, is lost, or does not answer in time */
    @Override
    public PartialSum allReduce(long step, List<PartialSum> pieces) {
        byte[] opinions = audited == null ? null : audited.opinions();
        CompletableFuture<ByteBuffer> compared = opinions == null ? null : ask(Request.AUDIT, opinions);
        PartialSum sum = team.allReduce(this::await, place, step, pieces, step >= lastStep);
        if (compared != null) {
            await(compared, patienceInStep(), "the driver to compare what was computed twice in step " + step);
        }
        long now = clock.nanos();
        slowest = Math.max(slowest, now - stepBegan);
        stepBegan = now;
        return sum;
    }

    @Override
    public Colleagues colleagues() {
        return colleagues;
    }

    /** Whether each executor takes optimizer steps for its part of the elements alone. */
    boolean sharesBetweenExecutors() {
        return team.shared() != null;
    }

    /** Whether what it keeps of the optimizer's state is for it to give back in the end. */
    boolean givesBack() {
        boolean shares = !colleagues.isAlone();
        return rank == 0 || shares && (sharesBetweenExecutors() || besideRankZero);
    }

    /** How executors take optimizer steps; null where there is one alone. */
    OptimizerSteps optimizerSteps() {
        return alone ? null : sharesBetweenExecutors() ? OptimizerSteps.SHARDED : OptimizerSteps.REPLICATED;
    }

    /** Whether the driver asked to. */
    @Override
    public boolean stopped() {
        return team.stopped();
    }

    /** Tells the driver of a finished step, soon; returns at once. For the member of rank 0. */
    void report(StepReport step) {
        unsentSteps.add(Coordinator.bytes(step));
        if (sentSteps.isDone() && clock.nanos() - lastSent >= TimeUnit.MILLISECONDS.toNanos(REPORT_MILLIS)) {
            sendSteps();
        }
    }

    /** Waits until the driver has all that was reported. */
    void flush() {
        while (!unsentSteps.isEmpty() || !sentSteps.isDone()) {
            await(sentSteps, patience, "the driver to take the reports of steps");
            sendSteps();
        }
    }

    private void sendSteps() {
        lastStep = await(sentSteps, patience, "the driver to take the reports of steps")
                .getLong(0);
        if (!unsentSteps.isEmpty()) {
            int length = unsentSteps.stream().mapToInt(ByteBuffer::remaining).sum();
            ByteBuffer all = ByteBuffer.allocate(length);
            unsentSteps.forEach(all::put);
            unsentSteps.clear();
            sentSteps = ask(Request.STEPS, all.array());
            lastSent = clock.nanos();
        }
    }

    void leave() {
        team.leave();
    }

    /** Ends the gang because this member cannot go on, and tells the driver why. */
    void fail(Throwable cause) {
        boolean killed = cancellation.requested() || cause instanceof TaskKilledException;
        if (team != null) {
            team.fail("task " + rank + " on " + place() + " gave up: " + cause);
        }
        if (!killed) {
            CompletableFuture<ByteBuffer> heard =
                    ask(Request.FAILED, Failure.of(cause).bytes());
            long until = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(FAREWELL_MILLIS);
            try {
                // If it comes to nothing the driver is gone, or will hear it from Spark.
                boolean over = false;
                while (!over) {
                    over = clock.await(this, heard::isDone, LOOK_MILLIS) || clock.nanos() > until;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private String place() {
        return Attendee.place(endpoint.executor(), endpoint.host());
    }

    private CompletableFuture<ByteBuffer> ask(Request request, byte[] body) {
        CompletableFuture<ByteBuffer> answer =
                driver.ask(Coordinator.message(gang.secret(), request, attempt, rank, body));
        answer.whenComplete((bytes, failure) -> {
            synchronized (this) {
                notifyAll();
            }
        });
        return answer;
    }

    private ByteBuffer await(CompletableFuture<ByteBuffer> answer, long patience, String what) {
        await(millis -> clock.await(this, answer::isDone, millis), patience, what);
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof GangBrokenException broken ? broken : new IllegalStateException(e.getCause());
        }
    }

    /** Waits in a step, for a condition that the team guards. */
    private void await(BooleanSupplier condition, String what) {
        await(millis -> team.requests().await(condition, millis), patienceInStep(), what);
    }

    /** Something to wait for. */
    private interface Awaited {
        /**
         * @param millis how long at most
         * @return whether it is there
         */
        boolean await(long millis) throws InterruptedException;
    }

    private void await(Awaited awaited, long patience, String what) {
        long began = clock.nanos();
        try {
            boolean there = awaited.await(0);
            while (!there) {
                look(began, patience, what);
                there = awaited.await(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TaskKilledException("interrupted while waiting for " + what);
        }
    }

    /** Throws when there is no point in waiting on. */
    private void look(long began, long patience, String what) {
        if (cancellation.requested()) {
            throw new TaskKilledException("killed while waiting for " + what);
        }
        String failure = team == null ? null : team.failure();
        if (failure != null) {
            throw new GangBrokenException(failure);
        }
        if (clock.nanos() - began > patience) {
            throw new GangBrokenException("task " + rank + " on " + place() + " waited "
                    + TimeUnit.NANOSECONDS.toSeconds(patience) + " s for " + what);
        }
    }

    /** The others may take as long as this one did, and then some. */
    private long patienceInStep() {
        return Math.max(patience, TIMES_THE_SLOWEST * Math.max(slowest, clock.nanos() - stepBegan));
    }
}
