package dev.lockstep.bench.mode;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** One thread for each of a workload's shards, no Spark. */
final class ComputingThreads implements AutoCloseable {
    private final int count;
    private final ExecutorService threads;

    ComputingThreads(int count) {
        this.count = count;
        this.threads = Executors.newFixedThreadPool(count);
    }

    /**
     * Runs work on all threads at once.
     *
     * @param work takes its shard's number
     * @return the seconds until the last one was done
     */
    double run(IntConsumer work) {
        List<Callable<Void>> all = new ArrayList<>();
        for (int shard = 0; shard < count; shard++) {
            int own = shard;
            all.add(() -> {
                work.accept(own);
                return null;
            });
        }
        long started = System.nanoTime();
        try {
            for (Future<Void> done : threads.invokeAll(all)) {
                done.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a computing thread failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while threads computed", e);
        }
        return (System.nanoTime() - started) / 1e9;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
