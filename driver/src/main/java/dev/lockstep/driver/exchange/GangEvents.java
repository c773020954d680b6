package dev.lockstep.driver.exchange;

import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import scala.collection.JavaConverters;

/**
 * What Spark tells of a gang that its members may not live to tell: that executors were lost, and that its examples are
 * still being read. Heard from before the gang's job starts until it is closed.
 */
final class GangEvents extends SparkListener implements AutoCloseable {
    /** The local property that marks the gang's job. */
    static final String GANG = "lockstep.gang";

    private static final long NEVER = Long.MIN_VALUE;

    private final String gang;
    private final IntSupplier slots;
    private final LongSupplier nanos;
    private final Runnable deaf;

    // Guarded by this:
    private final Set<Integer> stages = new HashSet<>();
    private int readers;
    private long news;
    private long lackingSince = NEVER;
    private String loss;

    /**
     * @param gang the value of {@link #GANG} in its job's properties
     * @param slots how many tasks can run at the same time now
     * @param nanos a clock like {@link System#nanoTime}
     * @param deaf called when nobody listens any more
     */
    GangEvents(String gang, IntSupplier slots, LongSupplier nanos, Runnable deaf) {
        this.gang = gang;
        this.slots = slots;
        this.nanos = nanos;
        this.deaf = deaf;
        this.news = nanos.getAsLong();
    }

    static GangEvents of(JavaSparkContext spark, String gang, IntSupplier slots) {
        GangEvents[] self = new GangEvents[1];
        self[0] = new GangEvents(gang, slots, System::nanoTime, () -> spark.sc().removeSparkListener(self[0]));
        spark.sc().addSparkListener(self[0]);
        return self[0];
    }

    @Override
    public void close() {
        deaf.run();
    }

    /** Waits until so many tasks can run at the same time, or a time is over. */
    synchronized void awaitSlots(int tasks, double seconds, BooleanSupplier cancelled) {
        long began = nanos.getAsLong();
        long look = 50; // Spark's events tell when to look; Ctrl-C and an executor that is excluded do not
        while (slots.getAsInt() < tasks && !cancelled.getAsBoolean() && since(began) < seconds) {
            try {
                wait(look);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for slots", e);
            }
        }
    }

    /** For how many seconds there have been fewer slots than this; 0 when there are enough. */
    synchronized double secondsWithout(int tasks) {
        if (slots.getAsInt() >= tasks) {
            lackingSince = NEVER;
            return 0;
        }
        if (lackingSince == NEVER) {
            lackingSince = nanos.getAsLong();
        }
        return since(lackingSince);
    }

    /** Something happened that shows that the gang goes on. */
    synchronized void heard() {
        news = nanos.getAsLong();
    }

    /** The seconds since something last did. */
    synchronized double silence() {
        return since(news);
    }

    /** Whether tasks run that bring the gang its examples. */
    synchronized boolean reading() {
        return readers > 0;
    }

    /** The last executor that was lost, and why, as the end of a sentence; empty when none was. */
    synchronized String loss() {
        return loss == null ? "" : "; " + loss;
    }

    private double since(long then) {
        return (nanos.getAsLong() - then) / 1e9;
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart start) {
        if (start.properties() != null && gang.equals(start.properties().getProperty(GANG))) {
            JavaConverters.seqAsJavaList(start.stageInfos()).stream()
                    .filter(stage -> JavaConverters.seqAsJavaList(stage.rddInfos()).stream()
                            .noneMatch(rdd -> rdd.isBarrier()))
                    .forEach(stage -> stages.add(stage.stageId()));
        }
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart start) {
        if (stages.contains(start.stageId())) {
            readers++;
            heard();
        }
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        if (stages.contains(end.stageId())) {
            readers--;
            heard();
        }
    }

    @Override
    public synchronized void onExecutorAdded(SparkListenerExecutorAdded added) {
        notifyAll();
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        loss = "executor " + removed.executorId() + " was lost: "
                + removed.reason().strip().replaceAll("\\s*\\R\\s*", " ");
        if (lackingSince == NEVER) {
            lackingSince = nanos.getAsLong();
        }
        notifyAll();
    }
}
