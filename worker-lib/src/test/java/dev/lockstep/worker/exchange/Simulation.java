package dev.lockstep.worker.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Threads that take turns, in virtual time. One of them runs at any moment; where it waits, or could be interrupted, chance
 * says which one goes on or what happens next. When nobody can go on, time jumps to the next that can. So a run depends on
 * its seed alone, however long it waits it takes no time, and it can be had again.
 */
final class Simulation implements Clock {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(body -> {
        Thread thread = new Thread(body, "simulated");
        thread.setDaemon(true);
        return thread;
    });

    private static final long HESITATION_NANOS = 1_000_000;

    private final SplittableRandom random;
    private final boolean traced;
    private final List<String> trace = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<Task> ready = new ArrayList<>();
    private final Thread main = Thread.currentThread();
    private Task running;
    private long now;
    private long turns;
    private long digest;
    private long deadline;
    private boolean over;
    private Throwable failure;
    private volatile boolean mainsTurn;

    private record Event(long at, long tie, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(tie, other.tie);
        }
    }

    /** Thrown out of every wait of a thread that is no more. */
    static final class Gone extends Error {
        private static final long serialVersionUID = 1L;

        Gone() {
            super(null, null, false, false);
        }
    }

    /** A thread of the simulation. */
    final class Task {
        private final Runnable body;
        private Thread thread;
        private volatile boolean turn;
        private boolean gone;
        private long frozenUntil;
        /** What it waits for: a time, or before that a condition if there is one. */
        private long until;

        private Object lock;
        private BooleanSupplier condition;

        private Task(Runnable body) {
            this.body = body;
        }

        private boolean holds() {
            if (condition == null) {
                return false;
            }
            synchronized (lock) { // nobody has it: where threads give their turn away they hold no lock
                return condition.getAsBoolean();
            }
        }

        /** It does not go on before a time. */
        void freeze(long until) {
            frozenUntil = Math.max(frozenUntil, until);
        }

        /** It does not go on at all, as if its process were killed. */
        void kill() {
            gone = true;
        }

        private void run() {
            thread = Thread.currentThread();
            try {
                if (!gone) {
                    body.run();
                }
            } catch (Gone e) {
                // as it should be
            } catch (Throwable e) {
                fail(e);
            } finally {
                tasks.remove(this);
                give(next());
            }
        }
    }

    Simulation(long seed, boolean traced) {
        this.random = new SplittableRandom(seed);
        this.traced = traced;
    }

    @Override
    public long nanos() {
        return now;
    }

    long millis() {
        return TimeUnit.NANOSECONDS.toMillis(now);
    }

    SplittableRandom random() {
        return random;
    }

    /** Starts a thread. */
    Task start(Runnable body) {
        Task task = new Task(body);
        task.until = now;
        tasks.add(task);
        return task;
    }

    /** Something happens at a time; it does not wait. */
    void at(long nanos, Runnable what) {
        events.add(new Event(Math.max(now, nanos), random.nextLong(), what));
    }

    void after(long nanos, Runnable what) {
        at(now + nanos, what);
    }

    /** What happened, for who looks for a fault. */
    void note(Supplier<String> what) {
        if (traced) {
            trace.add(String.format("%10.3f ms  %s", now / 1e6, what.get()));
        }
    }

    List<String> trace() {
        return trace;
    }

    /** Of all turns: two runs of one seed have the same. */
    long digest() {
        return digest;
    }

    /** How often a thread was chosen to go on. */
    long turns() {
        return turns;
    }

    /** Ends the simulation: something is wrong. */
    void fail(Throwable why) {
        if (failure == null) {
            failure = why;
            note(() -> "FAILED: " + why);
        }
    }

    /** Runs until there is nothing left to happen. */
    void run(long deadlineNanos) {
        deadline = deadlineNanos;
        Task first = next();
        if (first != null) {
            turnFromMain(first);
        }
        over = true;
        while (!tasks.isEmpty()) {
            Task left = tasks.get(0);
            left.gone = true;
            turnFromMain(left);
        }
        if (failure instanceof Error error) {
            throw error;
        } else if (failure != null) {
            throw new AssertionError(failure);
        }
    }

    private void turnFromMain(Task task) {
        give(task);
        while (!mainsTurn) {
            LockSupport.park(this);
        }
        mainsTurn = false;
    }

    private void give(Task task) {
        running = task;
        if (task == null) {
            mainsTurn = true;
            LockSupport.unpark(main);
        } else if (task.thread == null) {
            THREADS.execute(task::run);
        } else {
            task.turn = true;
            LockSupport.unpark(task.thread);
        }
    }

    /** Lets happen what comes before a thread goes on; null when none can any more. */
    private Task next() {
        while (!over && failure == null) {
            ready.clear();
            long soonest = Long.MAX_VALUE;
            for (Task task : tasks) {
                if (task.gone || task.frozenUntil <= now && (task.until <= now || task.holds())) {
                    ready.add(task);
                } else {
                    soonest = Math.min(soonest, Math.max(task.until, task.frozenUntil));
                    if (task.frozenUntil > now) {
                        soonest = Math.min(soonest, task.frozenUntil);
                    }
                }
            }
            if (now > deadline) {
                fail(new AssertionError("not over after " + millis() + " ms"));
                return null;
            }
            Event event = events.peek();
            boolean due = event != null && event.at <= now;
            if (!ready.isEmpty() && !(due && random.nextInt(ready.size() + 1) == 0)) {
                int chosen = random.nextInt(ready.size());
                turns++;
                digest = (digest * 31 + now) * 31 + chosen;
                return ready.get(chosen);
            }
            if (event != null && event.at <= soonest) {
                events.remove();
                now = Math.max(now, event.at);
                try {
                    event.what.run();
                } catch (Throwable e) {
                    fail(e);
                }
            } else if (soonest < Long.MAX_VALUE) {
                now = soonest;
            } else {
                return null;
            }
        }
        return null;
    }

    /** Gives the turn away until a time, or before that a condition. */
    private void wait(long until, Object lock, BooleanSupplier condition) {
        Task self = running;
        if (self.gone) {
            throw new Gone();
        }
        self.until = until;
        self.lock = lock;
        self.condition = condition;
        Task next = next();
        if (next != self) {
            give(next);
            while (!self.turn) {
                LockSupport.park(this);
            }
            self.turn = false;
        }
        self.condition = null;
        if (self.gone) {
            throw new Gone();
        }
    }

    /** What a thread does takes this long. */
    void sleep(long nanos) {
        wait(now + nanos, null, null);
    }

    /** Another thread may go on here. */
    void pause() {
        int dice = running.gone ? 0 : random.nextInt(16);
        if (dice == 0) {
            sleep(random.nextLong(HESITATION_NANOS));
        } else if (dice < 8) {
            sleep(0);
        }
    }

    @Override
    public boolean await(Object lock, BooleanSupplier condition, long millis) {
        if (millis == 0) {
            pause();
        } else {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            // Some wake for nothing: others wait at the same lock, and are told there.
            wait(
                    now + (random.nextInt(8) == 0 ? Math.min(nanos, random.nextLong(HESITATION_NANOS)) : nanos),
                    lock,
                    condition);
        }
        synchronized (lock) {
            return condition.getAsBoolean();
        }
    }

    @Override
    public void spin(int threads, BooleanSupplier condition) {
        pause();
    }
}
