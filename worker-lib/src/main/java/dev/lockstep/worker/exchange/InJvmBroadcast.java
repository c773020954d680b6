package dev.lockstep.worker.exchange;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.broadcast.Broadcast;
import scala.reflect.ClassTag$;

/**
 * A value for the tasks of a Spark that is one process: they look it up. Spark's own broadcast would serialise it first, keep
 * it a second time, and of a large one bring each task a copy of its own from disk.
 */
public final class InJvmBroadcast<T> extends Broadcast<T> {
    private static final long serialVersionUID = 1L;
    private static final AtomicLong NEXT = new AtomicLong();
    private static final Map<Long, Object> VALUES = new ConcurrentHashMap<>();

    public InJvmBroadcast(T value) {
        super(NEXT.getAndIncrement(), ClassTag$.MODULE$.apply(Object.class));
        VALUES.put(id(), value);
    }

    @Override
    @SuppressWarnings("unchecked") // it was put there as a T
    public T getValue() {
        Object value = VALUES.get(id());
        if (value == null) {
            throw new IllegalStateException("what a task looks up was deleted, or is in another process");
        }
        return (T) value;
    }

    /** Nothing: nobody could make the value again. */
    @Override
    public void doUnpersist(boolean blocking) {}

    @Override
    public void doDestroy(boolean blocking) {
        VALUES.remove(id());
    }
}
