package dev.lockstep.worker.exchange;

import dev.lockstep.worker.exchange.Schedule.Fault;
import dev.lockstep.worker.exchange.Schedule.Kind;
import dev.lockstep.worker.exchange.SimulatedCluster.Jvm;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.failure.LockstepException;
import dev.lockstep.worker.loop.OwnShards;
import dev.lockstep.worker.loop.StepReport;
import dev.lockstep.worker.model.ParameterRange;
import dev.lockstep.worker.reduce.PartialSum;
import dev.lockstep.worker.step.Colleagues;
import dev.lockstep.worker.step.StepId;
import dev.lockstep.worker.step.StepMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskKilledException;

/**
 * One gang in a simulated cluster, with what Spark does around it: tasks that all start again when one fails. Watches that
 * nothing comes out but the right sums, and errors only for a reason.
 */
final class SimulatedStage {
    private static final int ATTEMPTS = 4;
    private static final long STEP_MILLIS = 15;
    private static final long LOOK_MILLIS = 50;

    private final Simulation simulation;
    private final SimulatedCluster cluster;
    private final Schedule schedule;
    private final ShardSums sums;
    private final List<Fault> faults;
    private final Runnable next;
    private final Gang gang;
    private final SimulatedDriver driver;

    private final List<Attempt> attempts = new ArrayList<>();
    private boolean over;
    private boolean succeeded;
    private final List<Throwable> thrown = new ArrayList<>();
    private boolean usersFault;

    /** How a gang may end. */
    enum Outcome {
        /** All steps are summed. */
        SUMMED,
        /** The same, though not at the first attempt. */
        SUMMED_AGAIN,
        /** The driver asked to, before all steps were summed. */
        STOPPED,
        /** The driver hears of a mistake of the user's. */
        USERS_FAULT,
        /** For a reason, it could not go on. */
        GIVEN_UP
    }

    /** Why members may end without having summed all steps. */
    private enum Excuse {
        /** Others can be told why. */
        TOLD,
        /** Others may have to find out by waiting. */
        SILENT
    }

    /** The tasks that were started together. */
    private static final class Attempt {
        private final int number;
        private final List<Running> tasks = new ArrayList<>();
        private final Set<Excuse> excuses = EnumSet.noneOf(Excuse.class);
        private final Map<Long, Boolean> stops = new TreeMap<>();
        private boolean failed;
        /** The parameters whose optimizer state came back, and how many that were. */
        private final BitSet givenBack = new BitSet();

        private int given;

        Attempt(int number) {
            this.number = number;
        }
    }

    private static final class Running {
        private final Attempt attempt;
        private final int rank;
        private final Jvm jvm;
        private Simulation.Task thread;
        private boolean cancelled;
        private boolean met;
        private boolean ended;
        /** How many steps it took, when it has ended well. */
        private long steps = -1;

        private long gaveUpAt = Long.MAX_VALUE;

        private Throwable failure;
        private long heldNanos;

        Running(Attempt attempt, int rank, Jvm jvm) {
            this.attempt = attempt;
            this.rank = rank;
            this.jvm = jvm;
        }

        @Override
        public String toString() {
            return "task " + rank + " of attempt " + attempt.number + " in " + jvm;
        }
    }

    /**
     * @param number of the gang, from 0
     * @param next what comes when it has ended well
     */
    SimulatedStage(Simulation simulation, SimulatedCluster cluster, Schedule schedule, int number, Runnable next) {
        this.simulation = simulation;
        this.cluster = cluster;
        this.schedule = schedule;
        this.sums = new ShardSums(schedule);
        this.faults = schedule.faults(number);
        this.next = next;
        this.gang = new Gang(
                1 + number,
                Secret.random(),
                schedule.shards(),
                schedule.parts(),
                schedule.order(),
                Schedule.PATIENCE_MILLIS,
                schedule.audit(),
                0,
                schedule.sliceLength());
        this.driver = new SimulatedDriver(
                simulation, schedule, new Coordinator(gang, cluster.driver()), this::isMistake, () -> end(false));
        for (Fault fault : faults) {
            simulation.after(nanos(fault.millis()), () -> strike(fault));
        }
        startAttempt();
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private long upTo(long millis) {
        return simulation.random().nextLong(1 + nanos(millis));
    }

    // Spark

    private void startAttempt() {
        if (over) {
            return;
        }
        cluster.replaceLost();
        if (simulation.random().nextBoolean()) {
            cluster.pretendPaces(schedule.seed());
        }
        Attempt attempt = new Attempt(attempts.size());
        attempts.add(attempt);
        if (schedule.oddArithmetic()) {
            attempt.excuses.add(Excuse.TOLD);
        }
        if (schedule.network().lost() > 0) {
            attempt.excuses.add(Excuse.SILENT);
        }
        for (int rank = 0; rank < schedule.members(); rank++) {
            // Each JVM has a task, the others are where chance has them.
            int place = rank < schedule.jvms() ? rank : simulation.random().nextInt(schedule.jvms());
            Running task = new Running(attempt, rank, cluster.jvm(place));
            attempt.tasks.add(task);
            task.thread = simulation.start(() -> run(task));
            if (task.jvm.frozenUntil() > simulation.nanos()) {
                attempt.excuses.add(Excuse.SILENT);
                hold(task, task.jvm.frozenUntil());
            }
        }
    }

    private void failed(Running task, Throwable why) {
        task.ended = true;
        task.failure = why;
        simulation.note(() -> task + " failed: " + why);
        requireExcuse(task, why);
        simulation.after(upTo(30), () -> failed(task.attempt));
    }

    private void failed(Attempt attempt) {
        if (over || attempt.failed) {
            return;
        }
        attempt.failed = true;
        if (attempts.size() == ATTEMPTS) {
            end(false);
        } else {
            cancel(attempt);
            simulation.after(upTo(300), this::startAttempt);
        }
    }

    private void cancel(Attempt attempt) {
        for (Running task : attempt.tasks) {
            simulation.after(upTo(schedule.deafMillis()), () -> task.cancelled = true);
        }
    }

    private void succeeded(Running task, long steps) {
        task.ended = true;
        task.steps = steps;
        simulation.note(() -> task + " has taken " + steps + " steps");
        simulation.after(upTo(5), () -> {
            if (!over && !task.attempt.failed && task.attempt.tasks.stream().allMatch(each -> each.steps >= 0)) {
                int learnt = new SimulatedReplica(schedule).parameters();
                require(
                        task.attempt.given == learnt && task.attempt.givenBack.cardinality() == learnt,
                        "the optimizer's state of " + task.attempt.givenBack.cardinality() + " of " + learnt
                                + " parameters came back, in " + task.attempt.given);
                end(true);
            }
        });
    }

    private void strike(Fault fault) {
        if (over) {
            return;
        }
        Attempt attempt = attempts.get(attempts.size() - 1);
        Running task = attempt.tasks.get(fault.rank());
        long until = simulation.nanos() + nanos(fault.forMillis());
        long longUntil = until + 2 * nanos(Schedule.PATIENCE_MILLIS);
        switch (fault.kind()) {
            case PREEMPTED -> {
                simulation.note(() -> task + " is to end");
                attempt.excuses.add(Excuse.SILENT); // before it met the others it tells nobody
                task.cancelled = true;
            }
            case LOST, LOST_SILENTLY -> lose(task.jvm, fault.kind() == Kind.LOST_SILENTLY);
            case HELD -> hold(task, simulation.nanos() + nanos(fault.forMillis() / 10));
            case FROZEN -> {
                attempt.excuses.add(Excuse.SILENT);
                hold(task, longUntil);
            }
            case JVM_FROZEN -> {
                task.jvm.freeze(longUntil);
                for (Attempt each : attempts) {
                    each.excuses.add(Excuse.SILENT);
                    each.tasks.stream().filter(other -> other.jvm == task.jvm).forEach(other -> hold(other, longUntil));
                }
            }
            case CLOSED -> {
                attempt.excuses.add(Excuse.SILENT);
                end(false);
            }
            default -> {} // the task does it
        }
    }

    private void hold(Running task, long until) {
        simulation.note(() -> task + " stands still until " + until / 1e6);
        task.heldNanos += until - simulation.nanos();
        task.thread.freeze(until);
    }

    private void lose(Jvm jvm, boolean silently) {
        simulation.note(() -> jvm + " is lost" + (silently ? " silently" : ""));
        jvm.kill(silently);
        for (Attempt attempt : attempts) {
            for (Running task : attempt.tasks) {
                if (task.jvm == jvm && !task.ended) {
                    task.ended = true;
                    task.thread.kill();
                    attempt.excuses.add(Excuse.SILENT);
                    simulation.after(nanos(5) + upTo(silently ? 2000 : 50), () -> failed(attempt));
                }
            }
        }
    }

    // The driver

    private void end(boolean well) {
        over = true;
        succeeded = well;
        simulation.note(() -> "gang " + gang.id() + (well ? " has ended" : " is given up"));
        if (well) {
            Attempt last = attempts.get(attempts.size() - 1);
            long steps = last.tasks.get(0).steps;
            if (last.tasks.stream().anyMatch(task -> task.steps != steps)) {
                throw new AssertionError("members took different numbers of steps");
            }
            driver.requireAllHeard(last.number, steps);
            for (Running task : last.tasks) {
                Pace told = task.jvm.endpoint().pace(); // to the next gang
                require(told.gang() == gang.id(), task.jvm + " tells how fast it was in gang " + told.gang());
            }
        }
        driver.close();
        attempts.forEach(this::cancel);
        if (well) {
            simulation.after(upTo(20), next);
        }
    }

    private boolean isMistake(LockstepException failure) {
        return thrown.stream()
                .anyMatch(each -> each.getClass() == failure.getClass()
                        && failure.getMessage().equals(each.getMessage()));
    }

    /** How it ended. */
    Outcome outcome() {
        if (!succeeded) {
            return usersFault ? Outcome.USERS_FAULT : Outcome.GIVEN_UP;
        } else if (driver.steps() < schedule.steps()) {
            return Outcome.STOPPED;
        }
        return attempts.size() == 1 ? Outcome.SUMMED : Outcome.SUMMED_AGAIN;
    }

    // A task

    private void run(Running task) {
        try {
            simulation.sleep(upTo(STEP_MILLIS));
            Fault late = fault(task, -1, Kind.LATE, Kind.TOO_LATE);
            if (late != null) {
                boolean tooLate = late.kind() == Kind.TOO_LATE;
                if (tooLate) {
                    task.attempt.excuses.add(Excuse.SILENT);
                }
                simulation.sleep(nanos(late.forMillis() * 2 + (tooLate ? 11 * Schedule.PATIENCE_MILLIS : 0)));
            }
            Member member = new Member(gang, task.rank, task.attempt.number, () -> task.cancelled, task.jvm.endpoint());
            long steps = Gang.join(member, any -> {
                try {
                    return work(task, member);
                } catch (RuntimeException e) {
                    task.gaveUpAt = simulation.nanos();
                    throw e;
                }
            });
            succeeded(task, steps);
        } catch (RuntimeException e) {
            failed(task, e);
        }
    }

    private long work(Running task, Member member) {
        simulation.sleep(upTo(STEP_MILLIS));
        throwIfTold(task, -1);
        boolean odd = schedule.oddArithmetic() && task.rank == schedule.members() - 1;
        SimulatedReplica replica = new SimulatedReplica(schedule);
        OwnShards shards;
        try {
            shards = member.meet(
                    schedule.parameters(),
                    ShardSums.TALLY,
                    odd ? "odd" : "even",
                    null,
                    sums.examples(task.rank),
                    schedule.shares() ? replica : null,
                    (colleagues, last) -> {});
        } catch (ConfigurationException e) {
            require(schedule.oddArithmetic(), task + " finds a mistake that nobody made: " + e);
            thrown.add(e);
            throw e;
        }
        task.met = true;
        long step = 0;
        boolean stopped = false;
        while (step < schedule.steps() && !stopped) {
            simulation.sleep(upTo(STEP_MILLIS));
            throwIfTold(task, step);
            List<PartialSum> pieces = sums.pieces(step, shards, () -> simulation.sleep(upTo(STEP_MILLIS / 4)));
            PartialSum sum = member.allReduce(step, pieces);
            requireRight(task, step, sum, member);
            replica.step(step, sum, member.colleagues());
            simulation.sleep(upTo(STEP_MILLIS)); // the optimizer's step
            if (!schedule.shares()) { // or else it is short-lived
                requireRight(task, step, sum, member);
            }
            pieces.forEach(piece -> Arrays.fill(piece.gradient(), Float.NaN)); // the next step's are computed in them
            require(
                    Arrays.equals(replica.values(), sums.after(step).values()),
                    task + " has other parameters after step " + step);
            stopped = member.stopped();
            Boolean others = task.attempt.stops.putIfAbsent(step, stopped);
            require(others == null || others == stopped, task + " does not agree where to stop");
            if (task.rank == 0) {
                StepId id = new StepId(step, 0, sum.examples());
                member.report(new StepReport(new StepMetrics(id, 0, Map.of(), 0, Map.of(), 0), task.attempt.number, 0));
            }
            step++;
        }
        if (schedule.diverges() && !stopped) {
            member.allReduce(step, sums.pieces(step, shards, () -> {}));
        }
        throwIfTold(task, schedule.steps());
        member.colleagues().leave();
        requireState(task, member, replica, step - 1);
        if (task.rank == 0) {
            member.flush();
        }
        return step;
    }

    /** What it steps, it knows the optimizer's state of; and each element is stepped by somebody who gives that back. */
    private void requireState(Running task, Member member, SimulatedReplica replica, long step) {
        float[] whole = sums.after(step).state();
        Colleagues colleagues = member.colleagues();
        List<ParameterRange> own =
                colleagues.isAlone() ? List.of(new ParameterRange(0, replica.parameters())) : colleagues.own();
        for (ParameterRange range : own) {
            require(
                    Arrays.equals(replica.state(), range.from(), range.to(), whole, range.from(), range.to()),
                    task + " has another optimizer state after step " + step);
        }
        if (member.givesBack()) {
            synchronized (task.attempt) {
                own.forEach(range -> task.attempt.givenBack.set(range.from(), range.to()));
                task.attempt.given += own.stream()
                        .mapToInt(range -> range.to() - range.from())
                        .sum();
            }
        }
    }

    private Fault fault(Running task, long step, Kind... kinds) {
        return faults.stream()
                .filter(fault -> List.of(kinds).contains(fault.kind())
                        && fault.attempt() == task.attempt.number
                        && fault.rank() == task.rank
                        && (step == -1 || fault.step() == step))
                .findFirst()
                .orElse(null);
    }

    private void throwIfTold(Running task, long step) {
        Fault fault = faults.stream()
                .filter(any -> any.kind() == Kind.THROWS || any.kind() == Kind.THROWS_DATA)
                .filter(any -> any.attempt() == task.attempt.number && any.rank() == task.rank && any.step() == step)
                .findFirst()
                .orElse(null);
        if (fault != null) {
            String what = task + " cannot go on at step " + step;
            RuntimeException failure =
                    fault.kind() == Kind.THROWS ? new IllegalArgumentException(what) : new DataException(what);
            task.attempt.excuses.add(Excuse.TOLD);
            thrown.add(failure);
            throw failure;
        }
    }

    // What must hold

    private void require(boolean holds, String what) {
        if (!holds) {
            AssertionError wrong = new AssertionError(what);
            simulation.fail(wrong);
            throw wrong;
        }
    }

    private void requireRight(Running task, long step, PartialSum sum, Member member) {
        PartialSum right = sums.whole(step);
        int wrong = member.sharesBetweenExecutors() // then it has the sum of its own slices alone
                ? -1
                : Arrays.mismatch(sum.gradient(), right.gradient()); // bitwise
        if (wrong >= 0) {
            require(
                    false,
                    task + " has a wrong sum of step " + step + ": element " + wrong + " is " + sum.gradient()[wrong]
                            + ", expected " + right.gradient()[wrong]);
        }
        require(
                sum.examples() == right.examples()
                        && sum.weight() == right.weight()
                        && Arrays.equals(sum.tally().sums(), right.tally().sums()),
                task + " has a wrong total of step " + step);
    }

    private void requireExcuse(Running task, Throwable why) {
        Attempt attempt = task.attempt;
        boolean told = !attempt.excuses.isEmpty() || attempt.failed || over;
        if (thrown.contains(why)) {
            if (!task.cancelled
                    && !over
                    && !attempt.failed
                    && task.heldNanos == 0
                    && schedule.network().lost() == 0) {
                String cause = String.valueOf(driver.firstCause());
                require(
                        thrown.stream().anyMatch(each -> cause.contains(each.getMessage())),
                        "the driver hears that " + cause + ", and not that " + why);
                usersFault |= why instanceof LockstepException;
            }
            return;
        }
        if (why instanceof TaskKilledException) {
            require(task.cancelled, task + " ends as if it were to, but it is not: " + why);
        } else {
            require(why instanceof GangBrokenException, task + " fails of itself: " + why);
            require(told, task + " fails for no reason: " + why);
        }
        if (String.valueOf(why.getMessage()).matches("task " + task.rank + " on executor .* waited .*")) {
            for (Running other : attempt.tasks) {
                require(
                        other.jvm != task.jvm
                                || !(other.met && task.met)
                                || task.gaveUpAt - other.gaveUpAt < nanos(2 * LOOK_MILLIS) + task.heldNanos,
                        task + " was not told that " + other + " gave up");
            }
        }
    }

    /** When all is over. */
    void requireQuiet() {
        require(over, "the gang never ended");
        require(driver.dispute() == null, "nobody computed wrongly, but " + driver.dispute());
        cluster.requireQuiet(gang.id(), attempts.size());
        boolean disturbed = attempts.stream().anyMatch(attempt -> !attempt.excuses.isEmpty());
        require(succeeded || disturbed, "failed for no reason");
        require(!usersFault || !succeeded, "the driver did not give up for a mistake of the user's: " + thrown);
    }
}
